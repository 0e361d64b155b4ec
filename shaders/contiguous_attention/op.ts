// contiguous_attention: the same attention over K and V that lie one block after another, as gather_pages leaves
// them or as an engine without paging reserves them. Same blocks, same sums: only the table lookup is gone.

import { at } from '../../src/core/assert.ts';
import { dimOf } from '../../src/kernels/dims.ts';
import type { Dims, Op, Values } from '../../src/kernels/op.ts';
import paged, { cacheBytes, distinctPages } from '../paged_attention/op.ts';

/** The paged inputs with the pages in order of position, sequence by sequence. */
function gathered(inputs: Values, dims: Dims): Values {
  const {
    pages = new Float64Array(),
    tables = [],
    q = new Float64Array(),
    items = new Float64Array(),
  } = inputs;
  const words = dimOf(dims, 'kv_heads') * dimOf(dims, 'block_words');
  const distinct = pages.length / words;
  const dense = new Float64Array(Math.min(tables.length, distinct) * words);
  for (let i = 0; i * words < dense.length; i++) {
    const id = at(tables, i) % distinct;
    dense.set(pages.subarray(id * words, (id + 1) * words), i * words);
  }
  return { q, dense, items };
}

const { q, items, y } = paged.tensors;
const op: Op = {
  ...paged,
  id: 'contiguous_attention',
  title: 'Contiguous attention',
  about:
    'Causal grouped attention over K and V without block tables: what paged attention is measured against.',
  tensors: {
    ...(q && { q }),
    dense: {
      role: 'in',
      cells: 'u32',
      shape: ['sequences', 'width', 'kv_heads', 'block_words'],
      packed: { kind: 'kv' },
      moves: { reads: cacheBytes },
      about: 'K and V of a layer, in order of position',
    },
    ...(items && { items }),
    ...(y && { y }),
  },
  cellMap: ['y[t, heads, head_dim] <- q[t, heads, *], items[*, *], dense[*, *, *, *]'],
  shapes: { ...paged.shapes, test: paged.shapes.test.filter((_, i) => i % 2 === 0) },
  // pages are handed out backwards, so that their content in order of position has the period of the pages
  period: (dims) => ({
    dense:
      Math.min(distinctPages(dims), dimOf(dims, 'sequences') * dimOf(dims, 'width')) *
      dimOf(dims, 'kv_heads') *
      dimOf(dims, 'block_words'),
  }),
  inputs: (dims, fill, dtype, seed) => gathered(paged.inputs(dims, fill, dtype, seed), dims),
  reference: (inputs, dims, picked) => {
    const { dense = new Float64Array() } = inputs;
    const tables = Float64Array.from(
      { length: dimOf(dims, 'sequences') * dimOf(dims, 'width') },
      (_, i) => i,
    );
    return paged.reference({ ...inputs, pages: dense, tables }, dims, picked);
  },
};
export default op;
