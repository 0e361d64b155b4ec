// A checkpoint as users have it: a config.json and one or more safetensors files. Checked whole before anything
// is allocated, then read row by row, quantized on the way if asked.

import type { Result } from '../core/result.ts';
import { err, failure, ok } from '../core/result.ts';
import type { Gpu } from '../gpu/device.ts';
import { packRows, rowUnits } from '../kernels/packing.ts';
import type { ModelConfig } from './config.ts';
import { type ConfigFailure, configFromJson } from './config-json.ts';
import {
  type CheckpointFailure,
  isFloatType,
  readHeader,
  readRows,
  type StoredTensor,
} from './safetensors.ts';
import { type Matrix, matricesOf, type Piece, type Vector, vectorsOf } from './tensors.ts';
import type { MatrixPart, SourceFailure, WeightSource, Written } from './weights.ts';

export interface CheckpointFile {
  /** `model-00001-of-00002.safetensors`; folders before it do not matter. */
  readonly name: string;
  readonly blob: Blob;
}

export interface Checkpoint {
  readonly config: ModelConfig;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/** Host memory that reading one piece of a tensor may take. */
const CHUNK_BYTES = 8 * 2 ** 20;

const bad = (message: string, hint: string): Result<never, CheckpointFailure> =>
  err(failure('bad-checkpoint', message, hint));
const baseName = (path: string): string => path.split('/').at(-1) ?? path;

/** Opens the files of one model: its config.json, all its shards, and the index that lists them, if there. */
export async function openCheckpoint(
  files: readonly CheckpointFile[],
  name = 'checkpoint',
): Promise<Result<Checkpoint, CheckpointFailure | ConfigFailure>> {
  const named = new Map(files.map((file) => [baseName(file.name), file.blob]));
  const configFile = named.get('config.json');
  if (!configFile)
    return bad('There is no config.json among the files.', 'Give the whole folder of the model.');
  const json = await parseJson('config.json', configFile);
  if (!json.ok) return json;
  const config = configFromJson(json.value, name);
  if (!config.ok) return config;
  const shards = [...named.keys()].filter((file) => file.endsWith('.safetensors')).sort();
  if (shards.length === 0)
    return bad('There is no .safetensors file.', 'Give the whole folder of the model.');
  const index = named.get('model.safetensors.index.json');
  if (index) {
    const listed = await parseJson('model.safetensors.index.json', index);
    if (!listed.ok) return listed;
    const { weight_map: map } = (listed.value ?? {}) as { weight_map?: Readonly<Record<string, unknown>> };
    const lacking = Object.values(map ?? {}).find((file) => !named.has(String(file)));
    if (lacking)
      return bad(
        `The shard ${String(lacking)} is not among the files.`,
        'Give the whole folder of the model.',
      );
  }
  const tensors = new Map<string, StoredTensor>();
  for (const shard of shards) {
    const header = await readHeader(shard, named.get(shard) ?? new Blob());
    if (!header.ok) return header;
    for (const tensor of header.value) {
      const twin = tensors.get(tensor.name);
      if (twin)
        return bad(`Tensor ${tensor.name} is in ${twin.file} and in ${shard}.`, 'Give one model at a time.');
      tensors.set(tensor.name, tensor);
    }
  }
  return ok({ config: config.value, tensors });
}

async function parseJson(name: string, blob: Blob): Promise<Result<unknown, CheckpointFailure>> {
  try {
    return ok(JSON.parse(await blob.text()));
  } catch {
    return bad(`${name} is no JSON.`, 'Download the file again.');
  }
}

/** Every tensor that the config asks for must be there, in the right shape; one more that matters must not. */
export function checkTensors({ config, tensors }: Checkpoint): Result<true, CheckpointFailure> {
  const wanted = new Set<string>();
  const check = (piece: Piece, shape: readonly number[]): Result<true, CheckpointFailure> => {
    wanted.add(piece.name);
    const tensor = tensors.get(piece.name);
    if (!tensor) return bad(`Tensor ${piece.name} is missing.`, 'The files do not match their config.json.');
    if (!isFloatType(tensor.dtype))
      return bad(`Tensor ${piece.name} is ${tensor.dtype}.`, 'Weights are read from F32, F16 or BF16.');
    if (tensor.shape.join() !== shape.join())
      return bad(
        `Tensor ${piece.name} is [${tensor.shape.join(', ')}]; config.json asks for [${shape.join(', ')}].`,
        'The files do not match their config.json.',
      );
    return ok(true);
  };
  for (const matrix of matricesOf(config)) {
    for (const piece of matrix.pieces) {
      const found = check(piece, [piece.rows, matrix.columns]);
      if (!found.ok) return found;
    }
  }
  for (const vector of vectorsOf(config)) {
    for (const piece of vector.pieces) {
      const found = check(piece, [piece.rows]);
      if (!found.ok) return found;
    }
  }
  // old checkpoints carry their rotary frequencies, and some a copy of tied embeddings
  const known = (name: string): boolean =>
    wanted.has(name) ||
    name.endsWith('rotary_emb.inv_freq') ||
    (config.embeddings === 'tied' && name === 'lm_head.weight');
  const extra = [...tensors.keys()].find((name) => !known(name));
  if (extra)
    return bad(`Tensor ${extra} has no place in this model.`, 'The files do not match their config.json.');
  return ok(true);
}

/** The source of a model's weights in an opened checkpoint. */
export function checkpointSource(gpu: Gpu, checkpoint: Checkpoint): WeightSource {
  const { tensors } = checkpoint;
  const tensorOf = (piece: Piece): StoredTensor => {
    const tensor = tensors.get(piece.name);
    if (!tensor) throw new Error(`${piece.name} was there when the checkpoint was checked`);
    return tensor;
  };
  const vector = async ({ pieces, length }: Vector): Promise<Result<Float32Array, CheckpointFailure>> => {
    const values = new Float32Array(length);
    let at0 = 0;
    for (const piece of pieces) {
      const cells = await readRows(tensorOf(piece), 0, piece.rows);
      if (!cells.ok) return cells;
      values.set(cells.value, at0);
      at0 += piece.rows;
    }
    return ok(values);
  };
  const fill = async (part: MatrixPart, written?: Written): Promise<Result<true, SourceFailure>> => {
    for (const run of runsOf(part)) {
      const cells = await readRows(tensorOf(run.piece), run.from, run.to);
      if (!cells.ok) return cells;
      writeRows(gpu, part, run.into, cells.value);
      const on = written?.(run.to - run.from);
      if (on && !on.ok) return on;
    }
    return ok(true);
  };
  return {
    name: checkpoint.config.name,
    check: async (config) => checkTensors({ config, tensors }),
    vector,
    fill,
  };
}

/** Rows from … to − 1 of a piece, which become rows into … of a part. */
interface Run {
  readonly piece: Piece;
  readonly from: number;
  readonly to: number;
  readonly into: number;
}

/** Cuts a part into runs of rows of single pieces, none larger than a chunk. */
export function runsOf(part: Pick<MatrixPart, 'first' | 'rows'> & { readonly matrix: Matrix }): Run[] {
  const most = Math.max(1, Math.floor(CHUNK_BYTES / (4 * part.matrix.columns)));
  const runs: Run[] = [];
  let start = 0; // row of the matrix at which the piece starts
  for (const piece of part.matrix.pieces) {
    const low = Math.max(part.first, start);
    const high = Math.min(part.first + part.rows, start + piece.rows);
    for (let row = low; row < high; row += most)
      runs.push({ piece, from: row - start, to: Math.min(row + most, high) - start, into: row - part.first });
    start += piece.rows;
  }
  return runs;
}

function writeRows(gpu: Gpu, part: MatrixPart, into: number, cells: Float32Array): void {
  const { stored, matrix } = part;
  const rows = cells.length / matrix.columns;
  const packed = packRows(stored.format, cells, rows, matrix.columns, stored.group);
  const { queue } = gpu.device;
  queue.writeBuffer(
    part.cells,
    into * rowUnits(stored.format, matrix.columns) * 16,
    packed.words.buffer as ArrayBuffer,
  );
  if (packed.scales.length > 0)
    queue.writeBuffer(part.scales, into * stored.groups * 4, packed.scales.buffer as ArrayBuffer);
}
