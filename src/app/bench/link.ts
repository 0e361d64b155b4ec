// A whole run inside a link: JSON, deflated, base64url. It stays in the hash, so no server ever sees it.

import type { Failure, Result } from '../../core/result.ts';
import { err, failure } from '../../core/result.ts';
import { parseResultFile, type ResultFile, type ResultRow } from '../../measure/schema.ts';

/** Refuses to inflate more than this: a link is small, a bomb is not. */
const largest = 4 * 2 ** 20;

const short = (ms: number): number => Number(ms.toPrecision(5));

/** The run as a link carries it: rows of one op and dtype, samples rounded to five digits. */
export function trimmed(file: ResultFile, keep: (row: ResultRow) => boolean): ResultFile {
  const results = file.results.filter(keep).map((row) => ({ ...row, samplesMs: row.samplesMs.map(short) }));
  return { ...file, results };
}

export async function encodeRun(file: ResultFile): Promise<string> {
  const stream = new Blob([JSON.stringify(file)]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  const packed = new Uint8Array(await new Response(stream).arrayBuffer());
  let text = '';
  for (const byte of packed) text += String.fromCharCode(byte);
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

async function inflate(packed: Uint8Array<ArrayBuffer>): Promise<string> {
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > largest) {
      await reader.cancel();
      throw new RangeError(`it unpacks to more than ${largest / 2 ** 20} MiB`);
    }
    parts.push(new Uint8Array(value));
  }
  return new Blob(parts).text();
}

/** The run in a link, or why there is none. */
export async function decodeRun(text: string): Promise<Result<ResultFile, Failure<'bad-result-file'>>> {
  try {
    const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    const packed = Uint8Array.from(plain, (c) => c.charCodeAt(0));
    return parseResultFile(await inflate(packed), 'The result in the link');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return err(
      failure(
        'bad-result-file',
        `The result in the link cannot be read (${why}).`,
        'Ask for the link again, or for the JSON file: mail programs cut long links.',
      ),
    );
  }
}
