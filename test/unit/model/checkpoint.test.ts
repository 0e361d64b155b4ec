// Good checkpoints open; broken, truncated, hostile and mismatched ones are refused with a message that names
// what is wrong.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../../src/core/result.ts';
import { type CheckpointFile, checkTensors, openCheckpoint, runsOf } from '../../../src/model/checkpoint.ts';
import type { ModelConfig } from '../../../src/model/config.ts';
import { presets } from '../../../src/model/presets.ts';
import { readHeader, readRows } from '../../../src/model/safetensors.ts';
import { checkpointFiles, safetensors, seededTensors, type Tensor, withHeader } from './checkpoint-files.ts';

const config: ModelConfig = { ...presets.nano, layers: 1, vocab: 32, width: 32, hidden: 16 };
const tensors = seededTensors(config, 3);

/** Why these files are refused, or 'accepted'. */
async function verdict(files: readonly CheckpointFile[]): Promise<string> {
  const opened = await openCheckpoint(files);
  const checked = opened.ok ? checkTensors(opened.value) : opened;
  return checked.ok ? 'accepted' : checked.error.message;
}
const without = (name: string): Tensor[] => tensors.filter((t) => t.name !== name);
const changed = (name: string, change: (t: Tensor) => Tensor): Tensor[] =>
  tensors.map((t) => (t.name === name ? change(t) : t));

describe('a checkpoint opens', () => {
  for (const dtype of ['F32', 'F16', 'BF16'] as const) {
    it(`${dtype}, in one file and in three shards`, async () => {
      expect(await verdict(checkpointFiles(config, tensors, dtype))).toBe('accepted');
      expect(await verdict(checkpointFiles(config, tensors, dtype, 3))).toBe('accepted');
    });
  }
  it('with an output projection of its own', async () => {
    const separate: ModelConfig = { ...config, embeddings: 'separate' };
    expect(await verdict(checkpointFiles(separate, seededTensors(separate, 3), 'F32'))).toBe('accepted');
  });
});

