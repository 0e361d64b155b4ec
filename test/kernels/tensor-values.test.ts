// What the heat map shows of a real step: weights as the checkpoint's values, and in the pages the K and V that the step computed,
// in every way of storing them.

import { describe, expect, it } from 'vitest';
import { unwrap } from '../../src/core/result.ts';
import { catalog } from '../../src/kernels/catalog.ts';
import type { Capture } from '../../src/model/contract.ts';
import type { KvFormat, WeightFormat } from '../../src/model/formats.ts';
import { presets } from '../../src/model/presets.ts';
import { seededMatrix } from '../../src/model/seeded.ts';
import { matricesOf } from '../../src/model/tensors.ts';
import { cellsOf, type TensorCells } from '../../src/views/model/tensor.ts';
import { connectWorker } from '../../src/worker/client.ts';

const config = presets.nano;
const { kvHeads, headDim, heads } = config;
const page = 8;
/** A prompt over two pages, with a third begun. */
const tokens = Array.from({ length: 19 }, (_, i) => (i * 7) % 512);

function shown(capture: Capture, name: string): TensorCells {
  const spec = catalog.get(capture.name.op)?.op.tensors[name];
  if (!spec) throw new Error(`${capture.name.op} has no tensor ${name}`);
  const after = Object.fromEntries(
    Object.entries(capture.buffers).map(([key, { after: bytes }]) => [key, bytes]),
  );
  return cellsOf(name, spec, capture.dims, after);
}

/** The largest error of a value that is stored like this, beside others of at most `peak`. */
const slack = (format: WeightFormat | KvFormat, value: number, peak: number): number =>
  format === 'f32' ? 0 : format === 'f16' ? Math.abs(value) * 2 ** -11 + 2 ** -25 : (peak / 127) * 0.5001;

/** How far the worst of `got` passes what storing `want` in this format may change; at most 0 where all is well. */
function excess(
  format: WeightFormat | KvFormat,
  want: readonly number[],
  got: (i: number) => number,
): number {
  const peak = Math.max(...want.map(Math.abs));
  return Math.max(...want.map((value, i) => Math.abs(got(i) - value) - slack(format, value, peak)));
}

const norm = (values: readonly number[]): number => Math.hypot(...values);

describe('the values of a step', () => {
  it.each([
    ['f32', 'f32'],
    ['f16', 'f16'],
    ['i8-row', 'i8'],
  ] as const)('with weights in %s and pages in %s', async (weights, kv) => {
    const client = connectWorker();
    const ignore = (): void => undefined;
    const model = {
      source: { kind: 'seeded', config, seed: 4 },
      options: { weights, kv, kernels: 'auto' },
      window: 64,
      pageSize: page,
    } as const;
    unwrap(await client.load(model, ignore));
    const sampling = { temperature: 0, topK: 0, topP: 1, seed: 0 };
    const prompt = { tokens, sampling, maxTokens: 4, answers: 1, stops: [] };
    const ran = unwrap(await client.generate({ prompt, steps: 1, pace: 'await' }, ignore));
    const table = ran.state.answers[0]?.table ?? [];
    expect(table).toHaveLength(3);

    const qkv = unwrap(await client.api.capture({ layer: 1, role: 'qkv' }));
    const w = shown(qkv, 'w');
    const matrix = matricesOf(config).find(({ key }) => key === 'layers.1.qkv');
    if (!matrix) throw new Error('no QKV projection');
    const want = seededMatrix(4, matrix);
    expect([w.rows, w.columns]).toEqual([matrix.rows, matrix.columns]);
    for (let row = 0; row < w.rows; row++) {
      const values = [...want.subarray(row * w.columns, (row + 1) * w.columns)];
      expect(excess(weights, values, (column) => w.at(row, column))).toBeLessThanOrEqual(0);
    }

    const y = shown(qkv, 'y');
    const attention = unwrap(await client.api.capture({ layer: 1, role: 'attention' }));
    const pages = shown(attention, 'pages');
    for (const [position] of tokens.entries()) {
      for (let head = 0; head < kvHeads; head++) {
        const projected = (of: number): number[] =>
          Array.from({ length: headDim }, (_, d) => y.at(position, of * headDim + d));
        const [k, v] = [projected(heads + head), projected(heads + kvHeads + head)];
        const row = ((table[Math.floor(position / page)] ?? -1) * kvHeads + head) * page + (position % page);
        // V goes into the pages as the projection gives it: nano has no bias
        expect(excess(kv, v, (d) => pages.at(row, headDim + d))).toBeLessThanOrEqual(0);
        // K is turned by its position, which keeps its length up to rounding
        const turned = norm(Array.from({ length: headDim }, (_, d) => pages.at(row, d)));
        expect(Math.abs(turned / norm(k) - 1)).toBeLessThan(kv === 'i8' ? 0.02 : 0.001);
      }
    }
    client.terminate();
  });
});
