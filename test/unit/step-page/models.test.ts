// The pure parts of the Step page: memories as matrices, banks and sectors, captions, marks, packed words, ULPs.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../../src/core/result.ts';
import { layoutOf, pack } from '../../../src/kernels/layout.ts';
import {
  bankLoad,
  caption as captionOf,
  compileKernel,
  Run,
  sectors,
  Timeline,
  type TimelineState,
} from '../../../src/stepper/index.ts';
import { happened, ranges, regionText, waiting } from '../../../src/views/step/caption.ts';
import { laneLayout } from '../../../src/views/step/lane-grid.tsx';
import {
  addressOf,
  bitsOf,
  cellOf,
  reread,
  shortValue,
  tensorMatrix,
  typeMatrix,
} from '../../../src/views/step/matrix.ts';
import { product4, unpack4 } from '../../../src/views/step/packed.ts';
import { lineMarks, markText, nameAt, spansIn } from '../../../src/views/step/source-marks.ts';
import { difference, ulps } from '../../../src/views/step/ulp.ts';

describe('a memory as a matrix', () => {
  it('a padded tensor: every cell is where its layout puts it, gaps belong to no cell', () => {
    const layout = layoutOf({ cells: 'f32', shape: ['3', '5'], rows: 'vec4' }, {}, 'f32');
    const m = tensorMatrix(layout);
    const bytes = new Uint8Array(
      pack(
        layout,
        Float64Array.from({ length: 15 }, (_, i) => i),
      ),
    );
    const bits = bitsOf(m, bytes);
    for (let row = 0; row < 3; row++)
      for (let column = 0; column < 5; column++) {
        expect(bits.at(row, column)).toBe(row * 5 + column);
        expect(cellOf(m, addressOf(m, row, column))).toEqual({ row, column });
      }
    expect(cellOf(m, 5 * 4)).toBeNull();
    expect(cellOf(m, 8 * 4)).toEqual({ row: 1, column: 0 });
  });

  it('an array of arrays is a matrix, a long array is folded into whole vectors', () => {
    const f32 = { kind: 'scalar', scalar: 'f32', name: 'f32' } as const;
    const row = { kind: 'array', element: f32, count: 16, stride: 4, name: 'array<f32, 16>' } as const;
    const tile = { kind: 'array', element: row, count: 8, stride: 64, name: '' } as const;
    expect(typeMatrix(tile, 256, 512)).toMatchObject({ rows: 8, columns: 16, offset: 256, rowBytes: 64 });
    const vec = { kind: 'vector', scalar: 'f32', size: 4, name: 'vec4f' } as const;
    const vectors = { kind: 'array', element: vec, count: 40, stride: 16, name: '' } as const;
    const m = typeMatrix(vectors, 0, 640);
    expect(m.columns % 4).toBe(0);
    expect(m.rows * m.columns).toBeGreaterThanOrEqual(160);
  });

  it('words read as bytes are four times as wide', () => {
    const m = tensorMatrix(layoutOf({ cells: 'u32', shape: ['2', '4'] }, {}, 'f32'));
    const bytes = new Uint8Array(Uint32Array.of(0x7f03fe81, 0, 0, 0, 0, 0, 0, 0).buffer);
    const wide = reread(m, 'i8');
    expect(wide.columns).toBe(16);
    expect([0, 1, 2, 3].map((c) => bitsOf(wide, bytes).at(0, c))).toEqual([-127, -2, 3, 127]);
  });

  it.each([
    [0, '0'],
    [0.5, '.5'],
    [-0.25, '−.3'],
    [12, '12'],
    [1.04, '1.0'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '−∞'],
    [123456, '1e5'],
  ])('%d fits a cell as %s', (value, text) => expect(shortValue(value)).toBe(text));
});

