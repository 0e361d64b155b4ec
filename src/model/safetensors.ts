// Reads the safetensors format (https://github.com/huggingface/safetensors#format): an 8-byte header length, a
// JSON header, then the tensors' bytes, without a gap. Nothing in a file is believed before it is checked.

import { at } from '../core/assert.ts';
import { Float16Array } from '../core/float16.ts';
import { ok, type Result } from '../core/result.ts';
import {
  badCheckpoint,
  type CheckpointFailure,
  downloadAgain,
  MOST_JSON,
  readBytes,
  readJson,
} from './checkpoint-file.ts';
import { show } from './strict-json.ts';

/** Bits of a cell of every dtype of the format. */
const dtypeBits: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ...{ F4: 4, F6_E2M3: 6, F6_E3M2: 6 },
    ...{ BOOL: 8, U8: 8, I8: 8, F8_E5M2: 8, F8_E4M3: 8, F8_E8M0: 8, F8_E4M3FNUZ: 8, F8_E5M2FNUZ: 8 },
    ...{ I16: 16, U16: 16, F16: 16, BF16: 16 },
    ...{ I32: 32, U32: 32, F32: 32 },
    ...{ C64: 64, F64: 64, I64: 64, U64: 64 },
  }),
);

/** Those that weights are read from, with their bytes. */
const floatBytes = { F32: 4, F16: 2, BF16: 2 } as const;
export type FloatType = keyof typeof floatBytes;

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

/** Reads the header of one file and checks that its tensors fill the file to its end. */
export async function readHeader(
  file: string,
  blob: Blob,
): Promise<Result<StoredTensor[], CheckpointFailure>> {
  if (blob.size < 9)
    return badCheckpoint(`${file} has ${blob.size} bytes: it is no safetensors file.`, downloadAgain);
  const first = await readBytes(file, blob, 0, 9);
  if (!first.ok) return first;
  const view = new DataView(first.value);
  const base = 8 + Number(view.getBigUint64(0, true));
  if (base - 8 > MOST_JSON || base > blob.size)
    return badCheckpoint(
      `${file} says that its header has ${base - 8} bytes; the file has ${blob.size}.`,
      downloadAgain,
    );
  if (view.getUint8(8) !== 0x7b)
    return badCheckpoint(`The header of ${file} is no object: it must begin with {.`, downloadAgain);
  const header = await readJson(`The header of ${file}`, blob, 8, base);
  if (!header.ok) return header;
  const { __metadata__: metadata = {}, ...entries } = header.value as Readonly<Record<string, unknown>>;
  if (!isMetadata(metadata))
    return badCheckpoint(`${file}: __metadata__ must hold strings by name.`, downloadAgain);
  const tensors: StoredTensor[] = [];
  for (const [name, entry] of Object.entries(entries)) {
    const tensor = tensorOf(file, blob, base, name, entry);
    if (!tensor.ok) return tensor;
    tensors.push(tensor.value);
  }
  const filled = checkFilled(file, tensors, base, blob.size);
  return filled.ok ? ok(tensors) : filled;
}

const isMetadata = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((text) => typeof text === 'string');

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
    return badCheckpoint(`${file}: tensor ${name} lacks a dtype, a shape or data_offsets.`, downloadAgain);
  const bits = dtypeBits.get(dtype);
  if (bits === undefined)
    return badCheckpoint(`${file}: tensor ${name} has the unknown dtype ${show(dtype)}.`, downloadAgain);
  const [from, to] = [at(offsets, 0), at(offsets, 1)];
  if (from > to || base + to > blob.size)
    return badCheckpoint(
      `${file}: tensor ${name} lies at bytes ${from} … ${to} of ${blob.size - base}: the file is cut short.`,
      downloadAgain,
    );
  const size = (shape.reduce((a, b) => a * b, 1) * bits) / 8;
  if (size !== to - from)
    return badCheckpoint(
      `${file}: tensor ${name} of ${dtype} ${show(shape)} has ${to - from} bytes, not ${size}.`,
      downloadAgain,
    );
  return ok({ name, file, dtype, shape, blob, start: base + from, end: base + to });
}

/** The tensors' bytes must fill the file from its header to its end: no overlap, no hole, nothing behind. */
function checkFilled(
  file: string,
  tensors: readonly StoredTensor[],
  base: number,
  size: number,
): Result<true, CheckpointFailure> {
  const sorted = tensors.toSorted((a, b) => a.start - b.start || a.end - b.end);
  let [end, before] = [base, ''];
  for (const { name, start, end: next } of sorted) {
    if (start < end) return badCheckpoint(`${file}: tensors ${before} and ${name} overlap.`, downloadAgain);
    if (start > end)
      return badCheckpoint(
        `${file}: the ${start - end} bytes before tensor ${name} belong to none.`,
        downloadAgain,
      );
    [end, before] = [next, name];
  }
  return end === size
    ? ok(true)
    : badCheckpoint(`${file}: the last ${size - end} bytes belong to no tensor.`, downloadAgain);
}

export const isFloatType = (dtype: string): dtype is FloatType => Object.hasOwn(floatBytes, dtype);
export const floatTypes = Object.keys(floatBytes).join(', ');

/** The row that holds a cell which is `bad`, with the cell. */
export function findRow(
  cells: Float32Array,
  columns: number,
  bad: (cell: number) => boolean,
): { readonly row: number; readonly cell: number } | undefined {
  const index = cells.findIndex(bad);
  return index < 0 ? undefined : { row: Math.floor(index / columns), cell: at(cells, index) };
}

/** Rows from … to − 1 of a tensor as f32; a vector's rows are its cells. Only the bytes needed are read. */
export async function readRows(
  tensor: StoredTensor,
  from: number,
  to: number,
): Promise<Result<Float32Array<ArrayBuffer>, CheckpointFailure>> {
  const { dtype, shape, name, file, blob, start } = tensor;
  const what = `${file}: tensor ${name}`;
  if (!isFloatType(dtype))
    return badCheckpoint(`${what} is ${dtype}.`, `Weights are read from ${floatTypes}.`);
  const columns = shape.slice(1).reduce((a, b) => a * b, 1);
  const row = columns * floatBytes[dtype];
  const bytes = await readBytes(what, blob, start + from * row, start + to * row);
  if (!bytes.ok) return bytes;
  const cells = decode(dtype, bytes.value);
  const wrong = findRow(cells, columns, (cell) => !Number.isFinite(cell));
  return wrong
    ? badCheckpoint(
        `${what} holds ${wrong.cell} in row ${from + wrong.row}.`,
        'A model with such weights cannot be run.',
      )
    : ok(cells);
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
