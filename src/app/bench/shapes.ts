// Shapes by name, typed by hand, and in sweeps. Pure.

import type { Dims, Op } from '../../kernels/op.ts';
import { type Measured, type Metric, rowName } from '../../views/facts.ts';
import type { SweepPoint } from '../../views/sweep.tsx';

/** The shape whose dims stand in for what a reader does not type. */
export const baseOf = (op: Op): Dims => Object.values(op.shapes.bench)[0] ?? op.shapes.step;

/** The dims that are sizes (not formats, flags or constants): whole, and at least 4 in some shape of the bench. */
export function sizeNames(op: Op): readonly string[] {
  const shapes = [baseOf(op), ...Object.values(op.shapes.bench)];
  return Object.keys(baseOf(op)).filter((name) => {
    const values = shapes.map((dims) => dims[name] ?? 0);
    return values.every(Number.isInteger) && values.some((value) => value >= 4);
  });
}

/** Dims that a sweep moves together: those of the op's first shape that are equal to each other. */
export interface Family {
  /** `m = n = k` */
  readonly title: string;
  readonly dims: readonly string[];
}

/** The ways to sweep an op: its equal dims together, then each dim that its shapes vary, alone. */
export function families(op: Op): readonly Family[] {
  const first = baseOf(op);
  const names = sizeNames(op);
  const groups = names.map((name) => names.filter((other) => first[other] === first[name]));
  const largest = groups.reduce((a, b) => (b.length > a.length ? b : a), []);
  const varied = names.filter(
    (name) => new Set(Object.values(op.shapes.bench).map((dims) => dims[name])).size > 1,
  );
  const together = largest.length > 1 ? [largest] : [];
  return [...together, ...varied.map((name) => [name])].map((dims) => ({ title: dims.join(' = '), dims }));
}

/** The name of a shape: as the op calls it, one number when all dims move together, else `2×3×4`. */
export function nameOf(op: Op, dims: Dims): string {
  const known = Object.entries(op.shapes.bench).find(([, d]) =>
    Object.keys(d).every((n) => d[n] === dims[n]),
  );
  if (known) return known[0];
  const names = sizeNames(op);
  const values = names.map((name) => dims[name] ?? 0);
  return new Set(values).size === 1 && names.length > 1 ? String(values[0]) : values.join('×');
}

/** The dims behind a name that nameOf gave, or null when it is none. */
export function dimsOf(op: Op, name: string): Dims | null {
  const known = op.shapes.bench[name];
  if (known) return known;
  const names = sizeNames(op);
  const base = baseOf(op);
  const numbers = name.split(/[×x,]/).map(Number);
  if (numbers.some((n) => !Number.isInteger(n) || n < 1 || n > 2 ** 24)) return null;
  const [only] = numbers;
  if (numbers.length === 1 && only !== undefined)
    return { ...base, ...Object.fromEntries(names.map((n) => [n, only])) };
  if (numbers.length !== names.length) return null;
  return { ...base, ...Object.fromEntries(names.map((n, i) => [n, numbers[i] ?? 0])) };
}

/** Powers of two and the sizes half-way between, within [from, to]. */
export function sweepSizes(from: number, to: number): readonly number[] {
  const sizes: number[] = [];
  for (let size = 16; size <= to; size *= 2) {
    if (size >= from) sizes.push(size);
    if (size * 1.5 >= from && size * 1.5 <= to) sizes.push(size * 1.5);
  }
  return sizes;
}

/** `base` with the dims of `family` set to `size`. */
export const resized = (base: Dims, family: Family, size: number): Dims => ({
  ...base,
  ...Object.fromEntries(family.dims.map((name) => [name, size])),
});

/** The measured points that differ from `base` only along `family`, by version or peer. */
export function sweepLines(
  rows: readonly Measured[],
  base: Dims,
  family: Family,
): ReadonlyMap<string, readonly SweepPoint[]> {
  const lines = new Map<string, SweepPoint[]>();
  for (const row of rows) {
    const size = row.dims[family.dims[0] ?? ''];
    const along = family.dims.every((name) => row.dims[name] === size);
    const same = Object.keys(base).every(
      (name) => family.dims.includes(name) || row.dims[name] === base[name],
    );
    if (size === undefined || !along || !same) continue;
    const line = lines.get(rowName(row)) ?? [];
    line.push({ size, row });
    lines.set(rowName(row), line);
  }
  for (const line of lines.values()) line.sort((a, b) => a.size - b.size);
  return lines;
}

/** The metric that says most about an op: bytes for what computes little with each of them. */
export const defaultMetric = (rows: readonly Measured[]): Metric =>
  rows.length > 0 && rows.every((row) => row.ceiling === 'readBandwidth' || row.gflops < row.gbps)
    ? 'gbps'
    : 'gflops';