describe('banks and sectors', () => {
  const lanes = (n: number, f: (i: number) => number): number[] => Array.from({ length: n }, (_, i) => f(i));

  const at = (n: number, f: (i: number) => number) => lanes(n, f).map((byte, lane) => ({ lane, byte }));

  it('a row is free of conflicts, a column of 32 words is a 32-way one, padding frees it', () => {
    const column = at(32, (i) => i * 128);
    expect(
      bankLoad(
        at(32, (i) => i * 4),
        4,
      ),
    ).toMatchObject({ ways: 1, groups: 1, passes: 1 });
    expect(bankLoad(column, 4, 128)).toMatchObject({ ways: 32, passes: 32 });
    expect(bankLoad(column, 4, 128, 1)).toMatchObject({ ways: 1, passes: 1 });
  });

  it.each([
    ['32 lanes that read one word share one', 32, 4, () => 12, 1],
    ['two rows of 16 lanes share a word each', 32, 4, (i: number) => (i >> 4) * 64, 2],
    ['a word that two groups of 32 lanes read is one word', 64, 4, () => 12, 1],
    ['eight lanes that read one vec4 share its four words', 8, 16, () => 16, 4],
    ['lanes of different groups share nothing', 16, 16, (i: number) => (i % 8) * 16, 0],
    ['a row shares nothing', 32, 4, (i: number) => i * 4, 0],
  ])('%s', (_, lanes, bytes, byte, shared) => {
    expect(bankLoad(at(lanes, byte), bytes)).toMatchObject({ ways: 1, shared });
  });

  it.each([
    [4, 2],
    [8, 4],
    [16, 8],
  ])(
    'a row of 64 lanes that ask for %i bytes each is served in %i passes, without a conflict',
    (bytes, passes) => {
      const row = at(64, (i) => i * bytes);
      expect(bankLoad(row, bytes)).toMatchObject({ ways: 1, groups: passes, passes });
    },
  );

  it('a column of vec4 conflicts among the eight lanes that are served together', () => {
    const column = at(32, (i) => i * 128);
    expect(bankLoad(column, 16, 128)).toMatchObject({ ways: 8, groups: 4, passes: 32 });
    expect(bankLoad(column, 16, 128, 4)).toMatchObject({ ways: 1, groups: 4, passes: 4 });
  });

  it.each(['f32', 'vec2f', 'vec4f', 'array<vec4f, 2>'])('%s: counters and sentences say the same', (type) => {
    const source = `@group(0) @binding(0) var<storage, read> a: array<${type}>;
var<workgroup> w: array<${type}, 64>;
@compute @workgroup_size(64) fn main(@builtin(local_invocation_index) i: u32) {
  w[i] = a[i];
}`;
    const { kernel } = compileKernel(source, { subgroupSize: 64 });
    if (!kernel) throw new Error('does not compile');
    const bytes = new Uint8Array(64 * 32);
    const start = () =>
      unwrap(
        Run.start(kernel, { workgroups: [1, 1, 1], buffers: [{ group: 0, binding: 0, bytes }] }, 'checks'),
      );
    const t = Timeline.open(start(), 0).finish();
    const copy = captionOf(t, t.steps.statement.indexOf(t.run.kernel.statements.at(-1)?.id ?? -1));
    const totals = start().finish().report()?.totals;
    const [read, write] = copy?.accesses ?? [];
    expect(write?.bankWays).toBe(type.startsWith('array') ? 2 : 1);
    expect(totals?.bankPasses).toBe((totals?.sharedAccesses ?? 0) * (write?.bankWays ?? 0));
    expect(read?.sectors).toBe(totals?.sectors);
    expect(read?.sectors).toBe((read?.bytes ?? 0) / 32);
  });

  it('sectors: neighbours fill them, strides waste them', () => {
    expect(
      sectors(
        lanes(32, (i) => i * 4),
        4,
        32,
      ),
    ).toMatchObject({ touched: [0, 1, 2, 3], ideal: 4, used: 1 });
    expect(
      sectors(
        lanes(32, (i) => i * 128),
        4,
        32,
      ),
    ).toMatchObject({ ideal: 4, used: 0.125 });
    expect(
      sectors(
        lanes(32, () => 64),
        4,
        32,
      ),
    ).toMatchObject({ touched: [2], used: 0.125 });
  });
});

