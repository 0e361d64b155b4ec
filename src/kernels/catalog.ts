// Finds every op and every kernel version under shaders/. Nothing is registered by hand.

import { collect } from '../core/collect.ts';
import { type Failure, ok, type Result, unwrap } from '../core/result.ts';
import { type Header, parseHeader } from './header.ts';
import { readSource } from './mistake.ts';
import type { Op } from './op.ts';
import { type Reflection, reflect } from './reflect.ts';

/** One version of an op: a shader file and what its header says. */
export interface KernelVersion extends Header {
  readonly op: string;
  /** The file's name without its ending: `02_shared_tile`. */
  readonly id: string;
  /** `shaders/matmul/02_shared_tile.wgsl` */
  readonly path: string;
  /** The text on disk. */
  readonly source: string;
  readonly reflection: Reflection;
}

export interface CatalogEntry {
  readonly op: Op;
  /** Sorted by file name. */
  readonly versions: readonly KernelVersion[];
}

export type Catalog = ReadonlyMap<string, CatalogEntry>;

const ops = collect<Op>(import.meta.glob('../../shaders/*/op.ts', { eager: true }));
const sources = import.meta.glob<string>('../../shaders/*/*.wgsl', {
  eager: true,
  query: '?raw',
  import: 'default',
});

/** Text of shaders/lib/*.wgsl by name. */
export const lib: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(sources)
    .filter(([path]) => path.includes('/shaders/lib/'))
    .map(([path, text]) => [path.split('/').at(-1)?.replace('.wgsl', '') ?? '', text]),
);

/** A source as a version of `op`, wherever it comes from: the editor, or a file of the reader's. Refuses a wrong header, and a uniform that nobody could fill. */
export function versionOf(
  op: string,
  id: string,
  source: string,
): Result<KernelVersion, Failure<'bad-header' | 'bad-source'>> {
  const path = `shaders/${op}/${id}.wgsl`;
  const header = parseHeader(path, source);
  if (!header.ok) return header;
  const reflection = readSource({ path, source }, () => reflect(source));
  if (!reflection.ok) return reflection;
  return ok({ ...header.value, op, id, path, source, reflection: reflection.value });
}

function shipped(path: string, source: string): KernelVersion {
  const [folder = '', file = ''] = path.split('/').slice(-2);
  return unwrap(versionOf(folder, file.replace('.wgsl', ''), source));
}

function build(): Catalog {
  const versions = Object.keys(sources)
    .filter((path) => !path.includes('/shaders/lib/'))
    .sort()
    .map((path) => shipped(path, sources[path] ?? ''));
  const orphan = versions.find((v) => !ops.has(v.op));
  if (orphan) throw new Error(`${orphan.path} has no op: add shaders/${orphan.op}/op.ts.`);
  return new Map([...ops].map(([id, op]) => [id, { op, versions: versions.filter((v) => v.op === id) }]));
}

/** All ops with their versions, by id. */
export const catalog: Catalog = build();

/** One version, or undefined. */
export const findVersion = (op: string, id: string): KernelVersion | undefined =>
  catalog.get(op)?.versions.find((v) => v.id === id);
