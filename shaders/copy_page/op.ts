// copy_page: copies whole KV pages inside their buffer, as copy-on-write asks for.

import { at } from '../../src/core/assert.ts';
import { prng } from '../../src/core/prng.ts';
import { dimOf } from '../../src/kernels/dims.ts';
import type { Op } from '../../src/kernels/op.ts';
import { pickRows } from '../../src/kernels/rows.ts';

const op: Op = {
  id: 'copy_page',
  title: 'Copy pages',
  about:
    'pages[to] = pages[from] for each pair, in order: a page that one pair writes, a later one may read.',
  dims: { copies: 'pairs', pages: 'pages', page_words: 'words of a page' },
  dtypes: ['f32'],
  tensors: {
    pairs: { role: 'in', cells: 'u32', shape: ['copies', '2'], about: 'from, to' },
    pages: {
      role: 'inout',
      cells: 'u32',
      shape: ['pages', 'page_words'],
      moves: { reads: '4 * copies * page_words', writes: '4 * copies * page_words' },
      about: 'the pages of a layer',
    },
  },
  cellMap: ['pages[pages, page_words] <- pages[*, page_words], pairs[*, *]'],
  flops: '0',
  shapes: {
    test: [
      { dims: { copies: 3, pages: 9, page_words: 512 }, fill: 'iota' },
      { dims: { copies: 1, pages: 2, page_words: 36 }, fill: 'iota' },
    ],
    bench: { '64 pages of 32 KiB': { copies: 64, pages: 128, page_words: 8192 } },
    quick: [],
    step: { copies: 1, pages: 2, page_words: 16 },
  },
  inputs: (dims, _fill, _dtype, seed) => {
    const random = prng(seed);
    const copies = dimOf(dims, 'copies');
    const sources = dimOf(dims, 'pages') - copies;
    return {
      // to the last pages, from the first ones in turn and, every other time, from what the pair before has written
      pairs: Float64Array.from({ length: 2 * copies }, (_, i) => {
        const to = dimOf(dims, 'pages') - 1 - Math.floor(i / 2);
        if (i % 2 === 1) return to;
        return i % 4 === 2 ? to + 1 : (i / 4) % sources;
      }),
      pages: Float64Array.from({ length: dimOf(dims, 'pages') * dimOf(dims, 'page_words') }, () =>
        random.int(0, 2 ** 32 - 1),
      ),
    };
  },
  reference: ({ pairs = [], pages = [] }, dims, picked) => {
    const words = dimOf(dims, 'page_words');
    const value = Float64Array.from(pages);
    for (let i = 0; i < dimOf(dims, 'copies'); i++)
      value.copyWithin(
        at(pairs, 2 * i + 1) * words,
        at(pairs, 2 * i) * words,
        (at(pairs, 2 * i) + 1) * words,
      );
    return pickRows({ pages: { value, magnitude: value } }, { pages: dimOf(dims, 'pages') }, picked);
  },
  tolerance: () => ({ relative: 0, absolute: 0, reason: 'a copy' }),
};
export default op;
