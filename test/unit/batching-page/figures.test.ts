// The page map, the figures and what a difference is worth, exports, and what an address can hold.

import { describe, expect, it } from 'vitest';
import { readNamed, readTrack, readWanted, type Wanted, writeNamed } from '../../../src/app/batching/spec.ts';
import { prng } from '../../../src/core/prng.ts';
import { unwrap } from '../../../src/core/result.ts';
import { FEATURES } from '../../../src/engine/cost-model.ts';
import { costModels } from '../../../src/engine/devices/index.ts';
import { Engine } from '../../../src/engine/engine.ts';
import type { Executor } from '../../../src/engine/executor.ts';
import { runSync } from '../../../src/engine/loop.ts';
import { measure, metricInput, metrics } from '../../../src/engine/metrics/metrics.ts';
import { VirtualExecutor } from '../../../src/engine/virtual-executor.ts';
import { strategies } from '../../../src/strategies/index.ts';
import { type Difference, differencesOf } from '../../../src/views/batching/differences.ts';
import { requestsCsv, servingBenchmark } from '../../../src/views/batching/exports.ts';
import { makeTrack } from '../../../src/views/batching/make-track.ts';
import { countPages, pageStates, pagesAt } from '../../../src/views/batching/page-states.ts';
import { pageAt, pageGrid } from '../../../src/views/batching/paint-pages.ts';
import { sameOutputs } from '../../../src/views/batching/same-outputs.ts';
import { cumulative, gaugeSeries } from '../../../src/views/batching/series.ts';
import { FACTS, type Fact, type FactValue, factOf, type Taken } from '../../../src/views/batching/summary.ts';
import { type Track, tokensHeld } from '../../../src/views/batching/track.ts';
import { openLoop } from '../../../src/workloads/arrivals.ts';
import { LIMITS, serve, unitSteps } from '../engine/serve.ts';
import { four, track } from './scene.ts';

const fixed = track('static', { slots: 2 });
const joining = track('continuous', { slots: 2 });

/** One figure of one rival, with nothing else on the page. */
const differenceOf = (fact: Fact, a: FactValue, b: FactValue, taken: Taken): Difference =>
  differencesOf([fact], [a], [[b]], taken)[0]?.[0] ?? expect.fail();

