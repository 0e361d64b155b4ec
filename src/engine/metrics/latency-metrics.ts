// The metrics of latency: mean, percentiles and maximum of each kind of sample, of requests that were answered in full: one that a
// client cut short, or that is still waiting, has no latency to count.

import { quantileSorted } from '../../core/stats.ts';
import type { Metric, MetricInput } from './metric.ts';

export const PERCENTILES = [50, 90, 95, 99] as const;
const BY_INTERPOLATION = 'percentiles by linear interpolation';

type Sample = 'ttft' | 'tpot' | 'itl' | 'e2e';
const SAMPLES: Record<Sample, readonly [string, string]> = {
  ttft: ['Time to first token', 'first token − scheduled arrival'],
  tpot: ['Time per output token', '(last token − first token) / (output tokens − 1), one value a request'],
  itl: ['Inter-token latency', 'every gap between two tokens of a request, pooled over requests'],
  e2e: ['End-to-end latency', 'last token − scheduled arrival'],
};

export const samplesOf = ({ latencies }: MetricInput, which: Sample): number[] =>
  which === 'itl'
    ? latencies.flatMap((l) => l.itl)
    : latencies.flatMap((l) => (l[which] === undefined ? [] : [l[which]]));

export const latencyMetrics: readonly Metric[] = (Object.keys(SAMPLES) as Sample[]).flatMap((which) => {
  const [title, formula] = SAMPLES[which];
  const make = (id: string, name: string, how: string, of: (sorted: Float64Array) => number): Metric => ({
    id: `${which}_${id}`,
    title: `${title}, ${name}`,
    unit: 's',
    formula: `${how} of ${formula}; completed requests only`,
    better: 'lower',
    value: (input) => {
      const sorted = Float64Array.from(samplesOf(input, which)).sort();
      return sorted.length > 0 ? of(sorted) : undefined;
    },
  });
  return [
    make('mean', 'mean', 'mean', (v) => v.reduce((a, b) => a + b, 0) / v.length),
    ...PERCENTILES.map((p) =>
      make(`p${p}`, `p${p}`, `p${p} (${BY_INTERPOLATION})`, (v) => quantileSorted(v, p / 100)),
    ),
    make('max', 'maximum', 'maximum', (v) => v[v.length - 1] as number),
  ];
});
