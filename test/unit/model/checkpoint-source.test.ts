// What a checkpoint writes into a model's buffers, in every format and from every dtype, and the values that it
// refuses. The GPU is a queue that keeps what is written; test/kernels/model/loading.test.ts has a real one.

import { describe, expect, it } from 'vitest';
import { at } from '../../../src/core/assert.ts';
import { type Result, unwrap } from '../../../src/core/result.ts';
import type { Gpu } from '../../../src/gpu/device.ts';
import { unpackRows } from '../../../src/kernels/packing.ts';
import { checkpointSource, openCheckpoint } from '../../../src/model/checkpoint.ts';
import type { ModelConfig } from '../../../src/model/config.ts';
import { rowBytes, storedFormat, type WeightFormat, weightFormats } from '../../../src/model/formats.ts';
import { presets } from '../../../src/model/presets.ts';
import type { FloatType } from '../../../src/model/safetensors.ts';
import { seededMatrix } from '../../../src/model/seeded.ts';
import { type Matrix, matricesOf } from '../../../src/model/tensors.ts';
import type { MatrixPart, SourceFailure } from '../../../src/model/weights.ts';
import { checkpointFiles, seededTensors, type Tensor } from './checkpoint-files.ts';

const config: ModelConfig = { ...presets.nano, layers: 1, vocab: 48 };
const tensors = seededTensors(config, 3);
const matrices = new Map(matricesOf(config).map((matrix) => [matrix.key, matrix]));

/** A GPU whose buffers are the byte arrays that stand for them. */
const gpu = {
  device: {
    queue: {
      writeBuffer: (buffer: unknown, offset: number, data: ArrayBuffer) => {
        if (buffer instanceof Uint8Array) buffer.set(new Uint8Array(data), offset);
      },
    },
  },
} as unknown as Gpu;

async function sourceOf(from: readonly Tensor[], dtype: FloatType = 'F32', of = config) {
  return checkpointSource(gpu, unwrap(await openCheckpoint(checkpointFiles(of, from, dtype, 2))));
}

interface Filled {
  readonly filled: Result<true, SourceFailure>;
  readonly words: Uint32Array;
  readonly scales: Float32Array;
}

/** Rows first … first + rows − 1 of a matrix as the source fills them. */
async function fill(
  source: Awaited<ReturnType<typeof sourceOf>>,
  matrix: Matrix,
  format: WeightFormat,
  first = 0,
  rows = matrix.rows,
): Promise<Filled> {
  const stored = storedFormat(format, matrix.columns);
  const bytes = rowBytes(stored, matrix.columns);
  const [cells, scales] = [new Uint8Array(rows * bytes.cells), new Uint8Array(rows * bytes.scales)];
  const part = { matrix, stored, first, rows, cells, scales } as unknown as MatrixPart;
  const filled = await source.fill(part);
  return { filled, words: new Uint32Array(cells.buffer), scales: new Float32Array(scales.buffer) };
}

const matrixOf = (key: string): Matrix => {
  const matrix = matrices.get(key);
  if (!matrix) throw new Error(key);
  return matrix;
};

describe('weights of a checkpoint', () => {
  // 64 columns for qkv and 192 for down: groups of 128 end in one of 64
  for (const key of ['embedding', 'layers.0.qkv', 'layers.0.down']) {
    for (const format of weightFormats) {
      it(`${key} as ${format} stands for the file's cells, rounded once`, async () => {
        const matrix = matrixOf(key);
        const { format: code, group, groups } = storedFormat(format, matrix.columns);
        const { filled, words, scales } = await fill(await sourceOf(tensors), matrix, format);
        unwrap(filled);
        const cells = seededMatrix(3, matrix);
        const got = unpackRows(code, { words, scales }, matrix.rows, matrix.columns, group);
        if (code === 0) return expect(got).toEqual(Float64Array.from(cells));
        if (code === 1) {
          // 11 bits of precision: off by half of the last one at most
          for (const [i, cell] of cells.entries())
            expect(Math.abs(at(got, i) - cell)).toBeLessThanOrEqual(
              Math.max(2 ** -25, Math.abs(cell) * 2 ** -11),
            );
          return;
        }
        for (let row = 0; row < matrix.rows; row++) {
          for (let g = 0; g < groups; g++) {
            const from = row * matrix.columns + g * group;
            const to = row * matrix.columns + Math.min(matrix.columns, (g + 1) * group);
            const scale = at(scales, row * groups + g);
            expect(scale).toBe(Math.fround(Math.max(...cells.slice(from, to).map(Math.abs)) / 127));
            for (let i = from; i < to; i++) {
              const level = at(got, i) / scale;
              expect(Math.abs(level - Math.round(level))).toBeLessThan(1e-9);
              expect(Math.abs(level - at(cells, i) / scale)).toBeLessThanOrEqual(0.5 + 1e-5);
            }
          }
        }
        return undefined;
      });
    }
  }

  it('are the same whether a matrix is filled whole or in parts', async () => {
    const source = await sourceOf(tensors);
    const matrix = matrixOf('layers.0.qkv');
    const whole = await fill(source, matrix, 'i8-g32');
    const parts = [await fill(source, matrix, 'i8-g32', 0, 50), await fill(source, matrix, 'i8-g32', 50, 78)];
    expect(parts.flatMap(({ words }) => [...words])).toEqual([...whole.words]);
    expect(parts.flatMap(({ scales }) => [...scales])).toEqual([...whole.scales]);
  });

  for (const dtype of ['F16', 'BF16'] as const)
    it(`are read from ${dtype} exactly`, async () => {
      // whole numbers up to 127 are exact in both
      const whole = tensors.map((t) => ({ ...t, cells: t.cells.map((_, i) => (i % 255) - 127) }));
      const matrix = matrixOf('layers.0.down');
      const { words } = await fill(await sourceOf(whole, dtype), matrix, 'f32');
      const down = whole.find(({ name }) => name.endsWith('down_proj.weight'));
      expect(new Float32Array(words.buffer)).toEqual(down?.cells);
    });
});

