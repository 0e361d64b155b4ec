// A captured buffer as the values it stands for: plain cells, packed weights, KV pages; and its figures.

import { describe, expect, it } from 'vitest';
import { at } from '../../src/core/assert.ts';
import { catalog } from '../../src/kernels/catalog.ts';
import { evaluate } from '../../src/kernels/expr.ts';
import { layoutOf } from '../../src/kernels/layout.ts';
import type { Dims, Op } from '../../src/kernels/op.ts';
import { blockUnits, KvPages, packRows, rowUnits } from '../../src/kernels/packing.ts';
import { tensorsOf } from '../../src/views/model/captured.ts';
import { describeCell } from '../../src/views/model/heat-map.tsx';
import { cellsOf, tensorStats } from '../../src/views/model/tensor.ts';

const opOf = (id: string): Op => {
  const entry = catalog.get(id);
  if (!entry) throw new Error(`no op ${id}`);
  return entry.op;
};
const tensorOf = (id: string, name: string) => {
  const tensor = opOf(id).tensors[name];
  if (!tensor) throw new Error(`${id} has no tensor ${name}`);
  return tensor;
};
/** A wave whose cells all differ, of both signs and over several magnitudes. */
const wave = (i: number): number => Math.fround(Math.sin(1.7 * i + 0.3) * 2 ** ((i % 7) - 3));

const formats = [
  { format: 0, name: 'f32', error: () => 0 },
  // half a unit in the last place
  { format: 1, name: 'f16', error: (x: number) => Math.abs(x) * 2 ** -11 },
  // half a step of the scale: the largest magnitude is below 16
  { format: 2, name: 'int8 × scale', error: () => 16 / 127 / 2 },
] as const;

describe('a captured dispatch', () => {
  it('with a buffer that no contract names is refused by it, not shown in part', () => {
    const bytes = { before: new ArrayBuffer(16), after: new ArrayBuffer(16) };
    const version = { path: 'copy_page/mine', scratch: [] };
    const dims = { copies: 1, pages: 1, page_words: 4 };
    const look = (buffers: Record<string, typeof bytes>) =>
      tensorsOf({ dims, buffers }, opOf('copy_page'), version).map(({ name, role }) => [name, role]);
    expect(look({ pairs: bytes, pages: bytes })).toEqual([
      ['pairs', 'in'],
      ['pages', 'out'],
    ]);
    expect(() => look({ pairs: bytes, other: bytes })).toThrow(
      'copy_page/mine: "other" is neither a tensor of copy_page nor scratch',
    );
  });
});

describe('weights', () => {
  it.each(formats)('in $name are shown as their values', ({ format, name, error }) => {
    const [n, k, group] = [5, 44, 32];
    const cells = Float64Array.from({ length: n * k }, (_, i) => wave(i));
    const { words, scales } = packRows(format, cells, n, k, group);
    const cellsPerUnit = [4, 8, 16][format] ?? 0;
    const dims = { m: 1, n, k, y_n: n, y_0: 0, format, cells: cellsPerUnit, group, groups: 2 };
    const buffers = { w: words.buffer as ArrayBuffer, scales: scales.buffer as ArrayBuffer };
    const shown = cellsOf('w', tensorOf('linear', 'w'), dims, buffers);
    expect([shown.rows, shown.columns, shown.shape]).toEqual([n, k, `[5, 44] ${name}`]);
    for (let row = 0; row < n; row++)
      for (let column = 0; column < k; column++) {
        const want = at(cells, row * k + column);
        expect(Math.abs(shown.at(row, column) - want)).toBeLessThanOrEqual(error(want));
      }
    // the columns of padding are none of them
    expect(tensorStats(shown)).toMatchObject({ cells: n * k, of: n * k, strange: 0 });
  });
});

describe('KV pages', () => {
  it.each(formats)('in $name are shown token by token, K then V', ({ format, name, error }) => {
    const [pages, heads, page, headDim] = [3, 2, 8, 16];
    const geometry = { format, page, headDim };
    const words = new Uint32Array(pages * heads * blockUnits(geometry) * 4);
    const store = new KvPages(geometry, words);
    const value = (kind: 'k' | 'v', token: number, d: number): number =>
      wave(d + 100 * token + (kind === 'v' ? 1000 : 0));
    // page 2, head 1: tokens 0 to 2
    for (const kind of ['k', 'v'] as const)
      for (let token = 0; token < 3; token++)
        store.write(
          2 * heads + 1,
          kind,
          token,
          Float64Array.from({ length: headDim }, (_, d) => value(kind, token, d)),
        );
    const dims = {
      pages,
      kv_heads: heads,
      page,
      head_dim: headDim,
      format,
      block_words: 4 * blockUnits(geometry),
    };
    const shown = cellsOf('pages', tensorOf('paged_attention', 'pages'), dims, { pages: words.buffer });
    expect([shown.rows, shown.columns]).toEqual([pages * heads * page, 2 * headDim]);
    expect(shown.shape).toBe(`[3, 2, 8, K and V of 16] ${name}`);
    for (let token = 0; token < 3; token++)
      for (let d = 0; d < headDim; d++) {
        const row = (2 * heads + 1) * page + token;
        const [k, v] = [value('k', token, d), value('v', token, d)];
        expect(Math.abs(shown.at(row, d) - k)).toBeLessThanOrEqual(error(k));
        expect(Math.abs(shown.at(row, headDim + d) - v)).toBeLessThanOrEqual(error(v));
      }
    expect(shown.at(0, 0)).toBe(0);
    expect(describeCell(shown, 42, 19)).toMatch(/^V of page 2, head 1, token 2: \[3\] = -?\d/);
    expect(tensorStats(shown).strange).toBe(0);
  });
});

