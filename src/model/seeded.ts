// Weights from a seed, seen from the host: the numbers that the GPU kernel seeded_weights makes. Matrices are
// uniform with variance 1 / columns, norms lie around 1, biases are small.

import { assert } from '../core/assert.ts';
import { hashKeys } from '../core/prng.ts';
import { packRows, unpackRows } from '../kernels/packing.ts';
import { seededCell } from '../kernels/seeded.ts';
import type { ModelConfig } from './config.ts';
import { storedFormat, type WeightFormat } from './formats.ts';
import type { HostWeights } from './reference.ts';
import { type Matrix, matricesOf, type Vector, vectorsOf } from './tensors.ts';

const letters = (text: string): number[] => [...text].map((c) => c.charCodeAt(0));

/** The stream of random numbers of one tensor. */
export const streamOf = (seed: number, key: string): number => hashKeys(seed, ...letters(key));

/** Largest magnitude in a matrix of `columns` columns. */
export const limitOf = (columns: number): number => Math.fround(Math.sqrt(3 / columns));

/** [rows][columns] cells of a matrix, in f32. */
export function seededMatrix(seed: number, m: Matrix): Float32Array {
  const stream = streamOf(seed, m.key);
  const limit = limitOf(m.columns);
  return Float32Array.from({ length: m.rows * m.columns }, (_, i) => seededCell(stream, i, limit));
}

export function seededVector(seed: number, v: Vector): Float32Array {
  const stream = streamOf(seed, v.key);
  const middle = v.use === 'norm' ? 1 : 0;
  return Float32Array.from({ length: v.length }, (_, i) => middle + seededCell(stream, i, 0.25));
}

/** All weights of a model from a seed on the host, rounded to `format` as the GPU's copy is. */
export function seededHostWeights(config: ModelConfig, seed: number, format: WeightFormat): HostWeights {
  const matrices = new Map(matricesOf(config).map((m) => [m.key, m]));
  const vectors = new Map(vectorsOf(config).map((v) => [v.key, v]));
  const made = new Map<string, ArrayLike<number>>();
  const once = (key: string, make: () => ArrayLike<number>): ArrayLike<number> => {
    const known = made.get(key) ?? make();
    made.set(key, known);
    return known;
  };
  return {
    matrix: (key) =>
      once(key, () => {
        const m = matrices.get(key);
        assert(m, `no matrix "${key}"`);
        return roundMatrix(seededMatrix(seed, m), m.rows, m.columns, format);
      }),
    vector: (key) =>
      once(key, () => {
        const v = vectors.get(key);
        assert(v, `no vector "${key}"`);
        return seededVector(seed, v);
      }),
  };
}

/** The numbers that a matrix stored in `format` stands for. */
export function roundMatrix(
  cells: ArrayLike<number>,
  rows: number,
  columns: number,
  format: WeightFormat,
): Float64Array {
  const stored = storedFormat(format, columns);
  const packed = packRows(stored.format, cells, rows, columns, stored.group);
  return unpackRows(stored.format, packed, rows, columns, stored.group);
}