describe('values that a format cannot hold', () => {
  const name = 'model.layers.0.self_attn.k_proj.weight';
  const holding = (value: number): Tensor[] =>
    tensors.map((t) =>
      t.name === name ? { ...t, cells: t.cells.map((x, i) => (i === 64 * 5 + 3 ? value : x)) } : t,
    );
  const verdict = async (value: number, format: WeightFormat, dtype: FloatType = 'F32'): Promise<string> => {
    const { filled } = await fill(await sourceOf(holding(value), dtype), matrixOf('layers.0.qkv'), format);
    return filled.ok ? 'filled' : `${filled.error.message} ${filled.error.hint}`;
  };

  it('are refused where f16 would make them infinite, with tensor, row and a way out', async () => {
    const file = 'model-00001-of-00002.safetensors';
    expect(await verdict(70000, 'f16')).toBe(
      `${file}: tensor ${name} holds 70000 in row 5; f16 ends at 65504. Choose f32 or int8 weights.`,
    );
    expect(await verdict(-65520, 'f16')).toContain('holds -65520 in row 5');
    expect(await verdict(2 ** 17, 'f16', 'BF16')).toContain('holds 131072 in row 5');
  });

  it('are taken where they fit', async () => {
    expect(await verdict(65519, 'f16')).toBe('filled');
    for (const format of weightFormats)
      if (format !== 'f16') expect(await verdict(70000, format)).toBe('filled');
  });

  it('are refused in every format where they are not finite', async () => {
    for (const format of weightFormats)
      expect(await verdict(Number.NaN, format)).toContain(`tensor ${name} holds NaN in row 5`);
  });
});

describe('an output projection beside tied embeddings', () => {
  const embedding = at(tensors, 0);
  const check = async (cells: Float32Array): Promise<string> => {
    const source = await sourceOf([...tensors, { ...embedding, name: 'lm_head.weight', cells }]);
    const checked = await source.check(config);
    return checked.ok ? 'accepted' : checked.error.message;
  };

  it('is taken as their copy', async () => expect(await check(embedding.cells)).toBe('accepted'));
  it('is compared in pieces, between which a stop is heard', async () => {
    const tall: ModelConfig = { ...config, vocab: 40_000 }; // 9.8 MiB a copy, read 8 at a time
    const cells = new Float32Array(tall.vocab * tall.width);
    const table = { name: embedding.name, shape: [tall.vocab, tall.width], cells };
    const all = tensors.map((t) => (t.name === table.name ? table : t));
    const source = await sourceOf([...all, { ...table, name: 'lm_head.weight' }], 'F32', tall);
    for (const until of [1, 2, 3]) {
      let asked = 0;
      const checked = await source.check(tall, () => (++asked > until - 1 ? 'cancelled' : null));
      expect(checked.ok || checked.error.code).toBe(until < 3 ? 'cancelled' : true);
    }
  });
  it('is refused where it differs, with the row', async () => {
    const other = embedding.cells.map((x, i) => (i === 64 * 47 + 9 ? x + 1 : x));
    expect(await check(other)).toBe(
      'Tensor lm_head.weight differs from model.embed_tokens.weight in row 47, and config.json ties them.',
    );
  });
});
