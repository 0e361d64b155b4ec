// Every metric as data: its name, unit, formula and how it is computed from the facts of a trace. Pages and
// the command print the formula beside the number, because harnesses disagree.

import { quantileSorted } from '../../core/stats.ts';
import type { Trace } from '../trace.ts';
import { factsOf } from './facts.ts';
import { completed, latenciesOf, meets, type Slo } from './latency.ts';
import { latencyMetrics, samplesOf } from './latency-metrics.ts';
import type { Metric, MetricInput, Price } from './metric.ts';

const outputsOf = ({ requests }: MetricInput): number =>
  requests.reduce((sum, r) => sum + (completed(r) ? r.emissions.length : 0), 0);
const good = (input: MetricInput) => input.requests.filter((r) => meets(r, input.slo));
const hasSlo = ({ slo }: MetricInput): boolean => Object.keys(slo).length > 0;
const usefulTokens = (input: MetricInput): number =>
  good(input).reduce((sum, r) => sum + r.emissions.length, 0);
const per = (value: number | undefined, of: number): number | undefined =>
  value !== undefined && of > 0 ? value / of : undefined;
const computed = ({ engine: { tokens } }: MetricInput): number =>
  tokens.prefill + tokens.decode + tokens.recompute + tokens.overrun + tokens.rejected + tokens.lost;

const metric = (
  id: string,
  title: string,
  unit: string,
  better: Metric['better'],
  formula: string,
  value: Metric['value'],
): Metric => ({ id, title, unit, better, formula, value });

