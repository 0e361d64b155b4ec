// From what the address says to what the worker is asked. Pure; unknown names are dropped, an empty choice means all.

import type { CatalogEntry } from '../../kernels/catalog.ts';
import { evaluate } from '../../kernels/expr.ts';
import type { Dims, Dtype } from '../../kernels/op.ts';
import type { BenchRequest } from '../../worker/protocol.ts';
import { dimsOf } from './shapes.ts';

export interface Choice {
  readonly dtype: string;
  readonly shapes: readonly string[];
  readonly versions: readonly string[];
  readonly tuning: BenchRequest['tuning'];
  readonly effort: BenchRequest['effort'];
}

export const dtypeOf = (entry: CatalogEntry, dtype: string): Dtype =>
  entry.op.dtypes.find((d) => d === dtype) ?? entry.op.dtypes[0] ?? 'f32';

/** Helpers and ceilings are ops too, but have no shapes to bench. */
export const benchable = ({ op }: CatalogEntry): boolean => Object.keys(op.shapes.bench).length > 0;

/** The shapes that run: those chosen that can be read, else the op's quick ones, else its first. */
export function chosenShapes({ op }: CatalogEntry, names: readonly string[]): ReadonlyMap<string, Dims> {
  const readable = names.flatMap((name): [string, Dims][] => {
    const dims = dimsOf(op, name);
    return dims ? [[name, dims]] : [];
  });
  if (readable.length > 0) return new Map(readable);
  const offered = Object.entries(op.shapes.bench);
  const quick = offered.filter(([name]) => op.shapes.quick.includes(name));
  return new Map(quick.length > 0 ? quick : offered.slice(0, 1));
}

/** Versions that would run at least once: named ones, else those meant for one of the shapes. */
export function chosenVersions(entry: CatalogEntry, choice: Choice): readonly string[] {
  const dtype = dtypeOf(entry, choice.dtype);
  const shapes = [...chosenShapes(entry, choice.shapes).values()];
  return entry.versions
    .filter((v) => v.dtypes.includes(dtype))
    .filter((v) =>
      choice.versions.length > 0
        ? choice.versions.includes(v.id)
        : shapes.some((dims) => evaluate(v.meantFor, dims) !== 0),
    )
    .map((v) => v.id);
}

/** The same run as a command line. */
function command(entry: CatalogEntry, choice: Choice): string {
  const quote = (text: string): string => (/[^\w×.-]/.test(text) ? `"${text}"` : text);
  const shapes = [...chosenShapes(entry, choice.shapes).keys()].flatMap((name) => ['--shape', quote(name)]);
  const versions = choice.versions.length > 0 ? ['--versions', choice.versions.join(',')] : [];
  const quick = choice.effort === 'quick' ? ['--quick'] : [];
  return ['npm run bench -- kernels --op', entry.op.id, ...shapes, ...versions, ...quick].join(' ');
}

export function requestOf(entry: CatalogEntry, choice: Choice): Omit<BenchRequest, 'tuned'> {
  return {
    items: [
      {
        op: entry.op.id,
        versions: choice.versions.length > 0 ? chosenVersions(entry, choice) : [],
        shapes: Object.fromEntries(chosenShapes(entry, choice.shapes)),
        dtypes: [dtypeOf(entry, choice.dtype)],
      },
    ],
    effort: choice.effort,
    tuning: choice.tuning,
    command: command(entry, choice),
  };
}
