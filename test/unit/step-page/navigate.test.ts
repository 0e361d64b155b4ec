// Stepping commands over a recording made by hand: two subgroups, a call, a barrier.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { activeCount, activeIn, type StatementInfo } from '../../../src/stepper/index.ts';
import {
  findLine,
  findPlace,
  type Goal,
  lowerBound,
  placeOf,
  type Recording,
  travel,
} from '../../../src/views/step/navigate.ts';

const source = ['fn f() {', '  a();', '}', 'x = 1;', 'f();', 'x = 2;', 'barrier;'];
const statement = (id: number, line: number, kind: StatementInfo['kind'] = 'assign'): StatementInfo => ({
  id,
  kind,
  span: { start: 0, end: 1, line, column: 1 },
  functionName: line < 4 ? 'f' : 'main',
});
const statements = [
  statement(0, 4),
  statement(1, 5, 'call'),
  statement(2, 2),
  statement(3, 6),
  statement(4, 7, 'barrier'),
];

/** Subgroup, statement, depth, low lanes; two subgroups in turn. */
const rows = [
  [0, 0, 0, 0b1111],
  [1, 0, 0, 0b1111],
  [0, 1, 0, 0b1111],
  [1, 1, 0, 0b0011],
  [0, 2, 1, 0b1111],
  [1, 2, 1, 0b0011],
  [0, 3, 0, 0b1111],
  [1, 3, 0, 0b1111],
  [0, 4, 0, 0b1111],
  [1, 4, 0, 0b1111],
] as const;
const recording: Recording = {
  length: rows.length,
  statements,
  steps: {
    subgroup: Uint8Array.from(rows, (r) => r[0]),
    statement: Int32Array.from(rows, (r) => r[1]),
    depth: Uint8Array.from(rows, (r) => r[2]),
    low: Uint32Array.from(rows, (r) => r[3]),
    high: new Uint32Array(rows.length),
  },
};
const on = (goal: Goal, from: number): number => travel(recording, from, goal, 'forward');
const back = (goal: Goal, from: number): number => travel(recording, from, goal, 'back');

describe('stepping', () => {
  it('one statement, clamped at both ends', () => {
    expect([on({ kind: 'statement' }, 3), back({ kind: 'statement' }, 3)]).toEqual([4, 2]);
    expect([on({ kind: 'statement' }, 10), back({ kind: 'statement' }, 0)]).toEqual([10, 0]);
  });

  it('over a call: the same subgroup’s next statement at the same depth', () => {
    // time 3 shows step 2, the call of subgroup 0; step 6 is behind the callee
    expect(on({ kind: 'over' }, 3)).toBe(7);
    expect(back({ kind: 'over' }, 7)).toBe(3);
  });

  it('out of a function: the caller’s next statement', () => {
    expect(on({ kind: 'out' }, 5)).toBe(7);
    expect(back({ kind: 'out' }, 5)).toBe(3);
  });

  it('to a lane’s next statement: only where it is active', () => {
    // lane 6 is the third lane of subgroup 1 of width 4: masked in the call
    expect(on({ kind: 'lane', lane: 6, width: 4 }, 2)).toBe(8);
    expect(back({ kind: 'lane', lane: 6, width: 4 }, 8)).toBe(2);
    expect(on({ kind: 'lane', lane: 5, width: 4 }, 2)).toBe(4);
  });

  it('follows one lane: over and out are its own, past other subgroups and past calls that mask it', () => {
    const lane = (n: number) => ({ lane: n, width: 4 });
    // lane 5 enters the call at step 5; lane 6 is masked from step 3 to step 7
    expect(on({ kind: 'over', follow: lane(5) }, 4)).toBe(8);
    expect(on({ kind: 'over', follow: lane(6) }, 2)).toBe(8);
    expect(back({ kind: 'over', follow: lane(5) }, 8)).toBe(4);
    expect(on({ kind: 'out', follow: lane(5) }, 6)).toBe(8);
    expect(back({ kind: 'out', follow: lane(5) }, 6)).toBe(4);
    // the cursor shows the other subgroup: the lane goes on from where it stands itself
    expect(on({ kind: 'out', follow: lane(5) }, 7)).toBe(8);
    expect(on({ kind: 'over', follow: lane(1) }, 4)).toBe(7);
  });

  it('a followed lane comes to each of its statements once, forward and back', () => {
    for (let lane = 0; lane < 8; lane++) {
      const goal: Goal = { kind: 'lane', lane, width: 4 };
      const own = rows.flatMap((r, step) =>
        r[0] === Math.floor(lane / 4) && (r[3] >> (lane % 4)) & 1 ? [step] : [],
      );
      const seen: number[] = [];
      for (let t = on(goal, 0); seen.length < own.length; t = on(goal, t)) seen.push(t - 1);
      expect(seen).toEqual(own);
    }
  });

  it('to a line, and to the end when it never runs again', () => {
    expect(on({ kind: 'line', line: 7 }, 0)).toBe(9);
    expect(on({ kind: 'line', line: 4 }, 5)).toBe(10);
    expect(back({ kind: 'line', line: 4 }, 9)).toBe(2);
  });

  it('among marks: forward and back visit each of them once, in order', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { minLength: 1 }), (unsorted) => {
        const steps = unsorted.sort((a, b) => a - b);
        const goal: Goal = { kind: 'among', steps };
        const seen: number[] = [];
        for (let t = on(goal, 0); seen.length < steps.length; t = on(goal, t)) seen.push(t - 1);
        expect(seen).toEqual(steps);
        const backwards: number[] = [];
        for (let t = back(goal, 11); backwards.length < steps.length; t = back(goal, t))
          backwards.push(t - 1);
        expect(backwards).toEqual(steps.toReversed());
      }),
    );
  });
});

