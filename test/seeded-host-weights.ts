// The weights of a seeded model on the host: what the reference computes with, and the runner on the GPU beside it.

import { assert } from '../src/core/assert.ts';
import { packRows, unpackRows } from '../src/kernels/packing.ts';
import type { ModelConfig } from '../src/model/config.ts';
import { storedFormat, type WeightFormat } from '../src/model/formats.ts';
import { seededMatrix, seededVector } from '../src/model/seeded.ts';
import { matricesOf, vectorsOf } from '../src/model/tensors.ts';
import type { HostWeights } from './reference-model.ts';

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
function roundMatrix(
  cells: ArrayLike<number>,
  rows: number,
  columns: number,
  format: WeightFormat,
): Float64Array {
  const stored = storedFormat(format, columns);
  const packed = packRows(stored.format, cells, rows, columns, stored.group);
  return unpackRows(stored.format, packed, rows, columns, stored.group);
}
