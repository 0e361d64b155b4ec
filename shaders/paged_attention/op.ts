// paged_attention: causal attention of a flat batch over K and V in pages, grouped heads, any mix of decodes and
// prefill chunks. Work comes as items: up to item_tokens consecutive tokens of one sequence.

import { at } from '../../src/core/assert.ts';
import { prng } from '../../src/core/prng.ts';
import { dimOf } from '../../src/kernels/dims.ts';
import { fillWith } from '../../src/kernels/fills.ts';
import { roundTo } from '../../src/kernels/layout.ts';
import type { Case, Dims, Fill, Op } from '../../src/kernels/op.ts';
import { blockUnits, KvPages } from '../../src/kernels/packing.ts';
import { attendOne } from './reference.ts';

interface Geometry {
  readonly heads: number;
  readonly group: number;
  readonly head_dim: number;
  readonly format?: 0 | 1 | 2;
  readonly page?: 8 | 16 | 32 | 64;
  readonly item_tokens?: number;
}

/** `sequences` sequences of up to `keys` tokens, each with up to `tokens` tokens of this step, cut into items. */
const shape = (sequences: number, keys: number, tokens: number, g: Geometry): Dims => {
  const { format = 0, page = 16, item_tokens = 1 } = g;
  const width = Math.ceil(keys / page);
  return {
    sequences,
    keys,
    tokens,
    shortest: tokens,
    t: sequences * tokens,
    items: sequences * Math.ceil(tokens / item_tokens),
    item_tokens,
    heads: g.heads,
    group: g.group,
    kv_heads: g.heads / g.group,
    head_dim: g.head_dim,
    format,
    page,
    width,
    pages: sequences * width + 1,
    partitions: Math.ceil(keys / 512),
    block_words: 4 * blockUnits({ format, headDim: g.head_dim, page }),
  };
};
const test = (fill: Fill, dims: Dims): Case => ({ dims, fill });
/** Cells of K and V that are made at most: pages beyond them are copies. Larger than any cache, as f32. */
const mostCells = 2 ** 24;

/** Pages whose content differs. */
export const distinctPages = (dims: Dims): number =>
  Math.min(
    dimOf(dims, 'pages'),
    Math.max(
      1,
      Math.floor(mostCells / (dimOf(dims, 'kv_heads') * dimOf(dims, 'page') * 2 * dimOf(dims, 'head_dim'))),
    ),
  );

/** All of one length, so that the bytes of the pages are the bytes that are read. */
const decodes = (format: 0 | 1 | 2, what: string, of: readonly (readonly [batch: number, keys: number])[]) =>
  Object.fromEntries(
    of.map(([batch, keys]) => [
      `decode ${batch}×${keys}${what}`,
      { ...shape(batch, keys, 1, { heads: 32, group: 4, head_dim: 64, format }), shortest: keys },
    ]),
  );

/** Bytes of K and V of sequences that are all as long as the longest. */
export const cacheBytes = '4 * sequences * keys * kv_heads * block_words / page';

