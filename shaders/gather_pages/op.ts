// gather_pages: copies a sequence's pages into one contiguous run, for kernels that know no block tables. Together
// with contiguous_attention it is the baseline that paged attention must beat.

import { at } from '../../src/core/assert.ts';
import { permutation, prng } from '../../src/core/prng.ts';
import { dimOf } from '../../src/kernels/dims.ts';
import type { Dims, Op } from '../../src/kernels/op.ts';

/** Words of whole pages that are made at most: pages beyond them are copies. */
const distinctWords = (dims: Dims): number => {
  const words = dimOf(dims, 'page_words');
  return words * Math.min(dimOf(dims, 'pages'), Math.max(1, Math.floor(2 ** 24 / words)));
};

const op: Op = {
  id: 'gather_pages',
  title: 'Gather pages',
  about: 'dense[i] = pages[tables[i]]: a copy of every page of every sequence, in order of position.',
  dims: { entries: 'entries of the block tables', pages: 'pages', page_words: 'words of a page' },
  dtypes: ['f32'],
  tensors: {
    tables: { role: 'in', cells: 'u32', shape: ['entries'], about: 'page ids' },
    pages: {
      role: 'in',
      cells: 'u32',
      shape: ['pages', 'page_words'],
      moves: { reads: '4 * page_words * min(entries, pages)' },
      about: 'the pages of a layer',
    },
    dense: {
      role: 'out',
      cells: 'u32',
      shape: ['entries', 'page_words'],
      about: 'the same, in order',
    },
  },
  cellMap: ['dense[entries, page_words] <- tables[entries], pages[*, page_words]'],
  flops: '0',
  shapes: {
    test: [
      { dims: { entries: 12, pages: 13, page_words: 512 }, fill: 'iota' },
      { dims: { entries: 1, pages: 2, page_words: 36 }, fill: 'iota' },
    ],
    bench: { '8×1024 tokens of 8 heads of 64': { entries: 512, pages: 513, page_words: 16384 } },
    quick: [],
    step: { entries: 2, pages: 3, page_words: 16 },
  },
  period: (dims) => ({ pages: distinctWords(dims) }),
  inputs: (dims, _fill, _dtype, seed) => {
    const random = prng(seed);
    const pages = dimOf(dims, 'pages');
    const order = permutation(random, pages);
    return {
      // each page once while there are enough, as sequences that share none have them
      tables: Float64Array.from({ length: dimOf(dims, 'entries') }, (_, i) => at(order, i % pages)),
      pages: Float64Array.from({ length: distinctWords(dims) }, () => random.int(0, 2 ** 32 - 1)),
    };
  },
  reference: ({ tables = [], pages = [] }, dims, rows) => {
    const words = dimOf(dims, 'page_words');
    const picked = rows ?? Array.from({ length: dimOf(dims, 'entries') }, (_, i) => i);
    const value = new Float64Array(picked.length * words);
    for (let i = 0; i < value.length; i++) {
      const page = at(tables, at(picked, Math.floor(i / words))) % (pages.length / words);
      value[i] = at(pages, page * words + (i % words));
    }
    return { dense: { value, magnitude: value } };
  },
  tolerance: () => ({ relative: 0, absolute: 0, reason: 'a copy' }),
};
export default op;