describe('sentences', () => {
  const cells = (rows: number[], columns: number[]) =>
    rows.flatMap((r) => columns.map((c) => [r, c] as const));

  it('a box of cells is named by its corners, anything else is counted', () => {
    const base = { name: 'a', mode: 'read', columns: 16 } as const;
    expect(regionText({ ...base, flat: false, cells: cells([2, 3], [0, 1, 2]) })).toBe('a[2…3, 0…2]');
    expect(regionText({ ...base, flat: false, cells: cells([5], [7]) })).toBe('a[5, 7]');
    expect(
      regionText({
        ...base,
        flat: false,
        cells: [
          [0, 0],
          [3, 3],
        ],
      }),
    ).toBe('2 cells of a');
    expect(
      regionText({
        ...base,
        flat: true,
        cells: cells(
          [0, 1],
          Array.from({ length: 16 }, (_, i) => i),
        ),
      }),
    ).toBe('a[0…31]');
  });

  it.each([
    [[0, 1, 2, 3], '0–3'],
    [[4], '4'],
    [[0, 1, 4, 6, 7, 8], '0, 1, 4 and 6–8'],
  ])('subgroups %j as %s', (numbers, text) => expect(ranges(numbers)).toBe(text));

  it('says what happened, with the lanes that were left out and the conflicts', () => {
    const caption = {
      sentence: '',
      subgroup: 3,
      line: 9,
      kind: 'assign',
      active: 12,
      lanes: 32,
      accesses: [
        {
          memory: { space: 'workgroup' },
          name: 't',
          mode: 'write',
          lanes: 12,
          bytes: 48,
          sectors: 0,
          lines: 0,
          bankWays: 4,
        },
      ],
    } as const;
    const touched = [
      { name: 't', mode: 'write', flat: true, columns: 16, cells: cells([0], [0, 1, 2]) },
    ] as const;
    expect(happened(caption, touched, 't[i] = 1.0', 8)).toBe(
      'Subgroup 3 writes t[0…2] with 12 of 32 lanes, 20 masked; a 4-way bank conflict.',
    );
    expect(happened({ ...caption, kind: 'barrier', active: 32 }, [], '', 1)).toBe(
      'The subgroup arrives at the barrier on line 9.',
    );
  });

  const at = (index: number, status: 'ready' | 'barrier', line: number) => ({
    index,
    status,
    active: [0, 1, 2, 3],
    span: { start: 0, end: 1, line, column: 1 },
    ...(status === 'barrier' && { barrier: { start: 0, end: 1, line, column: 1 } }),
  });
  const state: TimelineState = {
    time: 5,
    phase: 0,
    lanes: new Uint8Array(12),
    subgroups: [at(0, 'barrier', 7), at(1, 'barrier', 7), at(2, 'ready', 6)],
  };

  it('says who waits for whom', () => {
    expect(waiting(state)).toBe('Subgroups 0 and 1 wait at line 7 for 1 more.');
    expect(waiting({ ...state, subgroups: [at(0, 'barrier', 7)] })).toBe(
      'All subgroups stand at the barrier on line 7: it opens.',
    );
    expect(waiting({ ...state, subgroups: [at(0, 'ready', 7)] })).toBe('');
  });

  it('marks lines with who runs, waits and comes', () => {
    const statement = {
      id: 0,
      kind: 'assign',
      span: { start: 0, end: 1, line: 6, column: 1 },
      functionName: 'main',
    } as const;
    const marks = lineMarks(state, { subgroup: 2, statement, line: 6, active: 3, lanes: 4 });
    expect(marks.get(7)).toEqual({ now: 0, of: null, waiting: 8, next: 0 });
    expect(marks.get(6)).toEqual({ now: 3, of: 4, waiting: 0, next: 4 });
    expect(markText(marks.get(6) ?? { now: 0, of: null, waiting: 0, next: 0 }).short).toBe('▶ 3/4');
  });

  it.each([
    ['sum = fma(a, local.y);', 1, 'sum'],
    ['sum = fma(a, local.y);', 15, 'local'],
    ['sum = fma(a, local.y);', 20, 'local.y'],
    ['sum = fma(a, local.y);', 4, null],
    ['x . y', 4, 'x.y'],
  ])('in %j the name at %d is %j', (text, offset, name) => expect(nameAt(text, offset)).toBe(name));

  it('cuts spans of the whole text to lines', () => {
    const spans = [{ from: 4, to: 12, kind: 'now' }] as const;
    expect(spansIn(spans, 0, 6)).toEqual([{ from: 4, to: 6, kind: 'now' }]);
    expect(spansIn(spans, 7, 10)).toEqual([{ from: 0, to: 5, kind: 'now' }]);
    expect(spansIn(spans, 13, 5)).toEqual([]);
  });
});

it.each([
  [[16, 16, 1], 32, { rows: 16, columns: 16 }],
  [[256, 1, 1], 32, { rows: 16, columns: 16 }],
  [[1, 64, 1], 32, { rows: 4, columns: 16 }],
  [[1024, 1, 1], 32, { rows: 32, columns: 32 }],
  [[4, 4, 4], 32, { rows: 16, columns: 4 }],
] as const)('a workgroup of %j is drawn as %#', (size, _subgroup, layout) => {
  expect(laneLayout(size)).toEqual(layout);
});

describe('packed words', () => {
  it('are four signed bytes, and their product is what dot4I8Packed says', () => {
    const byte = fc.integer({ min: -128, max: 127 });
    const four = fc.tuple(byte, byte, byte, byte);
    const word = (b: readonly number[]): number => new Uint32Array(Int8Array.from(b).buffer)[0] ?? 0;
    fc.assert(
      fc.property(four, four, (a, b) => {
        expect(unpack4(word(a))).toEqual(a);
        expect(product4(word(a), word(b)).sum).toBe(a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0));
      }),
    );
  });
});

describe('differences between two results', () => {
  it('counts representable numbers between floats, across zero too', () => {
    expect(ulps(1, 1 + 2 ** -23, 'f32')).toBe(1);
    expect(ulps(-(2 ** -149), 2 ** -149, 'f32')).toBe(2);
    expect(ulps(0, -0, 'f32')).toBe(0);
    expect(ulps(1, 1 + 2 ** -10, 'f16')).toBe(1);
    expect(ulps(Number.NaN, Number.NaN, 'f32')).toBe(0);
    expect(ulps(Number.NaN, 1, 'f32')).toBeNull();
  });

  it('names the first cell that differs', () => {
    const m = tensorMatrix(layoutOf({ cells: 'f32', shape: ['2', '3'] }, {}, 'f32'));
    const ours = new Uint8Array(Float32Array.of(0, 1, 2, 3, 4, 5, 0, 0).buffer);
    const theirs = new Uint8Array(Float32Array.of(0, 1, 2, 3, 4.5, 6, 0, 0).buffer);
    expect(difference(m, ours, theirs)).toMatchObject({
      cells: 6,
      different: 2,
      apart: 1,
      first: { row: 1, column: 1, ours: 4, theirs: 4.5 },
    });
    expect(difference(m, ours, ours)).toMatchObject({ different: 0, worst: 0, first: null });
  });
});
