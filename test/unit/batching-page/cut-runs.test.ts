// Runs that were cut: they change no figure and no verdict, are drawn only where there is no whole one, and say so.

import { describe, expect, it } from 'vitest';
import { answeredOf, cutShort, doubtsOf, lanesOf, takenBy } from '../../../src/app/batching/lanes.ts';
import type { Served } from '../../../src/app/batching/serve.ts';
import { unwrap } from '../../../src/core/result.ts';
import { Engine } from '../../../src/engine/engine.ts';
import type { RunHeader } from '../../../src/engine/run-file.ts';
import { VirtualExecutor } from '../../../src/engine/virtual-executor.ts';
import { findStrategy } from '../../../src/strategies/index.ts';
import { describeMoment, momentAt } from '../../../src/views/batching/caption.ts';
import { differencesOf } from '../../../src/views/batching/differences.ts';
import { sameOutputs } from '../../../src/views/batching/same-outputs.ts';
import { FACTS, factOf } from '../../../src/views/batching/summary.ts';
import { LIMITS, unitSteps } from '../engine/serve.ts';
import { four } from './scene.ts';

const limits = { ...LIMITS, pageSize: 4, pages: 20, window: 32 };
const numerics = { model: 'toy', weights: 'f32', kv: 'f32', reduction: 'k-sequential', kernels: 'auto' };

/** A measured run of steps of `step` seconds; given up by `engine.lose` after so many steps when it is cut. */
function run(
  strategy: string,
  step: number,
  cut: number | null = null,
  change: Partial<RunHeader> = {},
): Served {
  const found = findStrategy(strategy);
  if (!found) throw new Error(`no strategy ${strategy}`);
  const { planner, knobs } = unwrap(found.strategy.make({ slots: 2 }, limits));
  const engine = new Engine({ limits, planner, lookahead: 0 });
  const { pages, pageSize, vocabulary } = limits;
  const cost = { ...unitSteps(), seconds: { ...unitSteps().seconds, step } };
  const executor = new VirtualExecutor({ cost, pages, pageSize, vocabulary, seed: 0, lookahead: 0 });
  for (const request of four) unwrap(engine.submit(request, 0));
  for (let s = 0; cut === null || s < cut; s++) {
    const begun = unwrap(engine.begin(engine.now));
    if (begun.kind !== 'step') break;
    const done = executor.execute(begun.batch, engine.now);
    if (done instanceof Promise) throw new Error('the virtual clock answers at once');
    unwrap(engine.commit(unwrap(done)));
  }
  if (cut !== null) engine.lose(engine.now);
  const header: RunHeader = {
    device: 'test',
    clock: 'wall',
    lookahead: 0,
    strategy,
    knobs,
    settings: planner.settings,
    limits,
    workload: { id: 'test', knobs: {} },
    numerics,
    tuned: {},
    seeds: {},
    ...(cut === null ? {} : { incomplete: 'The run was cancelled.' }),
    ...change,
  };
  return { trace: engine.trace, header, requests: four };
}

/** Turns of a second each, in alternating order; the last run of the last turn is cut after three steps. */
function cancelled(turns = 7): Served[] {
  return Array.from({ length: turns }, (_, turn) => {
    const pair = ['static', 'continuous'].map((strategy, i) => {
      const date = `2026-11-20T10:00:${String(2 * turn + i).padStart(2, '0')}Z`;
      const cut = turn === turns - 1 && i === 1 ? 3 : null;
      return run(strategy, 1 + turn / 10, cut, { turn, date });
    });
    return pair;
  }).flat();
}

const fact = (id: string) => {
  const found = FACTS.find((one) => one.id === id);
  if (!found) throw new Error(id);
  return found;
};

