// A comparison in the formats of other tools: a table for spreadsheets and the JSON of vLLM's serving benchmark.
// Text only; saving is the page's business. Chrome traces are made by engine/chrome-trace.ts.

import { deviation, mean, quantile } from '../../core/stats.ts';
import { factsOf } from '../../engine/metrics/facts.ts';
import { completed } from '../../engine/metrics/latency.ts';
import { gaps, tokenTimes, tpots, ttfts } from './summary.ts';
import type { Track } from './track.ts';

const quoted = (value: string | number): string => {
  const text = typeof value === 'number' && Number.isNaN(value) ? '' : String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** One line a request and strategy; times in seconds. */
export function requestsCsv(tracks: readonly Track[]): string {
  const head = [
    'strategy',
    'request',
    'arrival_s',
    'prompt_tokens',
    'output_tokens',
    'first_token_step',
    'ttft_s',
    'tpot_s',
    'e2e_s',
    'longest_gap_s',
    'waited_s',
  ];
  const lines = tracks.flatMap((track) =>
    Array.from({ length: track.requests }, (_, r) => {
      const arrival = track.arrival[r] as number;
      const first = track.firstToken[r] as number;
      const times = tokenTimes(track, r);
      const last = times.at(-1) ?? Number.NaN;
      const between = times.slice(1).map((t, i) => t - (times[i] as number));
      let waited = 0;
      for (let w = track.waits.offset[r] as number; w < (track.waits.offset[r + 1] as number); w++)
        waited += (track.waits.to[w] as number) - (track.waits.from[w] as number);
      return [
        track.key,
        (track.ids[r] as number) + 1,
        arrival,
        track.trace.requests.columns.prompt[r] as number,
        track.outputs[r] as number,
        Number.isNaN(first) ? '' : (track.firstStep[r] as number) + 1,
        first - arrival,
        times.length > 1 ? (last - first) / (times.length - 1) : Number.NaN,
        (track.ended[r] as number) - arrival,
        between.length > 0 ? Math.max(...between) : Number.NaN,
        waited,
      ]
        .map(quoted)
        .join(',');
    }),
  );
  return `${[head.join(','), ...lines].join('\n')}\n`;
}

export interface BenchmarkAbout {
  readonly date: string;
  /** What computed the steps: the device or the cost model. */
  readonly backend: string;
  readonly model: string;
}

const inMs = (name: string, values: readonly number[]): Record<string, number> => {
  if (values.length === 0) return {};
  const ms = values.map((v) => v * 1e3);
  return {
    [`mean_${name}_ms`]: mean(ms),
    [`median_${name}_ms`]: quantile(ms, 0.5),
    [`std_${name}_ms`]: deviation(ms),
    [`p90_${name}_ms`]: quantile(ms, 0.9),
    [`p95_${name}_ms`]: quantile(ms, 0.95),
    [`p99_${name}_ms`]: quantile(ms, 0.99),
  };
};

/** Requests a second as they arrived; `inf` when all came at once. */
function requestRate({ arrival }: Track): number | 'inf' {
  const first = arrival.reduce((least, t) => Math.min(least, t), Number.POSITIVE_INFINITY);
  const last = arrival.reduce((most, t) => Math.max(most, t), Number.NEGATIVE_INFINITY);
  return last > first ? (arrival.length - 1) / (last - first) : 'inf';
}

/** One object a strategy with the field names of vLLM's benchmark_serving result file; totals and rates are those of completed requests. */
export function servingBenchmark(tracks: readonly Track[], about: BenchmarkAbout): string {
  const results = tracks.map((track) => {
    const { requests, engine } = factsOf(track.trace);
    const done = requests.filter(completed);
    const input = done.reduce((sum, r) => sum + r.prompt, 0);
    const output = done.reduce((sum, r) => sum + r.emissions.length, 0);
    const prompts = track.trace.requests.columns.prompt.subarray(0, track.requests);
    const times = Array.from({ length: track.requests }, (_, r) => tokenTimes(track, r));
    const e2e = [...track.ended]
      .map((t, r) => t - (track.arrival[r] as number))
      .filter((t) => !Number.isNaN(t));
    return {
      date: about.date,
      backend: about.backend,
      strategy: track.key,
      model_id: about.model,
      num_prompts: track.requests,
      request_rate: requestRate(track),
      duration: engine.wall,
      completed: done.length,
      total_input_tokens: input,
      total_output_tokens: output,
      request_throughput: done.length / engine.wall,
      output_throughput: output / engine.wall,
      total_token_throughput: (input + output) / engine.wall,
      input_lens: [...prompts],
      output_lens: [...track.outputs],
      ttfts: ttfts(track),
      itls: times.map((list) => list.slice(1).map((t, i) => t - (list[i] as number))),
      ...inMs('ttft', ttfts(track)),
      ...inMs('tpot', tpots(track)),
      ...inMs('itl', gaps(track)),
      ...inMs('e2el', e2e),
    };
  });
  return `${JSON.stringify(results, null, 1)}\n`;
}