export const metrics: readonly Metric[] = [
  ...latencyMetrics,
  metric(
    'output_throughput',
    'Output throughput',
    'tokens/s',
    'higher',
    'output tokens of completed requests / wall time, ramp and drain included',
    (m) => per(outputsOf(m), m.engine.wall),
  ),
  metric(
    'total_throughput',
    'Total throughput',
    'tokens/s',
    'higher',
    '(prompt + output tokens of completed requests) / wall time',
    (m) =>
      per(outputsOf(m) + m.requests.reduce((s, r) => s + (completed(r) ? r.prompt : 0), 0), m.engine.wall),
  ),
  metric(
    'request_throughput',
    'Request throughput',
    'requests/s',
    'higher',
    'completed requests / wall time',
    (m) => per(m.requests.filter(completed).length, m.engine.wall),
  ),
  metric(
    'user_throughput',
    'Throughput a user',
    'tokens/s',
    'higher',
    'median over completed requests of 1 / TPOT',
    (m) => {
      const rates = Float64Array.from(
        samplesOf(m, 'tpot')
          .filter((t) => t > 0)
          .map((t) => 1 / t),
      ).sort();
      return rates.length > 0 ? quantileSorted(rates, 0.5) : undefined;
    },
  ),
  metric(
    'goodput',
    'Goodput',
    'requests/s',
    'higher',
    'requests that met every objective / wall time (vLLM)',
    (m) => (hasSlo(m) ? per(good(m).length, m.engine.wall) : undefined),
  ),
  metric(
    'slo_attainment',
    'Objectives met',
    'share',
    'higher',
    'requests that met every objective / requests',
    (m) => (hasSlo(m) ? per(good(m).length, m.requests.length) : undefined),
  ),
  metric(
    'completed',
    'Completed requests',
    'requests',
    'higher',
    'requests that ended by limit, end token or stop sequence',
    (m) => m.requests.filter(completed).length,
  ),
  metric(
    'running_mean',
    'Running',
    'requests',
    'neither',
    'residents, mean over busy time',
    (m) => m.engine.running,
  ),
  metric(
    'waiting_mean',
    'Waiting',
    'requests',
    'lower',
    'requests in line, mean over busy time',
    (m) => m.engine.waiting,
  ),
  metric(
    'kv_pages',
    'KV pages used',
    'pages',
    'neither',
    'pages held by anyone, mean over busy time',
    (m) => m.engine.usedPages,
  ),
  metric(
    'kv_fragmentation',
    'Internal fragmentation',
    'share',
    'lower',
    'slots left in last pages / slots of pages held: 1 − tokens / (pages · page size), without reservations',
    (m) => m.engine.fragmentation,
  ),
  metric(
    'kv_reserved_waste',
    'Reservation waste',
    'share',
    'lower',
    'slots of whole pages reserved and not reached / slots of pages held',
    (m) => m.engine.reservedWaste,
  ),
  metric(
    'padding_waste',
    'Padding waste',
    'share',
    'lower',
    'padding tokens / (padding + computed tokens)',
    (m) => per(m.engine.tokens.padding, m.engine.tokens.padding + computed(m)),
  ),
  metric(
    'recomputed_tokens',
    'Recomputed tokens',
    'tokens',
    'lower',
    'tokens computed again after a preemption',
    (m) => m.engine.tokens.recompute,
  ),
  metric(
    'rejected_drafts',
    'Rejected drafts',
    'tokens',
    'lower',
    'drafted tokens that were verified and dropped',
    (m) => m.engine.tokens.rejected,
  ),
  metric(
    'overrun_tokens',
    'Overrun',
    'tokens',
    'lower',
    'tokens of requests that had ended, found one step late (planning ahead)',
    (m) => m.engine.tokens.overrun,
  ),
  metric(
    'preemptions',
    'Preemptions',
    'times',
    'lower',
    'residents sent back to the line',
    (m) => m.engine.preemptions,
  ),
  metric(
    'prefix_hits',
    'Prefix hits',
    'tokens',
    'higher',
    'prompt tokens found in pages instead of computed, first time only',
    (m) => m.engine.hits,
  ),
  metric('prefix_hit_rate', 'Prefix hit rate', 'share', 'higher', 'prefix hits / prompt tokens', (m) =>
    per(
      m.engine.hits,
      m.requests.reduce((s, r) => s + r.prompt, 0),
    ),
  ),
  metric('tokens_per_step', 'Tokens a step', 'tokens', 'higher', 'computed tokens / steps', (m) =>
    per(computed(m), m.engine.steps),
  ),
  metric('busy_share', 'Busy share', 'share', 'higher', 'Σ step time / wall time', (m) =>
    per(m.engine.busy, m.engine.wall),
  ),
  metric('host_share', 'Host share', 'share', 'lower', 'Σ host time of steps / wall time', (m) =>
    per(m.engine.host, m.engine.wall),
  ),
  metric('readback_share', 'Readback share', 'share', 'lower', 'Σ readback waits / wall time', (m) =>
    per(m.engine.readback, m.engine.wall),
  ),
  metric(
    'cost_per_million',
    'Cost per million useful tokens',
    'money',
    'lower',
    'price an hour · wall time / output tokens of requests that met every objective · 10⁶',
    (m) =>
      m.price.perHour === undefined
        ? undefined
        : per(((m.price.perHour * m.engine.wall) / 3600) * 1e6, usefulTokens(m)),
  ),
  metric(
    'joules_per_token',
    'Energy per useful token',
    'J',
    'lower',
    'power · wall time / output tokens of requests that met every objective',
    (m) => (m.price.watts === undefined ? undefined : per(m.price.watts * m.engine.wall, usefulTokens(m))),
  ),
];

export interface MeasureOptions {
  readonly slo?: Slo;
  readonly price?: Price;
}

/** Everything a metric may ask of a trace. */
export function metricInput(trace: Trace, options: MeasureOptions = {}): MetricInput {
  const facts = factsOf(trace);
  return {
    ...facts,
    latencies: facts.requests.filter(completed).map(latenciesOf),
    slo: options.slo ?? {},
    price: options.price ?? {},
  };
}

/** All metrics of a trace by id; those without a value are left out. */
export function measure(trace: Trace, options: MeasureOptions = {}): Record<string, number> {
  const input = metricInput(trace, options);
  const values: Record<string, number> = {};
  for (const { id, value } of metrics) {
    const v = value(input);
    if (v !== undefined) values[id] = v;
  }
  return values;
}

/** One metric of a trace by id; undefined where the trace does not have it. */
export const metricOf = (trace: Trace, id: string): number | undefined =>
  metrics.find((one) => one.id === id)?.value(metricInput(trace));
