// embedding: looks up each token's row, whether its id came from the host or was sampled on the GPU.

import { at } from '../../src/core/assert.ts';
import { prng } from '../../src/core/prng.ts';
import { dimOf } from '../../src/kernels/dims.ts';
import { fillWith } from '../../src/kernels/fills.ts';
import type { Op } from '../../src/kernels/op.ts';
import { packRows, unpackRows } from '../../src/kernels/packing.ts';

const slots = 4;
/** Rows that are looked up: every third token takes its id from one of the slots, so that those share theirs. */
const looked = 'min(rows, t - floor(t / 3) + min(slots, floor(t / 3)))';
const common = { slots, first: 0 };
const f32 = { ...common, format: 0, cells: 4, group: 4, groups: 1 };
const f16 = { ...common, format: 1, cells: 8, group: 4, groups: 1 };

const op: Op = {
  id: 'embedding',
  title: 'Token embedding',
  about: 'y[t] = table[id of token t]: the first operation of a step. A split table runs once a part.',
  dims: {
    t: 'tokens',
    width: 'cells of a row',
    first: 'id of the first row of this part of the table',
    rows: 'rows of this part',
    slots: 'sample slots',
    format: '0 f32, 1 f16, 2 i8',
    cells: 'cells in a 16-byte unit: 4, 8 or 16',
    group: 'cells that share a scale (i8)',
    groups: 'scales a row (i8), else 1',
  },
  dtypes: ['f32'],
  tensors: {
    tokens: {
      role: 'in',
      cells: 'u32',
      shape: ['t'],
      moves: { reads: '4 * (t - floor(t / 3))' },
      about: 'ids given by the host',
    },
    source: { role: 'in', cells: 'u32', shape: ['t'], about: '0, or 1 + the slot of a sampled id' },
    sampled: { role: 'in', cells: 'u32', shape: ['slots'], about: 'ids sampled on the GPU' },
    table: {
      role: 'in',
      cells: 'u32',
      shape: ['rows', '4 * ceil(width / cells)'],
      packed: { kind: 'rows', format: 'format', columns: 'width', group: 'group', scales: 'scales' },
      moves: { reads: `16 * ceil(width / cells) * ${looked}` },
      about: 'packed rows',
    },
    scales: {
      role: 'in',
      cells: 'f32',
      shape: ['rows', 'groups'],
      moves: { reads: `select(0, 4 * groups, format == 2) * ${looked}` },
      about: 'i8 scales',
    },
    y: { role: 'out', cells: 'f32', shape: ['t', 'width'], rows: 'vec4', about: 'one row a token' },
  },
  cellMap: ['y[t, width] <- tokens[t], source[t], sampled[*], table[*, *], scales[*, *]'],
  flops: '0',
  shapes: {
    test: [
      { dims: { ...f32, t: 5, width: 32, rows: 11 }, fill: 'normal' },
      { dims: { ...f16, t: 3, width: 72, rows: 7 }, fill: 'normal' },
      { dims: { ...f16, t: 4, width: 36, rows: 7, first: 3 }, fill: 'outliers' },
      {
        dims: { ...common, format: 2, cells: 16, group: 32, groups: 2, t: 6, width: 64, rows: 9 },
        fill: 'normal',
      },
      {
        dims: { ...common, format: 2, cells: 16, group: 68, groups: 1, t: 6, width: 68, rows: 9 },
        fill: 'outliers',
      },
    ],
    bench: { '512×2048': { ...f32, t: 512, width: 2048, rows: 32000 } },
    quick: [],
    step: { ...f32, t: 2, width: 8, rows: 4 },
  },
  inputs: (dims, fill, _dtype, seed) => {
    const [t, width, rows, first] = [
      dimOf(dims, 't'),
      dimOf(dims, 'width'),
      dimOf(dims, 'rows'),
      dimOf(dims, 'first'),
    ];
    const random = prng(seed);
    const packed = packRows(
      dimOf(dims, 'format'),
      fillWith(fill, rows * width, seed),
      rows,
      width,
      dimOf(dims, 'group'),
    );
    return {
      // some ids lie outside this part: their rows of y stay as they are
      tokens: Float64Array.from({ length: t }, () => random.int(0, first + rows - 1)),
      source: Float64Array.from({ length: t }, (_, i) => (i % 3 === 2 ? random.int(1, slots) : 0)),
      sampled: Float64Array.from({ length: slots }, () => random.int(0, first + rows - 1)),
      table: Float64Array.from(packed.words),
      scales:
        packed.scales.length > 0
          ? Float64Array.from(packed.scales)
          : new Float64Array(rows * dimOf(dims, 'groups')),
    };
  },
  reference: (inputs, dims, picked) => {
    const [t, width, rows, first] = [
      dimOf(dims, 't'),
      dimOf(dims, 'width'),
      dimOf(dims, 'rows'),
      dimOf(dims, 'first'),
    ];
    const { tokens = [], source = [], sampled = [], table: words = [], scales = [] } = inputs;
    const table = unpackRows(dimOf(dims, 'format'), { words, scales }, rows, width, dimOf(dims, 'group'));
    const wanted = picked ?? Array.from({ length: t }, (_, i) => i);
    const value = new Float64Array(wanted.length * width);
    wanted.forEach((token, i) => {
      const chosen = at(source, token);
      const row = (chosen === 0 ? at(tokens, token) : at(sampled, chosen - 1)) - first;
      if (row < 0 || row >= rows) return;
      for (let c = 0; c < width; c++) value[i * width + c] = at(table, row * width + c);
    });
    return { y: { value, magnitude: value.map(Math.abs) } };
  },
  tolerance: () => ({ relative: 2 ** -23, absolute: 0, reason: 'a copy; i8 multiplies by its scale once' }),
};
export default op;
