// Text inside a link: deflated, base64url. It stays in the hash, so no server ever sees it.

import { err, failure, ok, type Result } from '../../../core/result.ts';

/** Refuses to unpack more than this: a source is small, a bomb is not. */
const largest = 2 ** 20;

export async function packText(text: string): Promise<string> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  const packed = new Uint8Array(await new Response(stream).arrayBuffer());
  let binary = '';
  for (const byte of packed) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

export async function unpackText(packed: string): Promise<Result<string>> {
  try {
    const plain = atob(packed.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(plain, (c) => c.charCodeAt(0));
    const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for (let size = 0; ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.byteLength;
      if (size > largest) {
        await reader.cancel();
        return err(
          failure('bad-link', 'The source in the link is larger than 1 MiB.', 'Open the file instead.'),
        );
      }
      parts.push(value);
    }
    return ok(await new Blob(parts).text());
  } catch {
    return err(
      failure(
        'bad-link',
        'The source in the link cannot be read.',
        'Ask for the link again: mail programs cut long links.',
      ),
    );
  }
}
