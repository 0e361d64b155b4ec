// gather_pages: copies a sequence's pages into one contiguous run, for kernels that know no block tables. Together
// with contiguous_attention it is the baseline that paged attention must beat.

import { at } from '../../src/core/assert.ts';
import { prng } from '../../src/core/prng.ts';
import { dimOf } from '../../src/kernels/dims.ts';
import type { Op } from '../../src/kernels/op.ts';

const op: Op = {
  id: 'gather_pages',
  title: 'Gather pages',
  about: 'dense[s, i] = pages[tables[s, i]]: a copy of every page of every sequence, in order of position.',
  dims: { sequences: 'sequences', width: 'pages a sequence', pages: 'pages', page_words: 'words of a page' },
  dtypes: ['f32'],
  tensors: {
    tables: { role: 'in', cells: 'u32', shape: ['sequences', 'width'], about: 'page ids' },
    pages: { role: 'in', cells: 'u32', shape: ['pages', 'page_words'], about: 'the pages of a layer' },
    dense: {
      role: 'out',
      cells: 'u32',
      shape: ['sequences', 'width', 'page_words'],
      about: 'the same, in order',
    },
  },
  cellMap: ['dense[sequences, width, page_words] <- tables[sequences, width], pages[*, page_words]'],
  flops: '0',
  shapes: {
    test: [
      { dims: { sequences: 3, width: 4, pages: 13, page_words: 512 }, fill: 'iota' },
      { dims: { sequences: 1, width: 1, pages: 2, page_words: 36 }, fill: 'iota' },
    ],
    bench: { '8×1024 tokens of 8 heads of 64': { sequences: 8, width: 64, pages: 513, page_words: 16384 } },
    quick: [],
    step: { sequences: 1, width: 2, pages: 3, page_words: 16 },
  },
  inputs: (dims, _fill, _dtype, seed) => {
    const random = prng(seed);
    const pages = dimOf(dims, 'pages');
    return {
      tables: Float64Array.from({ length: dimOf(dims, 'sequences') * dimOf(dims, 'width') }, () =>
        random.int(0, pages - 1),
      ),
      pages: Float64Array.from({ length: pages * dimOf(dims, 'page_words') }, () =>
        random.int(0, 2 ** 32 - 1),
      ),
    };
  },
  reference: ({ tables = [], pages = [] }, dims, rows) => {
    const [words, width] = [dimOf(dims, 'page_words'), dimOf(dims, 'width')];
    const picked = rows ?? Array.from({ length: dimOf(dims, 'sequences') }, (_, i) => i);
    const value = new Float64Array(picked.length * width * words);
    for (let i = 0; i < value.length; i++) {
      const page = at(picked, Math.floor(i / (width * words))) * width + (Math.floor(i / words) % width);
      value[i] = at(pages, at(tables, page) * words + (i % words));
    }
    return { dense: { value, magnitude: value } };
  },
  tolerance: () => ({ relative: 0, absolute: 0, reason: 'a copy' }),
};
export default op;