describe('lanes of a step', () => {
  it('agree with their bits, past 32 too', () => {
    fc.assert(
      fc.property(fc.nat({ max: 0xffffffff }), fc.nat({ max: 0xffffffff }), (low, high) => {
        const steps = { ...recording.steps, low: Uint32Array.of(low), high: Uint32Array.of(high) };
        const lanes = Array.from({ length: 64 }, (_, l) => activeIn(steps, 0, l));
        expect(lanes.filter(Boolean)).toHaveLength(activeCount(steps, 0));
        const word = lanes.slice(32).reduce((sum, set, i) => sum + (set ? 2 ** i : 0), 0);
        expect(word).toBe(high);
      }),
    );
  });
});

describe('the same place in another run', () => {
  it('is found by its text, subgroup and occurrence, wherever the line has moved', () => {
    const place = placeOf(recording, source, 8);
    expect(place).toEqual({ text: 'x = 2;', ordinal: 0, subgroup: 1, occurrence: 0 });
    const moved = ['// a new line', ...source];
    const again: Recording = {
      ...recording,
      statements: statements.map((s) => ({ ...s, span: { ...s.span, line: s.span.line + 1 } })),
    };
    expect(place && findPlace(again, moved, place)).toBe(8);
  });

  it('tells the statements of one line apart', () => {
    const loop: Recording = {
      ...recording,
      statements: statements.map((s) => ({ ...s, span: { ...s.span, line: 1 } })),
    };
    for (let time = 1; time <= loop.length; time++) {
      const place = placeOf(loop, ['for (…) { }'], time);
      expect(place && findPlace(loop, ['for (…) { }'], place)).toBe(time);
    }
  });

  it('is null where the code never comes there', () => {
    expect(
      findPlace(recording, source, { text: 'x = 3;', ordinal: 0, subgroup: 0, occurrence: 0 }),
    ).toBeNull();
    expect(
      findPlace(recording, source, { text: 'x = 1;', ordinal: 0, subgroup: 0, occurrence: 1 }),
    ).toBeNull();
    expect(placeOf(recording, source, 0)).toBeNull();
  });

  it('a part of a line is enough for a tour', () => {
    expect(findLine(recording, source, (line) => line.includes('x ='), 1, 0)).toBe(2);
    expect(findLine(recording, source, (line) => line === 'nowhere', 1, 0)).toBeNull();
  });
});

it('lowerBound is the first that is not smaller', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 50 })),
      fc.integer({ min: -1, max: 51 }),
      (list, value) => {
        const sorted = list.sort((a, b) => a - b);
        const at = lowerBound(sorted, value);
        expect(sorted.slice(0, at).every((x) => x < value)).toBe(true);
        expect(sorted.slice(at).every((x) => x >= value)).toBe(true);
      },
    ),
  );
});
