// Checkpoints against their config: good ones open, mismatched ones are refused with the tensor's name, and no
// corruption of a file's structure makes another model of it.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { at } from '../../../src/core/assert.ts';
import { unwrap } from '../../../src/core/result.ts';
import { checkTensors, openCheckpoint, runsOf } from '../../../src/model/checkpoint.ts';
import type { CheckpointFile } from '../../../src/model/checkpoint-file.ts';
import type { ModelConfig } from '../../../src/model/config.ts';
import { presets } from '../../../src/model/presets.ts';
import { readRows } from '../../../src/model/safetensors.ts';
import {
  checkpointFiles,
  configJson,
  type Entry,
  entriesOf,
  headerOf,
  safetensors,
  seededTensors,
  type Tensor,
  withHeader,
} from './checkpoint-files.ts';

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
const extra = (name: string, shape: readonly number[]): Tensor => ({
  name,
  shape,
  cells: new Float32Array(shape.reduce((a, b) => a * b, 1)),
});
/** The same weights beside a config.json with other fields. */
const described = (fields: Record<string, unknown>): CheckpointFile[] => [
  { name: 'config.json', blob: new Blob([JSON.stringify({ ...configJson(config), ...fields })]) },
  { name: 'model.safetensors', blob: safetensors(tensors, 'F32') },
];

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
  it('with rotary frequencies, which old ones carry', async () => {
    const more = [...tensors, extra('model.layers.0.self_attn.rotary_emb.inv_freq', [16])];
    expect(await verdict(checkpointFiles(config, more, 'F32'))).toBe('accepted');
  });
});

describe('a wrong checkpoint is refused by name', () => {
  const q = 'model.layers.0.self_attn.q_proj.weight';
  const norm = 'model.layers.0.input_layernorm.weight';
  /** The checkpoint with one tensor of another dtype. */
  const asDtype = (name: string, dtype: string): CheckpointFile[] => {
    const { entries, parts } = entriesOf(tensors, 'F32');
    const retyped = entries.map((e) =>
      e.name === name ? { ...e, dtype, shape: dtype === 'U8' ? [e.offsets[1] - e.offsets[0]] : e.shape } : e,
    );
    return [
      ...described({}).slice(0, 1),
      { name: 'model.safetensors', blob: withHeader(headerOf(retyped), parts) },
    ];
  };
  const cases: readonly (readonly [string, readonly CheckpointFile[], string])[] = [
    ['a tensor is missing', checkpointFiles(config, without(q), 'F32'), `Tensor ${q} is missing`],
    ['a vector is missing', checkpointFiles(config, without(norm), 'F32'), `Tensor ${norm} is missing`],
    [
      'a tensor has another shape',
      checkpointFiles(
        config,
        changed(q, (t) => ({ ...t, shape: [32, 64] })),
        'F32',
      ),
      `Tensor ${q} of model.safetensors is [32,64]; config.json asks for [64,32]`,
    ],
    [
      'a tensor has another rank',
      checkpointFiles(
        config,
        changed(norm, (t) => ({ ...t, shape: [1, 32] })),
        'F32',
      ),
      `Tensor ${norm} of model.safetensors is [1,32]; config.json asks for [32]`,
    ],
    ['a tensor is U8', asDtype(q, 'U8'), `Tensor ${q} of model.safetensors is U8`],
    ['a tensor is I32', asDtype(q, 'I32'), `Tensor ${q} of model.safetensors is I32`],
    ['a vector is U32', asDtype(norm, 'U32'), `Tensor ${norm} of model.safetensors is U32`],
    [
      'a tensor that changes the mathematics is left over',
      checkpointFiles(config, [...tensors, extra('model.layers.0.self_attn.q_norm.weight', [4])], 'F32'),
      'q_norm.weight of model.safetensors has no place',
    ],
    [
      'a layer is left over',
      checkpointFiles(config, [...tensors, extra('model.layers.1.input_layernorm.weight', [32])], 'F32'),
      'model.layers.1.input_layernorm.weight of model.safetensors has no place',
    ],
    [
      'a copy of tied embeddings has another shape',
      checkpointFiles(config, [...tensors, extra('lm_head.weight', [16, 32])], 'F32'),
      'lm_head.weight of model.safetensors is [16,32]',
    ],
    [
      'there are fewer layers',
      described({ num_hidden_layers: 2 }),
      'model.layers.1.self_attn.q_proj.weight is missing',
    ],
    ['there are far fewer layers', described({ num_hidden_layers: 1024 }), 'model.layers.1.self_attn.q_proj'],
    [
      'there are impossibly many layers',
      described({ num_hidden_layers: 1e9 }),
      'num_hidden_layers is 1000000000',
    ],
    [
      'the vocabulary is larger',
      described({ vocab_size: 64 }),
      'embed_tokens.weight of model.safetensors is [32,32]',
    ],
    ['embeddings are separate', described({ tie_word_embeddings: false }), 'lm_head.weight is missing'],
  ];
  for (const [name, files, message] of cases)
    it(name, async () => expect(await verdict(files)).toContain(message));
});

