// rope_kv_append: everything between the QKV projection and attention, fused: bias, rotation of Q and K, and
// writing K and V into their pages through the slot mapping. The plain ops are bias_add, rope and kv_append.

import { at } from '../../src/core/assert.ts';
import { permutation, prng } from '../../src/core/prng.ts';
import { dimOf } from '../../src/kernels/dims.ts';
import type { Dims, Op } from '../../src/kernels/op.ts';
import { blockUnits, cellsPerUnit, KvPages } from '../../src/kernels/packing.ts';
import { pickRows } from '../../src/kernels/rows.ts';

const NO_SLOT = 0xffffffff;
const window = 12;

const shape = (
  t: number,
  heads: number,
  kv_heads: number,
  head_dim: number,
  format: number,
  page = 16,
): Dims => ({
  t,
  heads,
  kv_heads,
  head_dim,
  format,
  page,
  window,
  pages: 3,
  cells: cellsPerUnit(format),
  block_words: 4 * blockUnits({ format, headDim: head_dim, page }),
});

const op: Op = {
  id: 'rope_kv_append',
  title: 'Bias, rotary embedding and KV append',
  about:
    'Q and K (with bias) are turned by their positions; Q goes on to attention, K and V into the page and offset that the slot mapping names.',
  dims: {
    t: 'tokens',
    heads: 'query heads',
    kv_heads: 'heads of K and V',
    head_dim: 'cells of a head',
    window: 'rows of the rotation table',
    pages: 'pages',
    page: 'tokens a page',
    format: 'of the pages: 0 f32, 1 f16, 2 i8',
    cells: 'cells in a 16-byte unit: 4, 8 or 16',
    block_words: 'words of one head in a page',
  },
  dtypes: ['f32'],
  tensors: {
    qkv: { role: 'in', cells: 'f32', shape: ['t', 'heads + 2 * kv_heads', 'head_dim'], about: 'projections' },
    bias: {
      role: 'in',
      cells: 'f32',
      shape: ['heads + 2 * kv_heads', 'head_dim'],
      about: 'zeros without bias',
    },
    rotations: {
      role: 'in',
      cells: 'f32',
      shape: ['window', 'head_dim'],
      moves: { reads: '4 * head_dim * min(t, window)' },
      about: 'cosines, then sines',
    },
    positions: { role: 'in', cells: 'u32', shape: ['t'], about: 'position in the sequence' },
    slots: {
      role: 'in',
      cells: 'u32',
      shape: ['t'],
      about: 'page · page size + offset, or 2³² − 1 for nowhere',
    },
    q: { role: 'out', cells: 'f32', shape: ['t', 'heads', 'head_dim'], about: 'turned queries' },
    pages: {
      role: 'inout',
      cells: 'u32',
      shape: ['pages', 'kv_heads', 'block_words'],
      packed: { kind: 'kv' },
      // one token has no slot
      moves: {
        reads: '0',
        writes:
          'min(max(1, t - 1), pages * page) * kv_heads * (32 * head_dim / cells + select(0, 8, format == 2))',
      },
      about: 'the KV pages of a layer',
    },
  },
  cellMap: [
    'q[t, heads, head_dim] <- qkv[t, heads, *], bias[heads, *], rotations[*, *], positions[t]',
    'pages[pages, kv_heads, block_words] <- qkv[*, *, *], bias[*, *], rotations[*, *], positions[*], slots[*]',
  ],
  flops: 't * (heads + 2 * kv_heads) * head_dim * 4',
  shapes: {
    test: [
      { dims: shape(5, 2, 1, 32, 0), fill: 'iota' },
      { dims: shape(7, 6, 2, 48, 1, 8), fill: 'iota' },
      { dims: shape(6, 3, 3, 64, 2), fill: 'iota' },
      { dims: shape(3, 8, 1, 128, 2, 8), fill: 'iota' },
      { dims: shape(4, 4, 4, 96, 0, 32), fill: 'iota' },
      { dims: shape(4, 2, 2, 16, 1), fill: 'iota' },
    ],
    bench: { '8 tokens, 32/8 heads of 64': { ...shape(8, 32, 8, 64, 0), pages: 64 } },
    quick: [],
    step: shape(2, 2, 1, 32, 0, 8),
  },
  // Whole numbers and quarter turns: every result is exact in every format, so pages compare word by word.
  // Rounding, scales and real angles are for test/kernels/kv-values.test.ts.
  inputs: (dims, _fill, _dtype, seed) => {
    const [t, heads, kvHeads, headDim] = ['t', 'heads', 'kv_heads', 'head_dim'].map((n) =>
      dimOf(dims, n),
    ) as [number, number, number, number];
    const random = prng(seed);
    const rows = heads + 2 * kvHeads;
    const half = headDim / 2;
    const qkv = Float64Array.from({ length: t * rows * headDim }, () => random.int(-60, 60));
    // the largest magnitude of each head is 127 after the bias, so that an i8 scale is 1
    for (let r = 0; r < t * rows; r++) qkv[r * headDim + random.int(0, headDim - 1)] = 127;
    const bias = Float64Array.from({ length: rows * headDim }, () =>
      dims['format'] === 2 ? 0 : random.int(-3, 3),
    );
    const rotations = new Float64Array(window * headDim);
    for (let i = 0; i < window * half; i++) {
      const turn = random.int(0, 3);
      const row = Math.floor(i / half) * headDim + (i % half);
      rotations[row] = at([1, 0, -1, 0], turn);
      rotations[row + half] = at([0, 1, 0, -1], turn);
    }
    const slots = permutation(random, dimOf(dims, 'pages') * dimOf(dims, 'page'));
    return {
      qkv,
      bias,
      rotations,
      positions: Float64Array.from({ length: t }, () => random.int(0, window - 1)),
      slots: Float64Array.from({ length: t }, (_, i) => (i === 1 ? NO_SLOT : at(slots, i))),
      pages: Float64Array.from({ length: dimOf(dims, 'pages') * kvHeads * dimOf(dims, 'block_words') }, () =>
        random.int(0, 2 ** 30),
      ),
    };
  },
  reference: (inputs, dims, picked) => {
    const { qkv = [], bias = [], rotations = [], positions = [], slots = [], pages = [] } = inputs;
    const [t, heads, kvHeads, headDim] = ['t', 'heads', 'kv_heads', 'head_dim'].map((n) =>
      dimOf(dims, n),
    ) as [number, number, number, number];
    const page = dimOf(dims, 'page');
    const half = headDim / 2;
    const rows = heads + 2 * kvHeads;
    const q = new Float64Array(t * heads * headDim);
    const out = new KvPages({ format: dimOf(dims, 'format'), headDim, page }, Uint32Array.from(pages));
    for (let token = 0; token < t; token++) {
      for (let head = 0; head < rows; head++) {
        const x = Float64Array.from(
          { length: headDim },
          (_, d) => at(qkv, (token * rows + head) * headDim + d) + at(bias, head * headDim + d),
        );
        if (head < heads + kvHeads) {
          const table = at(positions, token) * headDim;
          for (let i = 0; i < half; i++) {
            const [low, high] = [at(x, i), at(x, i + half)];
            const [cos, sin] = [at(rotations, table + i), at(rotations, table + half + i)];
            x[i] = low * cos - high * sin;
            x[i + half] = high * cos + low * sin;
          }
        }
        const slot = at(slots, token);
        if (head < heads) q.set(x, (token * heads + head) * headDim);
        else if (slot !== NO_SLOT) {
          const kind = head < heads + kvHeads ? 'k' : 'v';
          const block = Math.floor(slot / page) * kvHeads + ((head - heads) % kvHeads);
          out.write(block, kind, slot % page, x);
        }
      }
    }
    const words = Float64Array.from(out.words);
    const outputs = {
      q: { value: q, magnitude: q.map(Math.abs) },
      pages: { value: words, magnitude: words },
    };
    return pickRows(outputs, { q: t, pages: dimOf(dims, 'pages') }, picked);
  },
  tolerance: () => ({
    relative: 2 ** -29,
    absolute: 0,
    reason: 'the inputs make every result exact; an i8 scale may be a few ulp off (division within 2.5 ulp)',
  }),
};
export default op;
