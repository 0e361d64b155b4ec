// Generators: determinism, the statistics they claim, and sizes that an engine takes.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { KnobValue } from '../../../src/core/knobs.ts';
import { unwrap } from '../../../src/core/result.ts';
import { deviation, mean, quantile } from '../../../src/core/stats.ts';
import { promptLength } from '../../../src/engine/request.ts';
import { arrivalsOf, endedByModel, type MadeWorkload } from '../../../src/workloads/contract.ts';
import { textSource } from '../../../src/workloads/corpus/prompts.ts';
import { workloads } from '../../../src/workloads/index.ts';
import { serve } from '../engine/serve.ts';

const roomy = { pages: 20_000, pageSize: 16, window: 131_072, vocabulary: 1408 };
const small = { pages: 256, pageSize: 16, window: 512, vocabulary: 1408 };

const text = textSource(JSON.parse(readFileSync('models/tokenizer.json', 'utf8')) as object);

const make = (id: string, knobs: Record<string, KnobValue> = {}, limits = roomy, seed = 1): MadeWorkload => {
  const workload = workloads.get(id);
  if (!workload) throw new Error(id);
  return unwrap(workload.make(knobs, { seed, limits, text }));
};

describe.each([...workloads.keys()])('%s', (id) => {
  it('repeats from its seed, differs between seeds, and says what it is', () => {
    expect(make(id)).toEqual(make(id));
    expect(make(id).requests).not.toEqual(make(id, {}, roomy, 2).requests);
    expect(workloads.get(id)?.about.length).toBeGreaterThan(10);
  });
  it('fits a small window, and an engine serves it all', () => {
    const made = make(id, {}, small);
    for (const request of made.requests)
      expect(promptLength(request.prompt) + request.maxTokens).toBeLessThanOrEqual(small.window);
    const run = serve('unified', {}, made.requests, { limits: small });
    expect(run.refused).toEqual([]);
    expect(run.end.incomplete).toBeUndefined();
  });
});

describe('like published traces', () => {
  const statistics = (id: string) => {
    const { requests } = make(id, { requests: 20_000, scale: 1 });
    const prompts = requests.map((r) => promptLength(r.prompt));
    const outputs = requests.map((r) => r.maxTokens);
    const gaps = requests.slice(1).map((r, i) => r.arrival - (requests[i]?.arrival ?? 0));
    const five = (values: number[]) => [mean(values), ...[0.5, 0.9, 0.99].map((q) => quantile(values, q))];
    return {
      prompts: five(prompts),
      outputs: five(outputs),
      rate: 1 / mean(gaps),
      variation: deviation(gaps) / mean(gaps),
    };
  };
  const near = (got: number[], wanted: number[], tolerance: number) => {
    for (const [i, value] of wanted.entries())
      expect(Math.abs((got[i] as number) / value - 1)).toBeLessThan(tolerance);
  };
  // mean, p50, p90, p99 of the full traces
  it('Azure conversation', () => {
    const s = statistics('azure-conversation');
    near(s.prompts, [1155, 1020, 2735, 4142], 0.05);
    near(s.outputs, [211, 129, 424, 601], 0.05);
    near([s.rate, s.variation], [5.53, 1.09], 0.05);
  });
  it('Azure code', () => {
    const s = statistics('azure-code');
    near(s.prompts, [2048, 1469, 5188, 7436], 0.05);
    near(s.outputs, [28, 13, 55, 251], 0.1);
    // a gap variation of 13 converges slowly
    near([s.rate, s.variation], [2.57, 13.2], 0.3);
  });
  it('Mooncake, and the share of blocks that an endless cache would hit', () => {
    const s = statistics('mooncake');
    near(s.prompts, [12_035, 6_909, 27_367, 85_400], 0.06);
    near(s.outputs, [343, 350, 597, 1118], 0.05);
    const seen = new Set<number>();
    let blocks = 0;
    let hits = 0;
    for (const { prompt } of make('mooncake', { requests: 12_031, scale: 1 }).requests)
      for (const part of prompt) {
        blocks++;
        if (!('seed' in part)) continue;
        if (seen.has(part.seed)) hits++;
        seen.add(part.seed);
      }
    near([hits / blocks], [0.366], 0.05);
  });
});

