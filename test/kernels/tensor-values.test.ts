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

const peakOf = (values: readonly number[]): number => Math.max(...values.map(Math.abs));

describe('the values of a step', () => {
  it.each([
    ['f32', 'f32'],
    ['f16', 'f16'],
    ['i8-row', 'i8'],
    ['i8-g32', 'f32'],
  ] as const)('with weights in %s and pages in %s', async (weights, kv) => {
    const client = connectWorker();
    const ignore = (): void => undefined;
    unwrap(
      await client.load(
        {
          source: { kind: 'seeded', config, seed: 4 },
          options: { weights, kv, kernels: 'auto' },
          window: 64,
          pageSize: page,
        },
        ignore,
      ),
    );
    const prompt = {
      tokens,
      sampling: { temperature: 0, topK: 0, topP: 1, seed: 0 },
      maxTokens: 4,
      answers: 1,
      stops: [],
    };
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
      const peak = peakOf(values);
      for (const [column, value] of values.entries())
        expect(Math.abs(w.at(row, column) - value)).toBeLessThanOrEqual(slack(weights, value, peak));
    }

    // V goes from the projection into the pages as it is; nano has no bias
    const y = shown(qkv, 'y');
    const attention = unwrap(await client.api.capture({ layer: 1, role: 'attention' }));
    const pages = shown(attention, 'pages');
    for (const [position] of tokens.entries()) {
      for (let head = 0; head < kvHeads; head++) {
        const from = (heads + kvHeads + head) * headDim;
        const values = Array.from({ length: headDim }, (_, d) => y.at(position, from + d));
        const id = table[Math.floor(position / page)] ?? -1;
        const row = (id * kvHeads + head) * page + (position % page);
        for (const [d, value] of values.entries())
          expect(Math.abs(pages.at(row, headDim + d) - value)).toBeLessThanOrEqual(
            slack(kv, value, peakOf(values)),
          );
        // turning K by its position keeps its length, up to rounding
        const length = (of: (d: number) => number): number =>
          Math.hypot(...Array.from({ length: headDim }, (_, d) => of(d)));
        const before = length((d) => y.at(position, (heads + head) * headDim + d));
        const inPage = length((d) => pages.at(row, d));
        expect(Math.abs(inPage - before)).toBeLessThan(before * (kv === 'i8' ? 0.02 : 0.001));
        expect(before).toBeGreaterThan(0);
      }
    }
    client.terminate();
  });
});