describe('corruption never makes another model', () => {
  const two: ModelConfig = { ...config, layers: 2, vocab: 8, width: 16, heads: 1, kvHeads: 1, headDim: 16 };
  const made = seededTensors(two, 5);

  /** Refused, or every tensor as it was. */
  async function refusedOrEqual(files: readonly CheckpointFile[]): Promise<void> {
    const opened = await openCheckpoint(files);
    if (!opened.ok || !checkTensors(opened.value).ok) return;
    expect(opened.value.config).toEqual({ ...two, name: opened.value.config.name });
    for (const { name, shape, cells } of made) {
      const stored = opened.value.tensors.get(name);
      const read = stored && unwrap(await readRows(stored, 0, at(shape, 0)));
      expect(read, name).toEqual(cells);
    }
  }

  it('when bytes of a header or an index are overwritten, cut or added', async () => {
    const files = checkpointFiles(two, made, 'F32', 2);
    const plain = await Promise.all(files.map(async ({ blob }) => new Uint8Array(await blob.arrayBuffer())));
    const letters = [...new Set(new TextEncoder().encode('0123456789{}[]":,. abFUI\\'))];
    const edit = fc.record({
      where: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      put: fc.oneof(fc.constantFrom(...letters), fc.nat(255)),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: files.length - 1 }),
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(0, 0, 0, -1, -4, 4),
        async (which, edits, longer) => {
          const intact = at(plain, which);
          const bytes = new Uint8Array(intact.length + longer);
          bytes.set(intact.subarray(0, bytes.length));
          // weights carry no checksum: only what describes them is overwritten
          const described = at(files, which).name.endsWith('.json')
            ? bytes.length
            : 8 + Number(new DataView(intact.buffer).getBigUint64(0, true));
          for (const { where, put } of edits) bytes[Math.floor(where * described)] = put;
          await refusedOrEqual(
            files.map((file, i) => (i === which ? { ...file, blob: new Blob([bytes]) } : file)),
          );
        },
      ),
      { numRuns: 400 },
    );
  });

  it('when an entry of a header is dropped, doubled, or takes a field from another', async () => {
    const { entries, parts } = entriesOf(made, 'F32');
    const configFile = at(checkpointFiles(two, made, 'F32'), 0);
    const changes: readonly ((one: Entry, from: Entry) => readonly Entry[])[] = [
      () => [],
      (one) => [one, one],
      (one, from) => [{ ...one, name: from.name }],
      (one, from) => [{ ...one, offsets: from.offsets }],
      (one, from) => [{ ...one, shape: from.shape }],
      (one) => [{ ...one, dtype: 'BF16', shape: one.shape.map((n, i) => (i === 0 ? 2 * n : n)) }],
      (one, from) => [{ ...one, name: from.name, shape: from.shape }],
      (one, from) => [one, { ...from, offsets: one.offsets, shape: one.shape }],
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.nat(entries.length - 1),
        fc.nat(entries.length - 1),
        fc.constantFrom(...changes),
        async (i, j, change) => {
          const header = headerOf(entries.flatMap((e, k) => (k === i ? change(e, at(entries, j)) : [e])));
          await refusedOrEqual([
            configFile,
            { name: 'model/model.safetensors', blob: withHeader(header, parts) },
          ]);
        },
      ),
      { numRuns: 200 },
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
