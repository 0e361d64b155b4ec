// A pasted kernel that belongs to no op: its bindings get sizes and fills, its dispatch a grid.

import { Float16Array } from '../../core/float16.ts';
import { err, failure, ok, type Result } from '../../core/result.ts';
import { fillWith } from '../../kernels/fills.ts';
import type { Fill } from '../../kernels/op.ts';
import { declared } from '../../kernels/reflect.ts';
import type { BufferInput } from '../../stepper/index.ts';
import { unpack } from '../packed.ts';
import type { Settings, Subject } from './subject.ts';

export const ownFills = ['zeros', 'iota', 'random', 'data'] as const;
export type OwnFill = (typeof ownFills)[number];

export interface OwnBinding {
  readonly fill: OwnFill;
  /** Elements, of the scalar type. */
  readonly count: number;
  /** Numbers for `data`, separated by commas or spaces. */
  readonly data: string;
}

export interface OwnSettings {
  readonly grid: readonly [number, number, number];
  readonly seed: number;
  /** By binding name. */
  readonly bindings: Readonly<Record<string, OwnBinding>>;
}

export const emptyOwn: OwnSettings = { grid: [1, 1, 1], seed: 1, bindings: {} };
export const defaultBinding: OwnBinding = { fill: 'iota', count: 256, data: '' };

const mostBytes = 2 ** 24;
const whole = (value: unknown, low: number, high: number, initial: number): number =>
  typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high ? value : initial;

/** Settings out of a link: whatever is wrong in them becomes a default, never an exception. */
export function parseOwn(text: string): Result<OwnSettings> {
  try {
    const raw: unknown = JSON.parse(text);
    const record = (x: unknown): Readonly<Record<string, unknown>> =>
      typeof x === 'object' && x !== null ? (x as Readonly<Record<string, unknown>>) : {};
    const { grid, seed, bindings } = record(raw);
    const side = (i: number): number => whole(Array.isArray(grid) ? grid[i] : 1, 1, 65535, 1);
    const parsed = Object.entries(record(bindings))
      .slice(0, 32)
      .map(([name, b]): [string, OwnBinding] => {
        const { fill, count, data } = record(b);
        return [
          name,
          {
            fill: ownFills.find((f) => f === fill) ?? 'zeros',
            count: whole(count, 1, mostBytes / 4, 256),
            data: typeof data === 'string' ? data.slice(0, 200_000) : '',
          },
        ];
      });
    return ok({
      grid: [side(0), side(1), side(2)],
      seed: whole(seed, 0, 2 ** 31, 1),
      bindings: Object.fromEntries(parsed),
    });
  } catch {
    return err(
      failure('bad-link', 'The inputs in the link cannot be read.', 'Set them again below the source.'),
    );
  }
}

export async function readOwn(packed: string): Promise<Result<OwnSettings>> {
  if (packed === '') return ok(emptyOwn);
  const text = await unpack(packed, 'The inputs in the link');
  return text.ok ? parseOwn(text.value) : text;
}

/** `f32`, `u32` … of what a binding holds; words for anything else. */
function scalarOf(type: string): 'f32' | 'u32' | 'i32' | 'f16' {
  if (/\bf16\b|vec[234]h/.test(type)) return 'f16';
  if (/\bf32\b|vec[234]f|mat\dx\df/.test(type)) return 'f32';
  return /\bi32\b|vec[234]i/.test(type) ? 'i32' : 'u32';
}

/** The bytes of so many scalars, one after the other; a whole number of words, as a binding must be. */
export function bytesFor(binding: OwnBinding, type: string, seed: number): Uint8Array {
  const scalar = scalarOf(type);
  const random = (): Float64Array => {
    const normal = fillWith('normal' satisfies Fill, binding.count, seed);
    return scalar === 'u32' || scalar === 'i32' ? normal.map((x) => Math.floor(Math.abs(x) * 100)) : normal;
  };
  const data = (): Float64Array => {
    const numbers = binding.data
      .split(/[\s,;]+/)
      .filter(Boolean)
      .map(Number);
    return Float64Array.from({ length: binding.count }, (_, i) => numbers[i] ?? 0);
  };
  const values =
    binding.fill === 'zeros'
      ? new Float64Array(binding.count)
      : binding.fill === 'iota'
        ? Float64Array.from({ length: binding.count }, (_, i) => i)
        : binding.fill === 'random'
          ? random()
          : data();
  const bytes = new Uint8Array(roundUp(values.length * (scalar === 'f16' ? 2 : 4), 4));
  if (scalar === 'f16') new Float16Array(bytes.buffer).set(values);
  const view = new DataView(bytes.buffer);
  values.forEach((x, i) => {
    if (scalar === 'f32') view.setFloat32(i * 4, x, true);
    else if (scalar === 'i32') view.setInt32(i * 4, x, true);
    else if (scalar === 'u32') view.setUint32(i * 4, x, true);
  });
  return bytes;
}

const roundUp = (bytes: number, unit: number): number => Math.ceil(bytes / unit) * unit;

/** A uniform buffer's size is a multiple of 16; a storage buffer's says how long its array is. */
function padded(bytes: Uint8Array): Uint8Array {
  const all = new Uint8Array(roundUp(bytes.length, 16));
  all.set(bytes);
  return all;
}

export const ownExample = `// Your own kernel: bindings get their sizes and fills below.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

var<workgroup> partial: array<f32, 64>;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3u) {
  partial[lane] = x[group.x * 64u + lane];
  workgroupBarrier();
  for (var stride = 32u; stride > 0u; stride /= 2u) {
    if (lane < stride) {
      partial[lane] += partial[lane + stride];
    }
    workgroupBarrier();
  }
  if (lane == 0u) {
    y[group.x] = partial[0];
  }
}
`;

/** The launch of a pasted kernel. */
export function ownSubject(edited: string, own: OwnSettings, settings: Settings): Result<Subject> {
  const source = edited === '' ? ownExample : edited;
  const { entries, bindings } = declared(source);
  const buffers = bindings.map((b, i): BufferInput => {
    const bytes = bytesFor(own.bindings[b.name] ?? defaultBinding, b.type, own.seed + i);
    return {
      group: b.group,
      binding: b.binding,
      bytes: b.access === 'uniform' ? padded(bytes) : bytes,
    };
  });
  const grid = own.grid;
  if (grid[0] * grid[1] * grid[2] > 65536)
    return err(
      failure('too-large', `${grid.join('×')} workgroups are too many to check.`, 'Choose up to 65,536.'),
    );
  return ok({
    title: 'Your kernel',
    source,
    display: source,
    firstLine: 1,
    launch: {
      source,
      constants: {},
      // a source without an entry point is for the front end to complain about
      passes: (entries.length > 0 ? entries : ['main']).map((entry) => ({ entry, workgroups: grid })),
      pass: Math.min(settings.pass, Math.max(0, entries.length - 1)),
      buffers,
      subgroupSize: settings.subgroupSize,
      order: settings.order,
      workgroup: settings.workgroup,
    },
    contract: null,
    dims: {},
    layouts: new Map(),
    after: new Map(),
  });
}