describe('real text', () => {
  it('has prompts of the wanted lengths, ends where the text does, and leaves that to a model that can', () => {
    const made = make('real-text', { kind: 'stories', requests: 40, promptShape: 'fixed', prompt: 30 });
    for (const { prompt, endsAfter, maxTokens, stop } of made.requests) {
      expect(promptLength(prompt)).toBe(30);
      expect(endsAfter).toBeLessThanOrEqual(maxTokens);
      expect(stop).toEqual({ endToken: text.end });
    }
    for (const request of endedByModel(made.requests)) expect(request).not.toHaveProperty('endsAfter');
    const [plain] = make('synthetic', { limit: 'window' }).requests;
    expect(plain?.endsAfter).toBeGreaterThan(0);
    expect(endedByModel(plain ? [plain] : [])).toEqual([plain]);
  });
  it('is refused for a vocabulary that does not hold it, and before it is loaded', () => {
    const workload = workloads.get('real-text');
    const few = workload?.make({}, { seed: 1, limits: { ...small, vocabulary: 512 }, text });
    expect(few?.ok === false && few.error.code).toBe('vocabulary');
    const early = workload?.make({}, { seed: 1, limits: small });
    expect(early?.ok === false && early.error.code).toBe('no-text');
  });
});

describe('arrivals', () => {
  it('a burst, a constant rate', () => {
    const times = (arrivals: string) =>
      make('synthetic', { arrivals, rate: 2, requests: 400 }).requests.map((r) => r.arrival);
    expect(new Set(times('burst'))).toEqual(new Set([0]));
    expect(times('constant').slice(0, 3)).toEqual([0, 0.5, 1]);
  });
  it.each([40, 400, 4000])(
    'a ramp of %i has the mean rate, and half its requests after 0.7 of its time',
    (requests) => {
      const seeds = Array.from({ length: 40 }, (_, i) => i + 1);
      const ramps = seeds.map((seed) => {
        const workload = workloads.get('synthetic');
        const made = unwrap(
          workload?.make({ arrivals: 'ramp', rate: 2, requests }, { seed, limits: roomy }) ?? expect.fail(),
        );
        return made.requests.map((r) => r.arrival);
      });
      const mean = (of: (times: readonly number[]) => number): number =>
        ramps.reduce((sum, times) => sum + of(times), 0) / ramps.length;
      const last = mean((times) => times.at(-1) as number);
      const rate = requests / last;
      expect(rate).toBeGreaterThan(1.9);
      expect(rate).toBeLessThan(2.1);
      for (const [share, after] of [
        [0.25, 0.5],
        [0.5, Math.SQRT1_2],
        [0.75, Math.sqrt(0.75)],
      ] as const) {
        const reached = mean((times) => times[Math.round(share * requests)] as number) / last;
        expect(Math.abs(reached - after)).toBeLessThan(0.03);
      }
    },
  );
  it('a fraction of capacity needs the capacity', () => {
    const knobs = { arrivals: 'constant', rate: 0.5, rateOf: 'capacity', requests: 3 };
    const workload = workloads.get('synthetic');
    const without = workload?.make(knobs, { seed: 1, limits: roomy });
    expect(without?.ok === false && without.error.code).toBe('no-capacity');
    const made = workload?.make(knobs, { seed: 1, limits: roomy, capacity: 8 });
    expect(made?.ok && made.value.requests.map((r) => r.arrival)).toEqual([0, 0.25, 0.5]);
  });
  it('a closed loop never has more under way than clients', () => {
    const made = make('synthetic', { arrivals: 'closed', clients: 3, requests: 20 });
    const arrivals = arrivalsOf(made);
    let under = 0;
    let most = 0;
    let time = 0;
    for (let taken = 0; taken < 20; ) {
      while (arrivals.peek() <= time) {
        arrivals.take();
        taken++;
        most = Math.max(most, ++under);
      }
      time++;
      under--;
      arrivals.ended?.(0, time);
    }
    expect(most).toBe(3);
  });
});
