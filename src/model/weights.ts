// A model's weights on the GPU: every matrix as one or more parts that fit a binding, filled from a source. It
// knows layouts and limits; where the numbers come from is the source's business (seeded, safetensors).

import { assert } from '../core/assert.ts';
import type { Failure, Result } from '../core/result.ts';
import { err, failure, ok } from '../core/result.ts';
import { largestStorage, type Scope } from '../gpu/scope.ts';
import type { ModelConfig } from './config.ts';
import { rowBytes, type StoredFormat, storedFormat, type WeightFormat } from './formats.ts';
import { type Cancelled, cancelled, never, type Stop } from './stopped.ts';
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
  /** Checks names, shapes and sizes against the config, before anything is allocated, unless stopped. */
  check(config: ModelConfig, stop?: Stop): Promise<Result<true, SourceFailure>>;
  /** Writes the cells (and scales) of one part; a source that takes long over one tells `written` in between. */
  fill(part: MatrixPart, written?: Written): Promise<Result<true, SourceFailure>>;
  vector(vector: Vector): Promise<Result<Float32Array, SourceFailure>>;
}

export interface Weights {
  /** Parts of a matrix, in order of rows. */
  parts(key: string): readonly MatrixPart[];
  vector(key: string): GPUBuffer;
}

/** Every buffer of the weights with its bytes, as if no matrix were split. */
export function weightBuffers(config: ModelConfig, format: WeightFormat): readonly [string, number][] {
  return [
    ...matricesOf(config).flatMap((m): [string, number][] => {
      const { cells, scales } = rowBytes(storedFormat(format, m.columns), m.columns);
      return [
        [m.key, m.rows * cells],
        [`${m.key} scales`, m.rows * scales],
      ];
    }),
    ...vectorsOf(config).map((v): [string, number] => [v.key, v.length * 4]),
  ];
}

/** Most rows of a matrix that fit one binding: a multiple of 64 unless all fit. */
function rowsThatFit(limit: number, bytesPerRow: number, rows: number): number {
  const most = Math.floor(limit / bytesPerRow);
  return most >= rows ? rows : Math.floor(most / 64) * 64;
}

/** A part that is still to be made. */
type PlannedPart = Omit<MatrixPart, 'cells' | 'scales'>;

/** Which rows of which matrix share a binding of `limit` bytes; refuses a matrix that must be whole and is larger. */
export function planParts(
  config: ModelConfig,
  format: WeightFormat,
  limit: number,
): Result<readonly PlannedPart[], Failure<'over-limit'>> {
  const planned: PlannedPart[] = [];
  for (const matrix of matricesOf(config)) {
    const stored = storedFormat(format, matrix.columns);
    const { cells } = rowBytes(stored, matrix.columns);
    const most = rowsThatFit(limit, cells, matrix.rows);
    if (most < 1 || (most < matrix.rows && matrix.key !== 'embedding' && matrix.key !== 'head')) {
      const bytes = matrix.rows * cells;
      return err(
        failure(
          'over-limit',
          `${matrix.key} of ${config.name} needs ${bytes} bytes in one binding, ${bytes - limit} more than the ${limit} that this device allows.`,
          'Choose int8 weights or a smaller model.',
        ),
      );
    }
    for (let first = 0; first < matrix.rows; first += most)
      planned.push({ matrix, stored, first, rows: Math.min(most, matrix.rows - first) });
  }
  return ok(planned);
}

/** Allocates and fills all weights in `scope`, unless stopped; a matrix that passes `largestBinding` bytes is split by rows. */
export async function loadWeights(
  scope: Scope,
  config: ModelConfig,
  format: WeightFormat,
  source: WeightSource,
  largestBinding = Number.POSITIVE_INFINITY,
  stop: Stop = never,
): Promise<Result<Weights, SourceFailure | Failure<'over-limit' | 'over-budget'>>> {
  const goOn = (): Result<true, Cancelled> => (stop() ? err(cancelled('Loading')) : ok(true));
  const checked = await source.check(config, stop);
  if (!checked.ok) return checked;
  const limit = Math.min(largestStorage(scope.gpu.device.limits), largestBinding);
  const planned = planParts(config, format, limit);
  if (!planned.ok) return planned;
  const parts = new Map<string, MatrixPart[]>();
  const vectors = new Map<string, GPUBuffer>();
  for (const plan of planned.value) {
    const on = goOn();
    if (!on.ok) return on;
    const { matrix, stored, first, rows } = plan;
    const bytes = rowBytes(stored, matrix.columns);
    const cells = scope.storage(`${matrix.key}[${first}]`, rows * bytes.cells);
    if (!cells.ok) return cells;
    const scales = scope.storage(`${matrix.key}[${first}] scales`, rows * bytes.scales);
    if (!scales.ok) return scales;
    const part = { ...plan, cells: cells.value, scales: scales.value };
    const filled = await source.fill(part, goOn);
    if (!filled.ok) return filled;
    parts.set(matrix.key, [...(parts.get(matrix.key) ?? []), part]);
  }
  for (const vector of vectorsOf(config)) {
    const on = goOn();
    if (!on.ok) return on;
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
