// One safetensors file: whatever the format forbids is refused, with the tensor's name where there is one.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { at } from '../../../src/core/assert.ts';
import { unwrap } from '../../../src/core/result.ts';
import { readHeader, readRows } from '../../../src/model/safetensors.ts';
import { safetensors, withHeader } from './checkpoint-files.ts';

const bytes = (size: number): Uint8Array<ArrayBuffer>[] => [new Uint8Array(size)];
const f32 = (from: number, to: number) => ({
  dtype: 'F32',
  shape: [(to - from) / 4],
  data_offsets: [from, to],
});
/** A file with these entries and 64 bytes behind them. */
const file = (entries: unknown): Blob => withHeader(JSON.stringify(entries), bytes(64));
const entry = (value: unknown): Blob => file({ w: value });
const whole = JSON.stringify(f32(0, 64));

async function verdict(blob: Blob): Promise<string> {
  const header = await readHeader('x.safetensors', blob);
  return header.ok ? `accepted: ${header.value.map(({ name }) => name).join()}` : header.error.message;
}

describe('a header', () => {
  const good: readonly (readonly [string, Blob, string])[] = [
    ['one tensor', entry(f32(0, 64)), 'w'],
    ['tensors in any order', file({ b: f32(16, 64), a: f32(0, 16) }), 'b,a'],
    ['a tensor without cells', file({ a: f32(0, 0), w: f32(0, 64), z: f32(64, 64) }), 'a,w,z'],
    ['a scalar', file({ a: f32(0, 60), s: { ...f32(60, 64), shape: [] } }), 'a,s'],
    ['a dtype that no weight has', entry({ ...f32(0, 64), dtype: 'U8', shape: [64] }), 'w'],
    ['spaces behind it', withHeader(`{"w":${whole}}   `, bytes(64)), 'w'],
    ['metadata', file({ __metadata__: { format: 'pt' }, w: f32(0, 64) }), 'w'],
    ['the name __proto__', withHeader(`{"__proto__":${whole}}`, bytes(64)), '__proto__'],
  ];
  for (const [name, blob, tensors] of good)
    it(`with ${name} is read`, async () => expect(await verdict(blob)).toBe(`accepted: ${tensors}`));

  const broken: readonly (readonly [string, Blob, string])[] = [
    ['an empty file', new Blob([]), '0 bytes'],
    ['a file without a header', new Blob(bytes(8)), '8 bytes'],
    [
      'a header longer than the file',
      new Blob([new Uint8Array([255, 255, 0, 0, 0, 0, 0, 0, 1])]),
      'header has 65535 bytes',
    ],
    ['a header of 2⁶⁴ − 1 bytes', new Blob([new Uint8Array(16).fill(255)]), 'header has'],
    ['a header that is no JSON', withHeader('{"w":', []), 'no JSON'],
    [
      'a header that is no UTF-8',
      new Blob([new Uint8Array([2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0xff])]),
      'no JSON',
    ],
    ['a header that is a list', withHeader('[]', []), 'no object'],
    ['a header that begins with a space', withHeader(` {"w":${whole}}`, bytes(64)), 'no object'],
    ['a header nested without end', withHeader('{"w":'.repeat(1e5), []), 'no JSON'],
    ['a header nested deep', withHeader(`{"w":${'['.repeat(1e5)}${']'.repeat(1e5)}}`, []), 'nested deeper'],
    ['a tensor that is there twice', withHeader(`{"w":${whole},"w":${whole}}`, bytes(64)), 'names "w" twice'],
    [
      'a tensor that is there twice, once escaped',
      withHeader(`{"w":${whole},"\\u0077":${whole}}`, bytes(64)),
      'names "w" twice',
    ],
    [
      'two dtypes of one tensor',
      withHeader(`{"w":{"dtype":"BF16",${whole.slice(1)}}`, bytes(64)),
      'names "dtype" twice',
    ],
    [
      'metadata twice',
      withHeader(`{"__metadata__":{},"w":${whole},"__metadata__":{}}`, bytes(64)),
      'names "__metadata__" twice',
    ],
    [
      'a name twice in the metadata',
      withHeader(`{"__metadata__":{"a":"1","a":"2"},"w":${whole}}`, bytes(64)),
      'names "a" twice',
    ],
    ['metadata that is no text', file({ __metadata__: { a: 1 }, w: f32(0, 64) }), '__metadata__ must'],
    ['metadata that is a list', file({ __metadata__: [], w: f32(0, 64) }), '__metadata__ must'],
    ['an entry that is null', entry(null), 'tensor w lacks'],
    ['an entry without a shape', entry({ ...f32(0, 64), shape: undefined }), 'tensor w lacks'],
    ['three offsets', entry({ ...f32(0, 64), data_offsets: [0, 32, 64] }), 'tensor w lacks'],
    ['a negative extent', entry({ ...f32(0, 64), shape: [-16] }), 'tensor w lacks'],
    ['an extent of 1e300', entry({ ...f32(0, 64), shape: [1e300] }), 'tensor w lacks'],
    ['half an extent', entry({ ...f32(0, 64), shape: [1.5] }), 'tensor w lacks'],
    ['an unknown dtype', entry({ ...f32(0, 64), dtype: 'F128' }), 'tensor w has the unknown dtype "F128"'],
    ['a dtype named as a method', entry({ ...f32(0, 64), dtype: 'toString' }), 'unknown dtype "toString"'],
    ['offsets past the end', entry(f32(0, 400)), 'tensor w lies at bytes 0 … 400 of 64'],
    ['offsets that run backwards', entry({ ...f32(0, 64), data_offsets: [64, 0] }), 'tensor w lies at'],
    ['a size that is not its shape', entry({ ...f32(0, 64), shape: [3] }), 'has 64 bytes, not 12'],
    [
      'a size of another dtype that is not its shape',
      entry({ ...f32(0, 64), dtype: 'I64' }),
      'tensor w of I64 [16] has 64 bytes, not 128',
    ],
    [
      'extents whose product overflows',
      entry({ ...f32(0, 64), shape: Array.from({ length: 30 }, () => 2 ** 52) }),
      'tensor w of F32',
    ],
    ['overlapping tensors', file({ a: f32(0, 40), b: f32(32, 64) }), 'a and b overlap'],
    ['one place for two tensors', file({ a: f32(0, 64), b: f32(0, 64) }), 'a and b overlap'],
    ['bytes before the first tensor', file({ w: f32(4, 64) }), 'the 4 bytes before tensor w belong to none'],
    ['a hole', file({ a: f32(0, 16), b: f32(24, 64) }), 'the 8 bytes before tensor b belong to none'],
    ['bytes behind the last tensor', file({ a: f32(0, 60) }), 'the last 4 bytes belong to no tensor'],
    ['bytes of nothing', file({}), 'the last 64 bytes belong to no tensor'],
  ];
  for (const [name, blob, message] of broken)
    it(`refuses ${name}`, async () => expect(await verdict(blob)).toContain(message));

  it('refuses a hostile name in a message that can be read', async () => {
    const message = await verdict(file({ ['w'.repeat(1e6)]: null }));
    expect(message.length).toBeLessThan(700);
    expect(message).toContain('lacks a dtype');
  });

  it('any broken header ends in a message, never in an exception', async () => {
    const tensors = ['a', 'b', 'c'].map((name) => ({
      name,
      shape: [4, 2],
      cells: new Float32Array(8).fill(1),
    }));
    const intact = new Uint8Array(await safetensors(tensors, 'F16').arrayBuffer());
    await fc.assert(
      fc.asyncProperty(
        fc.nat(intact.length),
        fc.array(fc.tuple(fc.nat(intact.length), fc.nat(255)), { maxLength: 6 }),
        async (length, edits) => {
          const torn = intact.slice(0, length);
          for (const [i, value] of edits) if (i < torn.length) torn[i] = value;
          const header = await readHeader('x', new Blob([torn]));
          if (!header.ok) expect(header.error.message.length).toBeGreaterThan(10);
          else expect(Math.max(...header.value.map((t) => t.end))).toBe(torn.length);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('rows', () => {
  const tensor = async (cells: readonly number[], dtype: 'F32' | 'F16' = 'F32') => {
    const made = { name: 'w', shape: [4, cells.length / 4], cells: Float32Array.from(cells) };
    return at(unwrap(await readHeader('x', safetensors([made], dtype))), 0);
  };
  const message = async (read: ReturnType<typeof readRows>): Promise<string> => {
    const rows = await read;
    return rows.ok ? 'read' : rows.error.message;
  };

  it('that are not finite are refused, with the row', async () => {
    const cells = Array.from({ length: 12 }, (_, i) => (i === 7 ? Number.NaN : 1));
    expect(await message(readRows(await tensor(cells), 0, 4))).toBe('x: tensor w holds NaN in row 2.');
    const wide = cells.map((_, i) => (i === 10 ? -1e6 : 1));
    expect(await message(readRows(await tensor(wide, 'F16'), 2, 4))).toBe(
      'x: tensor w holds -Infinity in row 3.',
    );
  });

  it('of a file that was deleted or shortened are refused, with the tensor', async () => {
    const stored = await tensor([1, 2, 3, 4]);
    class Gone extends Blob {
      override arrayBuffer(): Promise<ArrayBuffer> {
        return Promise.reject(new DOMException('gone', 'NotFoundError'));
      }
      override slice(): Blob {
        return this;
      }
    }
    for (const blob of [new Gone(), stored.blob.slice(0, stored.end - 1)])
      expect(await message(readRows({ ...stored, blob }, 0, 4))).toBe(
        'x: tensor w could not be read to its end.',
      );
  });
});