describe('a cut run', () => {
  const lanes = lanesOf(cancelled());
  const [first, second] = lanes;
  if (!first || !second) throw new Error('there are two lanes');

  it('is in no figure: medians, spread and differences come from whole runs, turn by turn', () => {
    const ended = factOf(fact('last-answer'), second);
    expect(ended.samples).toHaveLength(7);
    expect(ended.samples[6]).toBeNull();
    expect(ended.median).toBeCloseTo(12 * 1.25, 9);
    expect(factOf(fact('last-answer'), first).median).toBeCloseTo(14 * 1.3, 9);
    const taken = takenBy(lanes);
    expect(taken).toBe('turns');
    const [[d] = []] = differencesOf(
      [fact('last-answer')],
      [factOf(fact('last-answer'), first)],
      [[ended]],
      taken,
    );
    // six pairs, each 14 steps against 12 of the same length: pairing by order of arrival would blur it
    expect(d?.interval?.map((x) => x.toFixed(6))).toEqual(['0.857143', '0.857143']);
  });

  it('is not drawn beside whole ones, and makes no answers differ', () => {
    expect(second.track.end).toBeCloseTo(12 * 1.2, 9);
    expect(cutShort(second)).toBeUndefined();
    expect(sameOutputs(answeredOf(lanes))).toEqual({ kind: 'identical', tokens: 20, of: 20 });
  });

  it('is said once', () => {
    expect(doubtsOf(lanes)).toEqual(['Continuous: The run was cancelled.']);
    const told = cancelled().map((served) => ({
      ...served,
      header: { ...served.header, invalid: ['continuous: The run was cancelled.'] },
    }));
    expect(doubtsOf(lanesOf(told))).toEqual(['continuous: The run was cancelled.']);
  });

  it('is drawn where there is no whole one, marked, and compared as far as it came', () => {
    const alone = lanesOf([run('static', 1), run('continuous', 1, 2), run('continuous', 1, 5)]);
    const cut = alone[1];
    if (!cut) throw new Error('there are two lanes');
    expect(cut.track.steps).toBe(5);
    expect(cutShort(cut)).toBe('The run was cancelled.');
    expect(factOf(fact('last-answer'), cut).median).toBeNaN();
    const after = momentAt(cut.track, 'time', 6);
    expect([after.phase, describeMoment(cut.track, after)]).toEqual([
      'cut',
      'has no step here: its last one ended at 5.00 s, and 3 of 4 requests are unanswered.',
    ]);
    const same = sameOutputs(answeredOf(alone));
    expect(same).toMatchObject({ kind: 'identical', of: 20 });
    expect(same.kind === 'identical' && same.tokens).toBeGreaterThan(5);
    expect(same.kind === 'identical' && same.tokens).toBeLessThan(20);
  });

  it('whose tokens are others differs all the same', () => {
    const cut = run('continuous', 1, 5);
    cut.trace.tokens.columns.id[2] = (cut.trace.tokens.columns.id[2] as number) ^ 1;
    expect(sameOutputs(answeredOf(lanesOf([run('static', 1), cut]))).kind).toBe('different');
  });
});

describe('runs of other numerics or devices', () => {
  const spoiled = (change: Partial<RunHeader>): Served => {
    const other = run('continuous', 1, null, change);
    other.trace.tokens.columns.id[2] = (other.trace.tokens.columns.id[2] as number) ^ 1;
    return other;
  };
  const compared = (other: Served) => sameOutputs(answeredOf(lanesOf([run('static', 1), other])));

  it('are incomparable, not different', () => {
    const why = 'different numerics';
    expect(compared(spoiled({ numerics: { ...numerics, weights: 'i8-row' } }))).toEqual({
      kind: 'incomparable',
      why,
    });
    expect(compared(spoiled({ numerics: { ...numerics, kernels: 'cpu' } })).kind).toBe('different');
    expect(compared(spoiled({ device: 'another' })).kind).toBe('incomparable');
    expect(compared(run('continuous', 1, null, { device: 'another' })).kind).toBe('identical');
  });

  it('are not pooled in silence', () => {
    const lanes = lanesOf([run('static', 1), run('static', 1, null, { device: 'another' })]);
    expect(doubtsOf(lanes)).toEqual(['these runs were taken on 2 devices']);
  });
});

describe('older files', () => {
  it('without turns are taken in their order', () => {
    const old = cancelled().map(({ header: { turn: _, ...header }, ...rest }) => ({ ...rest, header }));
    expect(takenBy(lanesOf(old))).toBe('turns');
    expect(lanesOf(old).map((lane) => lane.turns.filter(Boolean).length)).toEqual([7, 6]);
    const twice = [...cancelled(2), ...cancelled(2)];
    expect(takenBy(lanesOf(twice))).toBe('apart');
    expect(lanesOf(twice)[0]?.turns).toHaveLength(4);
  });
});