describe('a wrong checkpoint is refused by name', () => {
  const q = 'model.layers.0.self_attn.q_proj.weight';
  const cases: readonly (readonly [string, () => readonly CheckpointFile[], string])[] = [
    ['no config', () => checkpointFiles(config, tensors, 'F32').slice(1), 'no config.json'],
    ['no weights', () => checkpointFiles(config, tensors, 'F32').slice(0, 1), 'no .safetensors'],
    ['a tensor is missing', () => checkpointFiles(config, without(q), 'F32'), `Tensor ${q} is missing`],
    [
      'a tensor has another shape',
      () =>
        checkpointFiles(
          config,
          changed(q, (t) => ({ ...t, shape: [16, t.cells.length / 16] })),
          'F32',
        ),
      `Tensor ${q} is [`,
    ],
    [
      'a tensor that changes the mathematics is left over',
      () =>
        checkpointFiles(
          config,
          [
            ...tensors,
            { name: 'model.layers.0.self_attn.q_norm.weight', shape: [4], cells: new Float32Array(4) },
          ],
          'F32',
        ),
      'q_norm.weight has no place',
    ],
    [
      'a shard is missing',
      () => checkpointFiles(config, tensors, 'F32', 3).filter((f) => !f.name.includes('00002-of')),
      'model-00002-of-00003',
    ],
    [
      'two files hold one tensor',
      () => [
        ...checkpointFiles(config, tensors, 'F32'),
        { name: 'again.safetensors', blob: safetensors(tensors.slice(0, 1), 'F32') },
      ],
      'is in again.safetensors and in model.safetensors',
    ],
  ];
  for (const [name, files, message] of cases)
    it(name, async () => expect(await verdict(files())).toContain(message));

  const entry = (value: unknown): Blob => withHeader(JSON.stringify({ w: value }), [new Uint8Array(64)]);
  const broken: readonly (readonly [string, Blob, string])[] = [
    ['an empty file', new Blob([]), '0 bytes'],
    [
      'a header longer than the file',
      new Blob([new Uint8Array([255, 255, 0, 0, 0, 0, 0, 0, 1])]),
      'header has 65535 bytes',
    ],
    ['a header of 2⁶⁴ − 1 bytes', new Blob([new Uint8Array(16).fill(255)]), 'header has'],
    ['a header that is no JSON', withHeader('{"w":', []), 'no JSON'],
    ['a header that is a list', withHeader('[]', []), 'no object'],
    ['an entry that is null', entry(null), 'tensor w lacks'],
    ['a negative extent', entry({ dtype: 'F32', shape: [-4], data_offsets: [0, 16] }), 'tensor w lacks'],
    ['an extent of 1e300', entry({ dtype: 'F32', shape: [1e300], data_offsets: [0, 16] }), 'tensor w lacks'],
    [
      'offsets past the end',
      entry({ dtype: 'F32', shape: [100], data_offsets: [0, 400] }),
      'tensor w lies at bytes 0 … 400 of 64',
    ],
    [
      'a size that is not its shape',
      entry({ dtype: 'F32', shape: [3], data_offsets: [0, 16] }),
      'has 16 bytes, not 12',
    ],
    [
      'overlapping tensors',
      withHeader(
        JSON.stringify({
          a: { dtype: 'F32', shape: [4], data_offsets: [0, 16] },
          b: { dtype: 'F32', shape: [4], data_offsets: [8, 24] },
        }),
        [new Uint8Array(64)],
      ),
      'a and b overlap',
    ],
  ];
  for (const [name, blob, message] of broken) {
    it(name, async () => {
      const header = await readHeader('x.safetensors', blob);
      expect(header.ok ? 'accepted' : header.error.message).toContain(message);
    });
  }

  it('weights that are not finite, with the row', async () => {
    const cells = new Float32Array(12).fill(1);
    cells[7] = Number.NaN;
    const [tensor] = unwrap(await readHeader('x', safetensors([{ name: 'w', shape: [4, 3], cells }], 'F32')));
    const read = tensor && (await readRows(tensor, 0, 4));
    expect(read?.ok === false && read.error.message).toContain('tensor w holds NaN in row 2');
  });

  it('any broken header ends in a message, never in an exception', async () => {
    const good = new Uint8Array(await safetensors(tensors.slice(0, 3), 'F16').arrayBuffer());
    await fc.assert(
      fc.asyncProperty(
        fc.nat(good.length),
        fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 6 }),
        async (length, edits) => {
          const bytes = good.slice(0, length);
          for (const [i, value] of edits) if (i < bytes.length) bytes[i] = value;
          const header = await readHeader('x', new Blob([bytes]));
          if (!header.ok) expect(header.error.message.length).toBeGreaterThan(10);
          else for (const t of header.value) expect(t.end).toBeLessThanOrEqual(bytes.length);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('reading in runs', () => {
  it('covers every row of a part once, piece by piece', () => {
    const matrix = {
      key: 'm',
      rows: 100,
      columns: (4 * 2 ** 20) / 16,
      use: 'linear',
      pieces: [
        { name: 'a', rows: 60 },
        { name: 'b', rows: 40 },
      ],
    } as const;
    const runs = runsOf({ matrix, first: 50, rows: 30 });
    const rows = runs.flatMap((r) =>
      Array.from({ length: r.to - r.from }, (_, i) => `${r.piece.name}${r.from + i}→${r.into + i}`),
    );
    expect(rows).toEqual([
      ...Array.from({ length: 10 }, (_, i) => `a${50 + i}→${i}`),
      ...Array.from({ length: 20 }, (_, i) => `b${i}→${10 + i}`),
    ]);
    expect(Math.max(...runs.map((r) => r.to - r.from))).toBeLessThanOrEqual(8);
  });
});
