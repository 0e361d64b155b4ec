// seeded_weights: rows of weights from a seed, in any storage format. The f32 cells are the same numbers on
// every device and in TypeScript, so a model of any size needs no download and still has a reference.

import { dimOf } from '../../src/kernels/dims.ts';
import type { Dims, Op } from '../../src/kernels/op.ts';
import { cellsPerUnit, packRows } from '../../src/kernels/packing.ts';
import { seededCell } from '../../src/kernels/seeded.ts';

const shape = (rows: number, columns: number, format: number, group = columns, first = 0): Dims => ({
  rows,
  columns,
  first,
  format,
  cells: cellsPerUnit(format),
  group,
  groups: format === 2 ? Math.ceil(columns / group) : 1,
  stream: 77,
  limit: 0.25,
});

const op: Op = {
  id: 'seeded_weights',
  title: 'Weights from a seed',
  about:
    'w[row, column] = uniform in ±limit by hash of (stream, index), stored as f32, f16 or int8 with scales.',
  dims: {
    rows: 'rows to make',
    columns: 'cells of a row',
    first: 'number of the first row',
    format: '0 f32, 1 f16, 2 i8',
    cells: 'cells in a 16-byte unit: 4, 8 or 16',
    group: 'cells that share a scale (i8)',
    groups: 'scales a row (i8), else 1',
    stream: 'names the random numbers',
    limit: 'largest magnitude',
  },
  dtypes: ['f32'],
  tensors: {
    w: {
      role: 'out',
      cells: 'u32',
      shape: ['rows', '4 * ceil(columns / cells)'],
      packed: { kind: 'rows', format: 'format', columns: 'columns', group: 'group', scales: 'scales' },
      about: 'packed rows',
    },
    scales: { role: 'out', cells: 'f32', shape: ['rows', 'groups'], about: 'i8 scales' },
  },
  cellMap: [],
  flops: '0',
  shapes: {
    test: [
      { dims: shape(5, 64, 0), fill: 'normal' },
      { dims: shape(3, 75, 0, 75, 1000), fill: 'normal' },
      { dims: shape(4, 52, 1), fill: 'normal' },
      { dims: shape(6, 96, 2), fill: 'normal' },
      { dims: shape(6, 160, 2, 64), fill: 'normal' },
    ],
    bench: {},
    quick: [],
    step: shape(2, 16, 0),
  },
  inputs: () => ({}),
  reference: (_inputs, dims) => {
    const [rows, columns] = [dimOf(dims, 'rows'), dimOf(dims, 'columns')];
    const cells = Float64Array.from({ length: rows * columns }, (_, i) =>
      seededCell(dimOf(dims, 'stream'), dimOf(dims, 'first') * columns + i, dimOf(dims, 'limit')),
    );
    const { words, scales } = packRows(dimOf(dims, 'format'), cells, rows, columns, dimOf(dims, 'group'));
    const w = Float64Array.from(words);
    const s = scales.length > 0 ? Float64Array.from(scales) : new Float64Array(rows);
    return { w: { value: w, magnitude: w }, scales: { value: s, magnitude: s } };
  },
  tolerance: () => ({
    relative: 2 ** -22,
    absolute: 0,
    reason: 'the cells are exact; rounding to f16 or int8 may go either way at a tie (low half of a word)',
  }),
};
export default op;