const op: Op = {
  id: 'paged_attention',
  title: 'Paged attention',
  about:
    'y = softmax(q · kᵀ / √d) · v over all keys up to each token, with K and V found through the block table. Heads of a group share K and V.',
  dims: {
    sequences: 'sequences of the test case',
    keys: 'longest sequence of the test case',
    tokens: 'tokens of this step in each sequence of the test case',
    shortest: 'shortest sequence of the test case',
    t: 'tokens of the step',
    items: 'work items',
    item_tokens: 'most tokens in an item',
    heads: 'query heads',
    group: 'query heads that share a KV head',
    kv_heads: 'heads of K and V',
    head_dim: 'cells of a head',
    format: 'of the pages: 0 f32, 1 f16, 2 i8',
    page: 'tokens a page',
    width: 'pages a row of the block tables holds',
    pages: 'pages',
    partitions: 'partitions of 512 keys of the longest sequence',
    block_words: 'words of one head in a page',
  },
  dtypes: ['f32'],
  tensors: {
    q: { role: 'in', cells: 'f32', shape: ['t', 'heads', 'head_dim'], about: 'queries' },
    pages: {
      role: 'in',
      cells: 'u32',
      shape: ['pages', 'kv_heads', 'block_words'],
      packed: { kind: 'kv' },
      moves: { reads: cacheBytes },
      about: 'K and V of a layer',
    },
    tables: { role: 'in', cells: 'u32', shape: ['sequences', 'width'], about: 'page ids of each sequence' },
    items: {
      role: 'in',
      cells: 'u32',
      shape: ['items', '4'],
      about: 'first token, tokens, table row, position',
    },
    y: { role: 'out', cells: 'f32', shape: ['t', 'heads', 'head_dim'], about: 'attended values' },
  },
  cellMap: ['y[t, heads, head_dim] <- q[t, heads, *], items[*, *], tables[*, *], pages[*, *, *]'],
  flops: '4 * t * heads * head_dim * keys',
  shapes: {
    test: [
      test('normal', shape(3, 40, 1, { heads: 2, group: 2, head_dim: 32 })),
      test('outliers', shape(1, 700, 1, { heads: 8, group: 8, head_dim: 16, page: 8 })),
      test(
        'normal',
        shape(2, 90, 5, { heads: 6, group: 3, head_dim: 48, format: 1, page: 32, item_tokens: 4 }),
      ),
      test('normal', shape(2, 70, 2, { heads: 4, group: 4, head_dim: 96, format: 2, page: 64 })),
      test('normal', shape(1, 530, 2, { heads: 2, group: 1, head_dim: 128, format: 2, item_tokens: 2 })),
      test('zeros', shape(1, 17, 17, { heads: 7, group: 7, head_dim: 64, format: 1, item_tokens: 1 })),
    ],
    bench: {
      ...decodes(0, '', [
        [1, 1024],
        [1, 32768],
        [8, 1024],
        [8, 4096],
        [32, 1024],
        [8, 32768],
      ]),
      ...decodes(1, ' of f16', [
        [1, 1024],
        [8, 4096],
        [32, 16384],
      ]),
      ...decodes(2, ' of i8', [
        [8, 4096],
        [32, 32768],
      ]),
    },
    quick: ['decode 1×1024', 'decode 8×1024'],
    step: shape(3, 20, 1, { heads: 2, group: 2, head_dim: 16, page: 8 }),
  },
  period: (dims) => ({
    pages: distinctPages(dims) * dimOf(dims, 'kv_heads') * dimOf(dims, 'block_words'),
  }),
  inputs: (dims, fill, _dtype, seed) => {
    const d = (name: string): number => dimOf(dims, name);
    const random = prng(seed);
    const [headDim, page, kvHeads, width] = [d('head_dim'), d('page'), d('kv_heads'), d('width')];
    const blocks = distinctPages(dims) * kvHeads;
    const store = new KvPages(
      { format: d('format'), headDim, page },
      new Uint32Array(blocks * d('block_words')),
    );
    const cells = fillWith(fill, blocks * page * 2 * headDim, seed + 1);
    for (let i = 0; i < blocks * page * 2; i++) {
      const part = cells.subarray(i * headDim, (i + 1) * headDim);
      store.write(Math.floor(i / (2 * page)), i % 2 === 0 ? 'k' : 'v', Math.floor(i / 2) % page, part);
    }
    // pages are handed out backwards, and page 0 belongs to nobody
    const tables = Float64Array.from({ length: d('sequences') * width }, (_, i) => d('pages') - 1 - i);
    const items: number[] = [];
    for (let s = 0; s < d('sequences'); s++) {
      const shortest = Math.max(d('tokens'), dims['shortest'] ?? 0);
      const length = s === 0 ? d('keys') : random.int(shortest, d('keys'));
      for (let from = 0; from < d('tokens'); from += d('item_tokens')) {
        const count = Math.min(d('item_tokens'), d('tokens') - from);
        items.push(s * d('tokens') + from, count, s, length - d('tokens') + from);
      }
    }
    return {
      q: roundTo('f32', fillWith(fill, d('t') * d('heads') * headDim, seed)),
      pages: Float64Array.from(store.words),
      tables,
      items: Float64Array.from(items),
    };
  },
  reference: (inputs, dims, picked) => {
    const d = (name: string): number => dimOf(dims, name);
    const { q = [], pages = [], tables = [], items = [] } = inputs;
    const [headDim, page, heads] = [d('head_dim'), d('page'), d('heads')];
    const store = new KvPages({ format: d('format'), headDim, page }, Uint32Array.from(pages));
    const [kvHeads, width] = [d('kv_heads'), d('width')];
    const distinct = pages.length / (kvHeads * d('block_words'));
    // rows of K and V in double precision, each read once however many heads and sequences ask for it
    const rows: (Float64Array | undefined)[] = [];
    const rowOf = (block: number, kind: 'k' | 'v', t: number): Float64Array => {
      const index = (block * page + t) * 2 + (kind === 'k' ? 0 : 1);
      const known = rows[index];
      if (known) return known;
      const row = Float64Array.from({ length: headDim }, (_, c) => store.read(block, kind, t, c));
      rows[index] = row;
      return row;
    };
    const wanted = new Map(
      (picked ?? Array.from({ length: d('t') }, (_, i) => i)).map((token, i) => [token, i]),
    );
    const cells = wanted.size * heads * headDim;
    const y = { value: new Float64Array(cells), magnitude: new Float64Array(cells) };
    for (let i = 0; i < d('items'); i++) {
      const [first, count, row, position] = [0, 1, 2, 3].map((c) => at(items, i * 4 + c)) as [
        number,
        number,
        number,
        number,
      ];
      for (let t = 0; t < count * heads; t++) {
        const token = first + Math.floor(t / heads);
        const place = wanted.get(token);
        if (place === undefined) continue;
        const head = t % heads;
        const from = (token * heads + head) * headDim;
        const out = (place * heads + head) * headDim;
        const kvHead = Math.floor(head / d('group'));
        const read = (kind: 'k' | 'v') => (key: number) => {
          const id = at(tables, row * width + Math.floor(key / page)) % distinct;
          return rowOf(id * kvHeads + kvHead, kind, key % page);
        };
        const keys = position + token - first + 1;
        attendOne(q.slice(from, from + headDim), read('k'), read('v'), keys, y, out);
      }
    }
    return { y };
  },
  tolerance: (dims) => ({
    relative: (2 * dimOf(dims, 'head_dim') + dimOf(dims, 'keys') + 64) * 2 ** -24,
    absolute: 1e-30,
    reason: 'γ of the dot product times the size of the scores (through exp), plus γ of the sum over keys',
  }),
};
export default op;
