// A model's weights on the GPU: every matrix as one or more parts that fit a binding, filled from a source. It
// knows layouts and limits; where the numbers come from is the source's business (seeded, safetensors).

import { assert } from '../core/assert.ts';
import type { Failure, Result } from '../core/result.ts';
import { err, failure, ok } from '../core/result.ts';
import type { Scope } from '../gpu/scope.ts';
import type { ModelConfig } from './config.ts';
import { rowBytes, type StoredFormat, storedFormat, type WeightFormat } from './formats.ts';
import type { Cancelled } from './stopped.ts';
import { type Matrix, matricesOf, type Vector, vectorsOf } from './tensors.ts';

/** Rows first … first + rows − 1 of a matrix. */
export interface MatrixPart {
  readonly matrix: Matrix;
  readonly stored: StoredFormat;
  readonly first: number;
  readonly rows: number;
  readonly cells: GPUBuffer;
  /** One f32 a row and group; a buffer of one dummy cell unless i8. */
  readonly scales: GPUBuffer;
}

export type SourceFailure = Failure<
  'bad-checkpoint' | 'unsupported-config' | 'shader-error' | 'pipeline-error' | 'cancelled'
>;

/** Told of rows as they are written; a failure of its ends the filling. */
export type Written = (rows: number) => Result<true, Cancelled>;

/** Where weights come from. */
export interface WeightSource {
  readonly name: string;
  /** Checks names, shapes and sizes against the config, before anything is allocated. */
  check(config: ModelConfig): Promise<Result<true, SourceFailure>>;
  /** Writes the cells (and scales) of one part; a source that takes long over one tells `written` in between. */
  fill(part: MatrixPart, written?: Written): Promise<Result<true, SourceFailure>>;
  vector(vector: Vector): Promise<Result<Float32Array, SourceFailure>>;
}

export interface Weights {
  /** Parts of a matrix, in order of rows. */
  parts(key: string): readonly MatrixPart[];
  vector(key: string): GPUBuffer;
}

/** Bytes of all weights in this format. */
export function weightBytes(config: ModelConfig, format: WeightFormat): number {
  const matrices = matricesOf(config).reduce((sum, m) => {
    const bytes = rowBytes(storedFormat(format, m.columns), m.columns);
    return sum + m.rows * (bytes.cells + bytes.scales);
  }, 0);
  return vectorsOf(config).reduce((sum, v) => sum + v.length * 4, matrices);
}

/** Most rows of a matrix that fit one binding: a multiple of 64 unless all fit. */
function rowsThatFit(limit: number, bytesPerRow: number, rows: number): number {
  const most = Math.floor(limit / bytesPerRow);
  return most >= rows ? rows : Math.floor(most / 64) * 64;
}

/** Allocates and fills all weights in `scope`; a matrix that passes `largestBinding` bytes is split by rows. */
export async function loadWeights(
  scope: Scope,
  config: ModelConfig,
  format: WeightFormat,
  source: WeightSource,
  largestBinding = Number.POSITIVE_INFINITY,
): Promise<Result<Weights, SourceFailure | Failure<'over-limit' | 'over-budget'>>> {
  const checked = await source.check(config);
  if (!checked.ok) return checked;
  const { limits } = scope.gpu.device;
  const limit = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize, largestBinding);
  const parts = new Map<string, MatrixPart[]>();
  const vectors = new Map<string, GPUBuffer>();
  for (const matrix of matricesOf(config)) {
    const stored = storedFormat(format, matrix.columns);
    const bytes = rowBytes(stored, matrix.columns);
    const most = rowsThatFit(limit, bytes.cells, matrix.rows);
    if (most < 1 || (most < matrix.rows && matrix.key !== 'embedding' && matrix.key !== 'head')) {
      return err(
        failure(
          'over-limit',
          `${matrix.key} of ${config.name} needs ${matrix.rows * bytes.cells} bytes in one binding; this device allows ${limit}.`,
          'Choose int8 weights or a smaller model.',
        ),
      );
    }
    const list: MatrixPart[] = [];
    for (let first = 0; first < matrix.rows; first += most) {
      const rows = Math.min(most, matrix.rows - first);
      const cells = scope.storage(`${matrix.key}[${first}]`, rows * bytes.cells);
      if (!cells.ok) return cells;
      const scales = scope.storage(`${matrix.key}[${first}] scales`, rows * bytes.scales);
      if (!scales.ok) return scales;
      const part = { matrix, stored, first, rows, cells: cells.value, scales: scales.value };
      const filled = await source.fill(part);
      if (!filled.ok) return filled;
      list.push(part);
    }
    parts.set(matrix.key, list);
  }
  for (const vector of vectorsOf(config)) {
    const values = await source.vector(vector);
    if (!values.ok) return values;
    const made = scope.upload(vector.key, values.value.slice().buffer);
    if (!made.ok) return made;
    vectors.set(vector.key, made.value);
  }
  return ok({
    parts: (key) => {
      const list = parts.get(key);
      assert(list, `${config.name} has no matrix "${key}"`);
      return list;
    },
    vector: (key) => {
      const buffer = vectors.get(key);
      assert(buffer, `${config.name} has no vector "${key}"`);
      return buffer;
    },
  });
}
