// Reads the safetensors format (https://github.com/huggingface/safetensors#format): an 8-byte header length, a
// JSON header, then the tensors' bytes. Nothing in a file is believed before it is checked.

import { Float16Array } from '@petamoriken/float16';
import { at } from '../core/assert.ts';
import type { Failure, Result } from '../core/result.ts';
import { err, failure, ok } from '../core/result.ts';

export type CheckpointFailure = Failure<'bad-checkpoint'>;

const cellBytes = { F32: 4, F16: 2, BF16: 2 } as const;
export type FloatType = keyof typeof cellBytes;

/** One tensor of a file: what it is, and where its bytes lie. */
export interface StoredTensor {
  readonly name: string;
  /** The file that holds it, for messages. */
  readonly file: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly blob: Blob;
  /** First and one past the last byte in the file. */
  readonly start: number;
  readonly end: number;
}

/** safetensors' own limit of a header. */
const MOST_HEADER = 100_000_000;

const bad = (message: string, hint: string): Result<never, CheckpointFailure> =>
  err(failure('bad-checkpoint', message, hint));
const again = 'Download the file again.';

/** Reads the header of one file and checks every tensor's extent against the file's size. */
export async function readHeader(
  file: string,
  blob: Blob,
): Promise<Result<StoredTensor[], CheckpointFailure>> {
  if (blob.size < 8) return bad(`${file} has ${blob.size} bytes: it is no safetensors file.`, again);
  const length = Number(new DataView(await blob.slice(0, 8).arrayBuffer()).getBigUint64(0, true));
  if (length > MOST_HEADER || 8 + length > blob.size)
    return bad(`${file} says that its header has ${length} bytes; the file has ${blob.size}.`, again);
  let header: unknown;
  try {
    header = JSON.parse(
      new TextDecoder('utf-8', { fatal: true }).decode(await blob.slice(8, 8 + length).arrayBuffer()),
    );
  } catch {
    return bad(`The header of ${file} is no JSON.`, again);
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    return bad(`The header of ${file} is no object.`, again);
  const tensors: StoredTensor[] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const tensor = tensorOf(file, blob, 8 + length, name, entry);
    if (!tensor.ok) return tensor;
    tensors.push(tensor.value);
  }
  const sorted = [...tensors].sort((a, b) => a.start - b.start);
  for (let i = 1; i < sorted.length; i++) {
    const [before, tensor] = [at(sorted, i - 1), at(sorted, i)];
    if (tensor.start < before.end)
      return bad(`${file}: tensors ${before.name} and ${tensor.name} overlap.`, again);
  }
  return ok(tensors);
}

function tensorOf(
  file: string,
  blob: Blob,
  base: number,
  name: string,
  entry: unknown,
): Result<StoredTensor, CheckpointFailure> {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Readonly<Record<string, unknown>>;
  const whole = (list: unknown): list is number[] =>
    Array.isArray(list) && list.every((n) => Number.isSafeInteger(n) && n >= 0);
  if (typeof dtype !== 'string' || !whole(shape) || !whole(offsets) || offsets.length !== 2)
    return bad(`${file}: tensor ${name} lacks a dtype, a shape or data_offsets.`, again);
  const [from, to] = [at(offsets, 0), at(offsets, 1)];
  if (from > to || base + to > blob.size)
    return bad(
      `${file}: tensor ${name} lies at bytes ${from} … ${to} of ${blob.size - base}: the file is cut short.`,
      again,
    );
  const size = isFloatType(dtype) ? cellBytes[dtype] : undefined;
  const cells = shape.reduce((a, b) => a * b, 1);
  if (size !== undefined && cells * size !== to - from)
    return bad(
      `${file}: tensor ${name} of ${dtype} [${shape.join(', ')}] has ${to - from} bytes, not ${cells * size}.`,
      again,
    );
  return ok({ name, file, dtype, shape, blob, start: base + from, end: base + to });
}

export const isFloatType = (dtype: string): dtype is FloatType => dtype in cellBytes;

/** Rows from … to − 1 of a tensor as f32; a vector's rows are its cells. Only the bytes needed are read. */
export async function readRows(
  tensor: StoredTensor,
  from: number,
  to: number,
): Promise<Result<Float32Array<ArrayBuffer>, CheckpointFailure>> {
  const { dtype, shape, name, file } = tensor;
  if (!isFloatType(dtype))
    return bad(
      `${file}: tensor ${name} is ${dtype}.`,
      `Weights are read from ${Object.keys(cellBytes).join(', ')}.`,
    );
  const columns = shape.slice(1).reduce((a, b) => a * b, 1);
  const row = columns * cellBytes[dtype];
  const bytes = await tensor.blob.slice(tensor.start + from * row, tensor.start + to * row).arrayBuffer();
  if (bytes.byteLength !== (to - from) * row)
    return bad(
      `${file}: tensor ${name} could not be read to its end.`,
      'The file changed while it was read; open it again.',
    );
  const cells = decode(dtype, bytes);
  const wrong = cells.findIndex((x) => !Number.isFinite(x));
  if (wrong >= 0)
    return bad(
      `${file}: tensor ${name} holds ${cells[wrong]} in row ${from + Math.floor(wrong / columns)}.`,
      'A model with such weights cannot be run.',
    );
  return ok(cells);
}

function decode(dtype: FloatType, bytes: ArrayBuffer): Float32Array<ArrayBuffer> {
  switch (dtype) {
    case 'F32':
      return new Float32Array(bytes);
    case 'F16':
      return Float32Array.from(new Float16Array(bytes));
    case 'BF16': {
      // bf16 is the upper half of an f32
      const words = Uint32Array.from(new Uint16Array(bytes), (half) => half << 16);
      return new Float32Array(words.buffer);
    }
  }
}
