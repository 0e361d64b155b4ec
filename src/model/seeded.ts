// Weights from a seed, seen from the host: the numbers that the GPU kernel seeded_weights makes. Matrices are
// uniform with variance 1 / columns, norms lie around 1, biases are small.

import { hashKeys } from '../core/prng.ts';
import { seededCell } from '../kernels/seeded.ts';
import type { Matrix, Vector } from './tensors.ts';

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