describe('the page map', () => {
  it('has as many pages taken as the engine says, at every step of every strategy', () => {
    for (const name of ['static', 'continuous', 'prefill-first', 'unified', 'chunked', 'serial'])
      for (const memory of name === 'static' ? ['reserve'] : ['paged', 'reserve', 'prefix']) {
        const known = name === 'serial' ? {} : { memory };
        const shared = four.map((r) => ({ ...r, prompt: [{ seed: 1, length: 8 }] }));
        const one = track(name, { ...(name === 'serial' ? {} : { slots: 2 }), ...known }, shared);
        const states = pageStates(one, 20, 4);
        for (let s = 0; s < one.steps; s++) {
          const { used } = countPages(pagesAt(states, one, s), 4);
          expect(used, `${name} ${memory} step ${s + 1}`).toBe(one.trace.steps.columns.usedPages[s]);
        }
        expect(countPages(pagesAt(states, one, one.steps), 4).used).toBe(0);
      }
  });

  it.each(['paged', 'reserve', 'reserve-window'])(
    'shows every page with those who hold it: forks, %s',
    (memory) => {
      const limits = { ...LIMITS, pages: 40, pageSize: 8, window: 64 };
      const requests = [0, 1, 2].map((id) => ({
        id,
        arrival: 0,
        prompt: [{ seed: 3, length: 21 }],
        maxTokens: 5,
        ...(id > 0 ? { forkOf: 0 } : {}),
      }));
      const { planner } = unwrap(strategies.get('continuous')?.make({ memory }, limits) ?? expect.fail());
      const engine = new Engine({ limits, planner });
      const { tables } = engine.cache;
      /** Who holds each page, told by the block tables while the step runs. */
      const held: string[][] = [];
      const executor = new VirtualExecutor({ ...limits, cost: unitSteps(), seed: 0, lookahead: 0 });
      const noting: Executor = {
        clock: 'virtual',
        idle: (time) => time,
        execute(batch, earliest) {
          const holders = Array.from({ length: limits.pages }, () => new Set<number>());
          for (let i = 0; i < batch.rows; i++) {
            const row = batch.table[i] as number;
            for (let p = 0; p < (tables.lengths[row] as number); p++)
              holders[tables.page(row, p)]?.add(batch.id[i] as number);
          }
          held.push(holders.map((ids) => [...ids].sort().join()));
          return executor.execute(batch, earliest);
        },
      };
      runSync(engine, noting, openLoop(requests));
      const one = makeTrack(engine.trace, { key: memory, title: '', rule: '', slots: engine.settings.slots });
      const states = pageStates(one, limits.pages, limits.pageSize);
      for (let s = 0; s < one.steps; s++) {
        const shown = pagesAt(states, one, s).map(({ holders }) =>
          holders
            .map((r) => one.ids[r])
            .sort()
            .join(),
        );
        expect(shown, `step ${s + 1}`).toEqual(held[s]);
      }
      // the copy of the shared page, and nothing behind it, holds the tokens of the fork
      const step = 2;
      const mine = pagesAt(states, one, step).filter(({ holders }) => holders.some((r) => one.ids[r] === 1));
      expect(mine.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(tokensHeld(one, 1, step));
    },
  );

  it('tells held, reserved, partial and full pages apart', () => {
    const states = pageStates(fixed, 20, 4);
    const cells = pagesAt(states, fixed, 4);
    const uses = (r: number) => cells.filter((c) => c.holders.includes(r)).map((c) => c.use);
    expect(new Set(uses(0))).toEqual(new Set(['held']));
    expect(uses(1)).toEqual(['full', 'full', 'full', 'reserved']); // 8 + 4 tokens in pages of 4
  });

  it('shows a page of a shared prefix with all its holders', () => {
    const prompt = [{ seed: 5, length: 32 }];
    const requests = [0, 1, 2].map((id) => ({ id, arrival: id === 0 ? 0 : 3, prompt, maxTokens: 8 }));
    const one = track('unified', { slots: 4, memory: 'prefix' }, requests, {
      limits: { pages: 40, pageSize: 8, window: 64 },
    });
    const states = pageStates(one, 40, 8);
    const cells = pagesAt(states, one, 4);
    expect(Math.max(...cells.map((c) => c.holders.length))).toBe(3);
    expect(countPages(cells, 8).used).toBe(one.trace.steps.columns.usedPages[4]);
  });

  it('fits any pool into its room and finds the page under a point', () => {
    expect(pageGrid(2000, 280, 110).height).toBeLessThanOrEqual(110);
    expect(pageGrid(50_000, 280, 110).pitch).toBe(3); // beyond that it grows downwards
    const small = pageGrid(20, 300, 110);
    expect(pageAt(small, 20, small.pitch * 1.5, small.pitch * 1.5)).toBe(small.columns + 1);
    expect(pageAt(small, 20, 299, 500)).toBeUndefined();
  });
});

const fact = (id: string) => {
  const found = FACTS.find((f) => f.id === id);
  if (!found) throw new Error(id);
  return found;
};
const samples = (...values: number[]) => {
  const sorted = [...values].sort((a, b) => a - b);
  return { samples: values, median: sorted[Math.floor(sorted.length / 2)] ?? 0, spread: 0 };
};

describe('the figures', () => {
  it('are those of the two-slot case on equal steps', () => {
    const of = (id: string, t: typeof fixed) => fact(id).of(t);
    expect([of('worst-ttft', fixed), of('worst-ttft', joining)]).toEqual([9, 7]);
    expect([of('last-answer', fixed), of('last-answer', joining)]).toEqual([14, 12]);
    expect(of('throughput', joining)).toBeCloseTo(20 / 12, 9);
    expect(of('wasted', fixed)).toBeCloseTo(8 / 28, 9);
    expect(of('wasted', joining)).toBeCloseTo(4 / 24, 9);
    const stalls = track('prefill-first', { slots: 2 });
    expect([of('longest-gap', joining), of('longest-gap', stalls)]).toEqual([1, 2]);
  });

  it('of runs in turns are compared turn by turn, also where a run lacks one', () => {
    const gap = fact('longest-gap');
    const turns = Array.from({ length: 9 }, (_, turn) => 2 ** turn);
    const without = (lost: number, scale: number) => ({
      median: 1 / scale,
      spread: 0,
      samples: turns.map((t, turn) => (turn === lost ? null : t * scale)),
    });
    const d = differenceOf(gap, without(3, 1), without(6, 0.8), 'turns');
    expect(d.verdict).toBe('better');
    expect(d.interval).toEqual([expect.closeTo(0.8, 9), expect.closeTo(0.8, 9)]);
    const one = { key: '', turns: [fixed, { ...fixed, ended: new Float64Array(0) }, null], cut: 0 };
    expect(factOf(fact('last-answer'), one).samples).toEqual([14, null, null]);
  });

  it('agree with the metrics of the command', () => {
    const input = metricInput(joining.trace);
    const metric = (id: string) => metrics.find((m) => m.id === id)?.value(input);
    expect(fact('worst-ttft').of(joining)).toBe(metric('ttft_max'));
    expect(fact('longest-gap').of(joining)).toBe(metric('itl_max'));
    expect(fact('throughput').of(joining)).toBe(metric('output_throughput'));
  });

  it('agree with them also where nothing arrives at 0', () => {
    const late = four.slice(0, 2).map((r, i) => ({ ...r, maxTokens: 4, arrival: 2 + i / 10 }));
    const one = track('continuous', { slots: 2 }, late);
    // from 2 to 7: the second request, due at 2.1, joins when the first step has ended
    expect(fact('throughput').of(one)).toBeCloseTo(8 / 5, 9);
    expect(fact('throughput').of(one)).toBe(measure(one.trace)['output_throughput']);
    const [exported] = JSON.parse(servingBenchmark([one], { date: 'd', backend: 'b', model: 'm' })) as Record<
      string,
      number
    >[];
    expect(exported?.['duration']).toBeCloseTo(5, 9);
    expect(exported?.['output_throughput']).toBeCloseTo(8 / 5, 9);
    expect(exported?.['request_rate']).toBeCloseTo(10, 9);
  });

  it('an exact clock has no noise: equal is no difference, anything else is one', () => {
    const ttft = fact('worst-ttft');
    expect(differenceOf(ttft, samples(9), samples(7), 'exact').verdict).toBe('better');
    expect(differenceOf(ttft, samples(9), samples(9), 'exact').verdict).toBe('no difference');
    expect(differenceOf(fact('throughput'), samples(9), samples(7), 'exact').verdict).toBe('worse');
  });

  it('nothing is ranked inside the noise, nor with fewer than three repeats', () => {
    const ttft = fact('worst-ttft');
    expect(differenceOf(ttft, samples(9), samples(7), 'apart').verdict).toBe('unknown');
    const random = prng(4);
    const noisy = (mean: number) =>
      samples(...Array.from({ length: 7 }, () => mean * (1 + 0.1 * random.normal())));
    expect(differenceOf(ttft, noisy(10), noisy(10.1), 'apart').verdict).toBe('no difference');
    expect(differenceOf(ttft, noisy(10), noisy(5), 'apart').verdict).toBe('better');
    expect(differenceOf(fact('throughput'), noisy(10), noisy(5), 'apart').verdict).toBe('worse');
    // a machine that slows down by half meanwhile hides what is 5 % faster, unless the runs were taken in turns
    const drift = [1, 1.1, 1.2, 1.3, 1.35, 1.4, 1.45, 1.5];
    const [slow, fast] = [1, 0.95].map((scale) => samples(...drift.map((d) => d * scale)));
    if (!slow || !fast) throw new Error('no samples');
    expect(differenceOf(ttft, slow, fast, 'apart').verdict).toBe('no difference');
    expect(differenceOf(ttft, slow, fast, 'turns').verdict).toBe('better');
  });

  it('compares answers token by token', () => {
    const answered = (one: Track) => ({ track: one, complete: true, device: 'd', numerics: {} });
    const same = (...tracks: Track[]) => sameOutputs(tracks.map(answered));
    expect(same(fixed, joining)).toEqual({ kind: 'identical', tokens: 20, of: 20 });
    const { trace } = serve('continuous', { slots: 2 }, four);
    trace.tokens.columns.id[5] = (trace.tokens.columns.id[5] as number) ^ 1;
    const spoiled = makeTrack(trace, { key: 'spoiled', title: '', rule: '', slots: 2 });
    expect(same(fixed, spoiled)).toEqual({ kind: 'different', request: 2, token: 0, key: 'spoiled' });
    expect(same(fixed).kind).toBe('incomparable');
  });

  it('draws gauges without losing a peak, and shares that end at all', () => {
    const points = gaugeSeries(fixed, 'waiting', 'time', { from: 0, to: 14 }, 3);
    expect(Math.max(...points.map((p) => p[1]))).toBe(2);
    const shares = cumulative(Array.from({ length: 5000 }, (_, i) => i));
    expect(shares.length).toBeLessThan(320);
    expect(shares.at(-1)).toEqual([4999, 1]);
  });
});

describe('exports', () => {
  it('CSV: one line a request and strategy', () => {
    const lines = requestsCsv([fixed, joining]).trim().split('\n');
    expect(lines).toHaveLength(1 + 8);
    expect(lines[0]).toContain('ttft_s');
    expect(lines[3]?.split(',').slice(0, 7)).toEqual(['static', '3', '0', '8', '4', '9', '9']);
  });

  it('vLLM’s field names, in milliseconds where they say so', () => {
    const [first] = JSON.parse(
      servingBenchmark([joining], { date: 'd', backend: 'b', model: 'm' }),
    ) as Record<string, unknown>[];
    expect(first).toMatchObject({
      completed: 4,
      total_input_tokens: 32,
      total_output_tokens: 20,
      request_rate: 'inf',
    });
    expect(first?.['mean_ttft_ms']).toBeCloseTo(((1 + 1 + 3 + 7) / 4) * 1000, 6);
    expect(first?.['output_lens']).toEqual([2, 8, 4, 6]);
    expect(first?.['itls']).toHaveLength(4);
  });
});

describe('what an address holds', () => {
  it('strategies with their knobs, both ways', () => {
    const text = writeNamed('static', { slots: 2, pad: true }, { slots: 8, pad: true });
    expect(text).toBe('static,slots:2');
    expect(readNamed('dynamic,preferred:4;8,delay:0')).toEqual({
      name: 'dynamic',
      given: { preferred: '4,8', delay: '0' },
    });
    expect(unwrap(readTrack('vllm-v1,slots:4')).preset?.id).toBe('vllm-v1');
    expect(readTrack('nothing').ok).toBe(false);
  });

  it('requests by length and arrival, or a workload by name; nonsense is named', () => {
    const usual = { tracks: ['static'], pages: 0, pageSize: 4, lookahead: 0 } as const;
    const want = unwrap(readWanted({ ...usual, work: '8x2,8x8@1.5' }));
    expect(want.requests.map((r) => [r.arrival, r.endsAfter])).toEqual([
      [0, 2],
      [1.5, 8],
    ]);
    expect(want.limits.pages).toBe(8);
    expect(unwrap(readWanted({ ...usual, work: 'two-slot,repeat:3' })).requests).toHaveLength(12);
  });

  it('takes a rate that is a share of the capacity, which twice as fast a device doubles', () => {
    const usual = { tracks: ['static'], pages: 0, pageSize: 4, lookahead: 0 } as const;
    const work = 'synthetic,requests:40,arrivals:constant,rateOf:capacity,rate:0.5';
    const [illustrative] = [...costModels.values()];
    if (!illustrative) throw new Error('there is no cost model');
    const twice = {
      ...illustrative,
      host: illustrative.host / 2,
      seconds: Object.assign(
        { ...illustrative.seconds },
        Object.fromEntries(FEATURES.map((name) => [name, illustrative.seconds[name] / 2])),
      ),
    };
    const last = (want: Wanted): number => want.requests.at(-1)?.arrival ?? 0;
    const one = unwrap(readWanted({ ...usual, work, cost: illustrative }));
    const two = unwrap(readWanted({ ...usual, work, cost: twice }));
    expect(last(one)).toBeCloseTo(39 / (0.5 * (one.capacity ?? 0)), 6);
    expect(two.capacity).toBeCloseTo(2 * (one.capacity ?? 0), 6);
    expect(last(two)).toBeCloseTo(last(one) / 2, 6);
    expect(one.notes.join(' ')).toContain('Saturated');
    // without a cost model nobody knows the capacity
    expect(readWanted({ ...usual, work })).toMatchObject({ ok: false, error: { code: 'no-capacity' } });
    for (const work of ['8x', '0x4', 'no-such', 'two-slot,repeat:x', '8x2,9'])
      expect(readWanted({ ...usual, work }).ok, work).toBe(false);
    expect(
      readWanted({ ...usual, tracks: ['static', 'serial', 'chunked', 'unified', 'dynamic'], work: '8x2' }).ok,
    ).toBe(false);
  });
});
