// kv_append: writes K and V of a flat batch of tokens into their pages through the slot mapping. The plain form of
// what rope_kv_append does on its way.

import { at } from '../../src/core/assert.ts';
import { permutation, prng } from '../../src/core/prng.ts';
import { dimOf } from '../../src/kernels/dims.ts';
import type { Dims, Op } from '../../src/kernels/op.ts';
import { blockUnits, cellsPerUnit, KvPages } from '../../src/kernels/packing.ts';
import { pickRows } from '../../src/kernels/rows.ts';

const NO_SLOT = 0xffffffff;
const shape = (
  t: number,
  kv_heads: number,
  head_dim: number,
  format: number,
  page = 16,
  pages = 3,
): Dims => ({
  t,
  kv_heads,
  head_dim,
  format,
  page,
  pages,
  cells: cellsPerUnit(format),
  block_words: 4 * blockUnits({ format, headDim: head_dim, page }),
});

const op: Op = {
  id: 'kv_append',
  title: 'KV append',
  about:
    'K and V of each token go into the page and offset that its slot names, as f32, f16 or int8 with a scale.',
  dims: {
    t: 'tokens',
    kv_heads: 'heads of K and V',
    head_dim: 'cells of a head',
    pages: 'pages',
    page: 'tokens a page',
    format: 'of the pages: 0 f32, 1 f16, 2 i8',
    cells: 'cells in a 16-byte unit: 4, 8 or 16',
    block_words: 'words of one head in a page',
  },
  dtypes: ['f32'],
  tensors: {
    kv: { role: 'in', cells: 'f32', shape: ['t', '2', 'kv_heads', 'head_dim'], about: 'K, then V' },
    slots: {
      role: 'in',
      cells: 'u32',
      shape: ['t'],
      about: 'page · page size + offset, or 2³² − 1 for nowhere',
    },
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
    'pages[pages, kv_heads, block_words] <- kv[*, *, kv_heads, *], slots[*], pages[pages, kv_heads, block_words]',
  ],
  flops: '0',
  shapes: {
    test: [
      { dims: shape(5, 1, 32, 0), fill: 'iota' },
      { dims: shape(7, 2, 48, 1, 8), fill: 'iota' },
      { dims: shape(6, 3, 64, 2), fill: 'iota' },
      { dims: shape(4, 2, 96, 2), fill: 'iota' },
      { dims: shape(3, 1, 128, 2, 8), fill: 'iota' },
    ],
    bench: {
      '512 tokens, 8 heads of 64': shape(512, 8, 64, 0, 16, 64),
      'the same as int8': shape(512, 8, 64, 2, 16, 64),
    },
    quick: [],
    step: shape(2, 1, 16, 0, 8, 1),
  },
  // Whole numbers up to 127: exact in every format, so pages compare word by word.
  inputs: (dims, _fill, _dtype, seed) => {
    const [t, kvHeads, d] = [dimOf(dims, 't'), dimOf(dims, 'kv_heads'), dimOf(dims, 'head_dim')];
    const random = prng(seed);
    const kv = Float64Array.from({ length: t * 2 * kvHeads * d }, () => random.int(-126, 126));
    for (let head = 0; head < t * 2 * kvHeads; head++) kv[head * d + random.int(0, d - 1)] = -127;
    const slots = permutation(random, dimOf(dims, 'pages') * dimOf(dims, 'page'));
    return {
      kv,
      slots: Float64Array.from({ length: t }, (_, i) => (i === 1 ? NO_SLOT : at(slots, i % slots.length))),
      pages: Float64Array.from({ length: dimOf(dims, 'pages') * kvHeads * dimOf(dims, 'block_words') }, () =>
        random.int(0, 2 ** 30),
      ),
    };
  },
  reference: ({ kv = new Float64Array(), slots = [], pages = [] }, dims, picked) => {
    const [t, kvHeads, d, page] = [
      dimOf(dims, 't'),
      dimOf(dims, 'kv_heads'),
      dimOf(dims, 'head_dim'),
      dimOf(dims, 'page'),
    ];
    const out = new KvPages({ format: dimOf(dims, 'format'), headDim: d, page }, Uint32Array.from(pages));
    for (let i = 0; i < t * 2 * kvHeads; i++) {
      const slot = at(slots, Math.floor(i / (2 * kvHeads)));
      if (slot === NO_SLOT) continue;
      const kind = Math.floor(i / kvHeads) % 2 === 0 ? 'k' : 'v';
      const block = Math.floor(slot / page) * kvHeads + (i % kvHeads);
      out.write(block, kind, slot % page, kv.subarray(i * d, (i + 1) * d));
    }
    const words = Float64Array.from(out.words);
    return pickRows({ pages: { value: words, magnitude: words } }, { pages: dimOf(dims, 'pages') }, picked);
  },
  tolerance: () => ({
    relative: 2 ** -29,
    absolute: 0,
    reason: 'the inputs make every result exact; an i8 scale may be a few ulp off (division within 2.5 ulp)',
  }),
};
export default op;
