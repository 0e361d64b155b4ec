// A checkpoint as users have it: a config.json and one or more safetensors files. Checked whole before anything
// is allocated, then read row by row, quantized on the way if asked.

import { err, ok, type Result } from '../core/result.ts';
import type { Gpu } from '../gpu/device.ts';
import { F16_OVERFLOW, packRows, rowUnits } from '../kernels/packing.ts';
import {
  badCheckpoint,
  type CheckpointFailure,
  type CheckpointFile,
  mismatched,
  readJson,
} from './checkpoint-file.ts';
import type { ModelConfig } from './config.ts';
import { configFromJson } from './config-json.ts';
import type { ConfigFailure } from './config-refusal.ts';
import { modelFolder } from './model-folder.ts';
import { findRow, floatTypes, isFloatType, readRows, type StoredTensor } from './safetensors.ts';
import { readShards } from './shards.ts';
import { type Cancelled, cancelled, never, type Stop } from './stopped.ts';
import { show } from './strict-json.ts';
import { type Matrix, matricesOf, type Piece, type Vector, vectorsOf } from './tensors.ts';
import type { MatrixPart, SourceFailure, WeightSource, Written } from './weights.ts';

export interface Checkpoint {
  readonly config: ModelConfig;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/** Host memory that reading one piece of a tensor may take. */
const CHUNK_BYTES = 8 * 2 ** 20;
const rowsOfChunk = (columns: number): number => Math.max(1, Math.floor(CHUNK_BYTES / (4 * columns)));

/** Opens the model among the files: its config.json, and all its shards. */
export async function openCheckpoint(
  files: readonly CheckpointFile[],
  name = 'checkpoint',
): Promise<Result<Checkpoint, CheckpointFailure | ConfigFailure>> {
  const folder = modelFolder(files);
  if (!folder.ok) return folder;
  const { config: configFile, files: beside } = folder.value;
  const json = await readJson('config.json', configFile);
  if (!json.ok) return json;
  const config = configFromJson(json.value, name);
  if (!config.ok) return config;
  const tensors = await readShards(beside);
  return tensors.ok ? ok({ config: config.value, tensors: tensors.value }) : tensors;
}

const EMBEDDING = 'model.embed_tokens.weight';
const HEAD = 'lm_head.weight';

/**
 * Every tensor that the config asks for must be there, in the right shape; one more that matters must not. The bytes of each are
 * then what its shape takes, as its file's header was checked.
 */
export function checkTensors({ config, tensors }: Checkpoint): Result<true, CheckpointFailure> {
  const wanted = new Set<string>();
  const check = (name: string, shape: readonly number[]): Result<true, CheckpointFailure> => {
    wanted.add(name);
    const tensor = tensors.get(name);
    if (!tensor) return badCheckpoint(`Tensor ${name} is missing.`, mismatched);
    const what = `Tensor ${name} of ${tensor.file}`;
    if (!isFloatType(tensor.dtype))
      return badCheckpoint(`${what} is ${tensor.dtype}.`, `Weights are read from ${floatTypes}.`);
    if (tensor.shape.join() !== shape.join())
      return badCheckpoint(
        `${what} is ${show(tensor.shape)}; config.json asks for ${show(shape)}.`,
        mismatched,
      );
    return ok(true);
  };
  for (const matrix of matricesOf(config)) {
    for (const piece of matrix.pieces) {
      const found = check(piece.name, [piece.rows, matrix.columns]);
      if (!found.ok) return found;
    }
  }
  for (const vector of vectorsOf(config)) {
    for (const piece of vector.pieces) {
      const found = check(piece.name, [piece.rows]);
      if (!found.ok) return found;
    }
  }
  if (tensors.has(HEAD)) {
    // tied embeddings may come with a copy; `checkCopy` compares it
    const found = config.embeddings === 'tied' ? check(HEAD, [config.vocab, config.width]) : ok(true);
    if (!found.ok) return found;
  }
  // old checkpoints carry their rotary frequencies
  for (const { name, file } of tensors.values())
    if (!wanted.has(name) && !name.endsWith('rotary_emb.inv_freq'))
      return badCheckpoint(`Tensor ${name} of ${file} has no place in this model.`, mismatched);
  return ok(true);
}

/**
 * Where embeddings are tied, an output projection beside them must be their copy: transformers 4 ignores another one, 5 computes
 * with it.
 */
async function checkCopy(
  { config, tensors }: Checkpoint,
  stop: Stop,
): Promise<Result<true, CheckpointFailure | Cancelled>> {
  const [table, head] = [tensors.get(EMBEDDING), tensors.get(HEAD)];
  if (config.embeddings !== 'tied' || !table || !head) return ok(true);
  const most = rowsOfChunk(config.width);
  for (let from = 0; from < config.vocab; from += most) {
    if (stop()) return err(cancelled('Loading'));
    const to = Math.min(from + most, config.vocab);
    const own = await readRows(table, from, to);
    if (!own.ok) return own;
    const copy = await readRows(head, from, to);
    if (!copy.ok) return copy;
    const index = copy.value.findIndex((cell, i) => cell !== own.value[i]);
    if (index >= 0)
      return badCheckpoint(
        `Tensor ${HEAD} differs from ${EMBEDDING} in row ${from + Math.floor(index / config.width)}, and config.json ties them.`,
        'Set tie_word_embeddings to false, or leave that tensor out.',
      );
  }
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
      const tensor = tensorOf(run.piece);
      const cells = await readRows(tensor, run.from, run.to);
      if (!cells.ok) return cells;
      const wide = part.stored.format === 1 && findRow(cells.value, part.matrix.columns, overflows);
      if (wide)
        return badCheckpoint(
          `${tensor.file}: tensor ${tensor.name} holds ${wide.cell} in row ${run.from + wide.row}; f16 ends at 65504.`,
          'Choose f32 or int8 weights.',
        );
      writeRows(gpu, part, run.into, cells.value);
      const on = written?.(run.to - run.from);
      if (on && !on.ok) return on;
    }
    return ok(true);
  };
  return {
    name: checkpoint.config.name,
    async check(config, stop = never) {
      const whole = checkTensors({ config, tensors });
      return whole.ok ? checkCopy({ config, tensors }, stop) : whole;
    },
    vector,
    fill,
  };
}

const overflows = (cell: number): boolean => Math.abs(cell) >= F16_OVERFLOW;

/** Rows from … to − 1 of a piece, which become rows into … of a part. */
interface Run {
  readonly piece: Piece;
  readonly from: number;
  readonly to: number;
  readonly into: number;
}

/** Cuts a part into runs of rows of single pieces, none larger than a chunk. */
export function runsOf(part: Pick<MatrixPart, 'first' | 'rows'> & { readonly matrix: Matrix }): Run[] {
  const most = rowsOfChunk(part.matrix.columns);
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