describe('what packs', () => {
  const packed = [...catalog.values()].flatMap(({ op }) =>
    Object.entries(op.tensors).flatMap(([name, spec]) => (spec.packed ? [{ op, name, spec }] : [])),
  );

  it('is said of weights and pages in every op that takes them', () => {
    expect(packed.length).toBeGreaterThan(8);
    const said = new Set(packed.map(({ op, name }) => `${op.id} ${name}`));
    for (const each of ['embedding table', 'linear w', 'matmul_w8a8 w', 'paged_attention pages'])
      expect(said).toContain(each);
  });

  it.each(packed)('$op.id $name fits its tensor at every test shape', ({ op, name, spec }) => {
    for (const { dims } of [...op.shapes.test, { dims: op.shapes.step }]) {
      const layout = layoutOf(spec, dims, 'f32');
      const buffers: Record<string, ArrayBuffer> = { [name]: new ArrayBuffer(layout.bytes) };
      if (spec.packed?.kind === 'rows') {
        const scales = op.tensors[spec.packed.scales];
        expect(scales, spec.packed.scales).toBeDefined();
        if (scales) buffers[spec.packed.scales] = new ArrayBuffer(layoutOf(scales, dims, 'f32').bytes);
        const [format, columns] = [spec.packed.format, spec.packed.columns].map((x) => evaluate(x, dims)) as [
          number,
          number,
        ];
        const rowBytes = layout.pitch * (layout.cells === 'i8' ? 1 : 4);
        expect(rowBytes, JSON.stringify(dims)).toBe(rowUnits(format, columns) * 16);
      } else expect(layout.columns).toBe(4 * blockUnits(kvOf(dims)));
      const shown = cellsOf(name, spec, dims, buffers);
      const empty = layout.rows * layout.columns === 0;
      if (!empty) expect(shown.at(shown.rows - 1, shown.columns - 1)).toBe(0);
      expect(shown.length).toBe(shown.rows * shown.columns);
    }
  });
});

const kvOf = (dims: Dims) => ({
  format: dims['format'] ?? -1,
  headDim: dims['head_dim'] ?? -1,
  page: dims['page'] ?? -1,
});

describe('plain cells', () => {
  const of = (cells: 'f32' | 'u32', shape: readonly string[], dims: Dims, bytes: ArrayBuffer) =>
    cellsOf('x', { cells, shape }, dims, { x: bytes });

  it('are the rows that a captured buffer holds, and what is no number is counted', () => {
    const bytes = new ArrayBuffer(2 * 5 * 4);
    new Float32Array(bytes).set([1, -3, Number.NaN]);
    const shown = of('f32', ['r', 'c'], { r: 3, c: 5 }, bytes);
    expect([shown.rows, shown.columns, shown.shape]).toEqual([2, 5, '[3, 5] f32']);
    const stats = tensorStats(shown);
    expect([stats.cells, stats.of, stats.min, stats.max, stats.strange]).toEqual([10, 10, -3, 1, 1]);
    expect(stats.rms).toBeCloseTo(Math.sqrt(10 / 9));
  });

  it('of a long vector are wrapped, and end where it ends', () => {
    // 70 cells in a buffer of 72
    const bytes = new ArrayBuffer(288);
    new Uint32Array(bytes).set([...Array(70).keys()]);
    const shown = of('u32', ['n'], { n: 70 }, bytes);
    expect([shown.rows, shown.columns, shown.length]).toEqual([3, 32, 70]);
    expect(describeCell(shown, 2, 5)).toBe('[69] = 69');
    expect(describeCell(shown, 2, 6)).toBe('past its end');
    expect(tensorStats(shown)).toMatchObject({ cells: 70, max: 69, strange: 0 });
  });

  it('are named as their tensor counts them', () => {
    const shown = of('f32', ['t', 'heads', 'd'], { t: 3, heads: 2, d: 4 }, new ArrayBuffer(96));
    expect([shown.rows, shown.columns]).toEqual([6, 4]);
    expect(describeCell(shown, 5, 1)).toBe('[2, 1, 1] = 0');
  });
});
