// One file of a checkpoint: reading its bytes and its JSON, with refusals that name it.

import { err, type Failure, failure, ok, type Result } from '../core/result.ts';
import { parseStrictJson } from './strict-json.ts';

export interface CheckpointFile {
  /** With the folders before it, as the reader gave it: `model/model-00001-of-00002.safetensors`. */
  readonly name: string;
  readonly blob: Blob;
}

export type CheckpointFailure = Failure<'bad-checkpoint'>;

/** safetensors' own limit of a header. No JSON of a checkpoint is larger. */
export const MOST_JSON = 100_000_000;
/** A message names tensors and files, and a hostile name may have megabytes. */
const LONGEST_MESSAGE = 600;

export function badCheckpoint(message: string, hint: string): Result<never, CheckpointFailure> {
  const cut =
    message.length > LONGEST_MESSAGE
      ? `${message.slice(0, LONGEST_MESSAGE - 200)} … ${message.slice(-190)}`
      : message;
  return err(failure('bad-checkpoint', cut, hint));
}

export const downloadAgain = 'Download the file again.';
export const mismatched = 'The files do not match their config.json.';

/** Bytes from … to − 1. `what` is whose they are, for the message. */
export async function readBytes(
  what: string,
  blob: Blob,
  from: number,
  to: number,
): Promise<Result<ArrayBuffer, CheckpointFailure>> {
  const bytes = await blob
    .slice(from, to)
    .arrayBuffer()
    .catch(() => undefined); // moved, deleted or written to since it was given
  return bytes?.byteLength === to - from
    ? ok(bytes)
    : badCheckpoint(
        `${what} could not be read to its end.`,
        'The file is gone or has changed; open it again.',
      );
}

/** The JSON in bytes from … to − 1. */
export async function readJson(
  what: string,
  blob: Blob,
  from = 0,
  to = blob.size,
): Promise<Result<unknown, CheckpointFailure>> {
  if (to - from > MOST_JSON)
    return badCheckpoint(`${what} has ${to - from} bytes; ${MOST_JSON} are the most.`, downloadAgain);
  const bytes = await readBytes(what, blob, from, to);
  if (!bytes.ok) return bytes;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.value);
  } catch {
    return badCheckpoint(`${what} is no JSON.`, downloadAgain);
  }
  const value = parseStrictJson(text);
  return value.ok ? value : badCheckpoint(`${what} ${value.error}.`, downloadAgain);
}
