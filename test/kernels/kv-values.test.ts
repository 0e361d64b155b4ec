// What pages hold once real numbers were written: any scale, rounding, angle and bias, at every head size, format and page size.
// The ops' own shapes hold whole numbers and quarter turns, which compare word by word, and whose int8 scales are all 1.

import { describe, expect, it } from 'vitest';
import { at } from '../../src/core/assert.ts';
import { prng } from '../../src/core/prng.ts';
import { explain, unwrap } from '../../src/core/result.ts';
import { runOnce } from '../../src/gpu/dispatch.ts';
import { catalog } from '../../src/kernels/catalog.ts';
import { fillWith } from '../../src/kernels/fills.ts';
import { roundTo } from '../../src/kernels/layout.ts';
import type { Dims, Values } from '../../src/kernels/op.ts';
import { blockUnits, cellsPerUnit, type FormatCode, KvPages } from '../../src/kernels/packing.ts';
import { prepare } from '../../src/kernels/prepare.ts';
import { rotations } from '../../src/kernels/rope.ts';
import { testGpu } from './gpu.ts';

const { gpu, pipelines } = await testGpu();

/** The only version of an op, run once. */
async function outputs(id: string, dims: Dims, inputs: Values): Promise<Values> {
  const entry = catalog.get(id);
  const [version, ...others] = entry?.versions ?? [];
  if (!entry || !version || others.length > 0) throw new Error(`${id} has one version no longer`);
  const run = await runOnce(gpu, pipelines, unwrap(prepare(entry.op, version, dims, 'f32')), inputs);
  if (!run.ok) throw new Error(explain(run.error));
  return run.value;
}

const output = (values: Values, name: string): Float64Array => {
  const cells = values[name];
  if (!cells) throw new Error(`no output ${name}`);
  return cells;
};

const [t, heads, kvHeads, window] = [5, 4, 2, 40];
const pageSizes = [8, 16, 32, 64] as const;
const formats = { f32: 0, f16: 1, i8: 2 } as const satisfies Record<string, FormatCode>;
/** Every format with every head size and with every page size. */
const cases = Object.entries(formats).flatMap(([name, format]) =>
  [32, 48, 64, 96, 128].map((headDim, i) => ({
    name,
    format,
    headDim,
    page: at(pageSizes, (format + i) % 4),
  })),
);

function setup({ format, headDim, page }: (typeof cases)[number]) {
  const pages = 3;
  const layout = { format, headDim, page };
  const dims: Dims = {
    ...{ t, heads, kv_heads: kvHeads, head_dim: headDim, format, page, pages, window },
    ...{ cells: cellsPerUnit(format), block_words: 4 * blockUnits(layout) },
  };
  const random = prng(headDim + format);
  const slots = Float64Array.from({ length: t }, (_, i) => (i * 7 + 3) % (pages * page));
  const rows = heads + 2 * kvHeads;
  // heads of very different sizes, so that each int8 scale is its own
  const sizes = Float64Array.from({ length: t * rows }, () => 10 ** (4 * random.next() - 2));
  const cells = fillWith('normal', t * rows * headDim, headDim);
  const qkv = roundTo(
    'f32',
    cells.map((x, i) => x * at(sizes, Math.floor(i / headDim))),
  );
  const empty = new Float64Array(pages * kvHeads * 4 * blockUnits(layout));
  return { layout, dims, slots, qkv, empty, rows };
}

/** One head of every token after another: [t, rows, headDim] → [t, to − from, headDim]. */
const headsOf = (cells: Float64Array, rows: number, headDim: number, from: number, to: number) =>
  Float64Array.from({ length: t * (to - from) * headDim }, (_, i) => {
    const [token, rest] = [Math.floor(i / ((to - from) * headDim)), i % ((to - from) * headDim)];
    return at(cells, (token * rows + from) * headDim + rest);
  });

describe.each(cases)('$name pages of $page tokens, heads of $headDim', (of) => {
  it('kv_append: cells stand for what was written, as near as the format can', async () => {
    const { layout, dims, slots, qkv, empty, rows } = setup(of);
    const kv = headsOf(qkv, rows, of.headDim, heads, rows);
    const written = output(await outputs('kv_append', dims, { kv, slots, pages: empty }), 'pages');
    const store = new KvPages(layout, Uint32Array.from(written));
    for (let head = 0; head < t * 2 * kvHeads; head++) {
      const cells = kv.subarray(head * of.headDim, (head + 1) * of.headDim);
      const slot = at(slots, Math.floor(head / (2 * kvHeads)));
      const block = Math.floor(slot / of.page) * kvHeads + (head % kvHeads);
      const kind = Math.floor(head / kvHeads) % 2 === 0 ? 'k' : 'v';
      const amax = cells.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      cells.forEach((want, d) => {
        const got = store.read(block, kind, slot % of.page, d);
        const off = Math.abs(got - want);
        // half a step of the format, and for int8 the rounding of the scale and of the division
        const most = {
          f32: 0,
          f16: Math.abs(want) * (Math.abs(want) < 2 ** -14 ? 1 : 2 ** -11), // WGSL may flush subnormals
          i8: (amax / 127) * (0.5 + 127 * 2 ** -20),
        }[of.name as keyof typeof formats];
        expect(off, `${kind} ${d} of slot ${slot}: ${got} for ${want}`).toBeLessThanOrEqual(most);
      });
      // the largest cell fills the range of int8: a kernel with a scale of its own would not
      if (of.name === 'i8') {
        const largest = cells.findIndex((x) => Math.abs(x) === amax);
        const got = Math.abs(store.read(block, kind, slot % of.page, largest));
        expect(Math.abs(got / amax - 1)).toBeLessThan(2 ** -20);
      }
    }
  });

  it('rope_kv_append leaves the bits of bias_add, rope and kv_append', async () => {
    const { dims, slots, qkv, empty, rows } = setup(of);
    const d = of.headDim;
    const bias = roundTo('f32', fillWith('normal', rows * d, 9));
    const frequencies = Float64Array.from({ length: d / 2 }, (_, i) => 10000 ** ((-2 * i) / d));
    const turn = {
      rotations: Float64Array.from(rotations(window, frequencies)),
      positions: Float64Array.from({ length: t }, (_, i) => 11 * i + 1).map((p) => p % window),
    };
    const fused = await outputs('rope_kv_append', dims, { ...turn, qkv, bias, slots, pages: empty });

    const sum = output(await outputs('bias_add', { m: t, n: rows * d }, { bias, x: qkv }), 'x');
    const turned = output(
      await outputs(
        'rope',
        { t, heads: heads + kvHeads, head_dim: d, window },
        { ...turn, x: headsOf(sum, rows, d, 0, heads + kvHeads) },
      ),
      'x',
    );
    const q = headsOf(turned, heads + kvHeads, d, 0, heads);
    const k = headsOf(turned, heads + kvHeads, d, heads, heads + kvHeads);
    const v = headsOf(sum, rows, d, heads + kvHeads, rows);
    const half = kvHeads * d;
    const kv = Float64Array.from({ length: 2 * t * half }, (_, i) => {
      const [token, rest] = [Math.floor(i / (2 * half)), i % (2 * half)];
      return rest < half ? at(k, token * half + rest) : at(v, token * half + rest - half);
    });
    const apart = await outputs('kv_append', dims, { kv, slots, pages: empty });
    expect(output(fused, 'q')).toEqual(q);
    expect(output(fused, 'pages')).toEqual(output(apart, 'pages'));
  });
});
