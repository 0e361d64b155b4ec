// Text inside a link: deflated, base64url. It stays in the hash, so no server ever sees it.

import { err, type Failure, failure, ok, type Result } from '../core/result.ts';

/** Refuses to inflate more than this: a link is small, a bomb is not. */
const largest = 4 * 2 ** 20;

export async function pack(text: string): Promise<string> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  const packed = new Uint8Array(await new Response(stream).arrayBuffer());
  let binary = '';
  for (const byte of packed) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
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

/** The text in a link, or why there is none. `what` names it: `The run in the link`. */
export async function unpack(text: string, what: string): Promise<Result<string, Failure<'bad-link'>>> {
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    return ok(await inflate(Uint8Array.from(binary, (c) => c.charCodeAt(0))));
  } catch (error) {
    // what atob and the inflater say of a damaged text helps nobody
    const why = error instanceof RangeError ? error.message : 'it is cut or changed';
    return err(
      failure(
        'bad-link',
        `${what} cannot be read: ${why}.`,
        'Ask for the link again, or for the file: mail programs cut long links.',
      ),
    );
  }
}
