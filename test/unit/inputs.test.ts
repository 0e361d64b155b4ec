// What a timed run is given and compared with.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import contiguous from '../../shaders/contiguous_attention/op.ts';
import gather from '../../shaders/gather_pages/op.ts';
import paged from '../../shaders/paged_attention/op.ts';
import { spotRows } from '../../src/gpu/inputs.ts';
import { catalog } from '../../src/kernels/catalog.ts';
import { layoutOf } from '../../src/kernels/layout.ts';
import { attentionDims, gatherDims } from '../../src/measure/attention.ts';

describe('rows that are compared', () => {
  it('are each one once, in order, the first and the last among them', () => {
    const op = catalog.get('matmul')?.op;
    if (!op) return expect.fail('matmul');
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 2 ** 22 }), (extent, cost) => {
        const rows = spotRows(op, { m: extent, n: 1, k: cost }, extent, extent);
        expect(rows).toEqual([...new Set(rows)].sort((a, b) => a - b));
        expect(rows[0]).toBe(0);
        expect(rows.at(-1)).toBe(extent - 1);
      }),
    );
  });

  it('are fewer where an output has more cells than are worth comparing', () => {
    const dims = { entries: 65_536, pages: 65_537, page_words: 16_384 };
    const rows = spotRows(gather, dims, dims.entries, dims.entries * dims.page_words);
    expect(rows.length * dims.page_words).toBeLessThanOrEqual(2 ** 23);
    expect(rows.length).toBeGreaterThan(100);
  });
});

describe('inputs that repeat a period', () => {
  const large = {
    ...({ phase: 'decode', batch: 2, context: 32_768, tokens: 1, heads: 8, group: 1, headDim: 64 } as const),
    ...({ kv: 'i8', page: 16 } as const),
  };

  it('give paged and contiguous attention the same K and V, and gathering as many pages', () => {
    const dims = attentionDims(large);
    const [p, c] = [paged.inputs(dims, 'normal', 'f32', 3), contiguous.inputs(dims, 'normal', 'f32', 3)];
    const { pages = new Float64Array(), tables = new Float64Array() } = p;
    const { dense = new Float64Array() } = c;
    const spec = paged.tensors['pages'];
    if (!spec) return expect.fail('pages');
    const { rows, columns } = layoutOf(spec, dims, 'f32');
    expect(pages.length).toBeLessThan(rows * columns);
    expect(pages.length).toBe(paged.period?.(dims)['pages']);
    expect(dense.length).toBe(contiguous.period?.(dims)['dense']);
    const words = (dims['kv_heads'] ?? 0) * (dims['block_words'] ?? 0);
    for (const i of [0, 1, 1023, 1024, 2047, tables.length - 1]) {
      const page = ((tables[i] ?? 0) * words) % pages.length;
      const place = (i * words) % dense.length;
      expect(dense.subarray(place, place + words)).toEqual(pages.subarray(page, page + words));
    }
    expect(gather.period?.(gatherDims(large))['pages']).toBe(3855 * 4352); // whole pages within 2^24 words
  });

  it('are whole where they are small', () => {
    const dims = attentionDims({ ...large, context: 64 });
    const { pages = [] } = paged.inputs(dims, 'normal', 'f32', 3);
    expect(pages.length).toBe((dims['pages'] ?? 0) * (dims['kv_heads'] ?? 0) * (dims['block_words'] ?? 0));
  });
});
