// Rates over batch size, both logarithmic. Lines are told apart by dash and by the label at their end.

import { figure, tickText } from '../format.ts';
import { spreadLabels } from '../labels.ts';
import { decades, logarithmic } from '../scale.ts';

export interface RateSeries {
  readonly name: string;
  /** `prefill` and `decode` have the colours of every page. */
  readonly kind: 'prefill' | 'decode';
  readonly points: readonly { readonly batch: number; readonly rate: number }[];
}

export interface RateChartProps {
  readonly label: string;
  readonly series: readonly RateSeries[];
  readonly width: number;
}

const dashes = ['none', '6 3', '2 3', '8 3 2 3'] as const;
const height = 280;

export function RateChart({ label, series, width }: RateChartProps) {
  const drawn = series.filter((s) => s.points.length > 0);
  const rates = drawn.flatMap((s) => s.points.map((p) => p.rate));
  if (rates.length === 0) return null;
  const longest = Math.max(...drawn.map((s) => s.name.length));
  const right = width - Math.min(width * 0.4, longest * 6.4 + 18);
  const [low, high] = decades(rates, 10);
  const batches = drawn.flatMap((s) => s.points.map((p) => p.batch));
  const x = logarithmic(Math.min(...batches), Math.max(2, ...batches), 58, right, 2);
  const y = logarithmic(low, high, height - 34, 24, 10);
  const ends = drawn.map((s) => y(s.points.at(-1)?.rate ?? low));
  const labels = spreadLabels(ends, 15, 24, height - 34);
  return (
    <svg class="chart rates" width={width} height={height} role="img" aria-label={label}>
      <text x={4} y={12}>
        tokens/s
      </text>
      {y.ticks.map((tick) => (
        <g key={tick}>
          <line class="grid" x1={58} x2={right} y1={y(tick)} y2={y(tick)} />
          <text class="quiet-mark" x={52} y={y(tick) + 4} text-anchor="end">
            {tickText(tick)}
          </text>
        </g>
      ))}
      {[...new Set(batches)].map((tick) => (
        <text key={tick} class="quiet-mark" x={x(tick)} y={height - 16} text-anchor="middle">
          {tick}
        </text>
      ))}
      <text class="quiet-mark" x={58} y={height - 1}>
        sequences in a step
      </text>
      {drawn.map((s, i) => (
        <g key={s.name} class={`rate ${s.kind}`}>
          <path
            d={s.points.map((p, n) => `${n === 0 ? 'M' : 'L'}${x(p.batch)} ${y(p.rate)}`).join('')}
            fill="none"
            stroke={`var(--${s.kind})`}
            stroke-width={2}
            stroke-dasharray={dashes[Math.floor(i / 2) % dashes.length]}
          />
          {s.points.map((p) => (
            <circle key={p.batch} cx={x(p.batch)} cy={y(p.rate)} r={3.5} fill={`var(--${s.kind})`}>
              <title>
                {s.name}, {p.batch} in a step: {figure(p.rate)} tokens/s
              </title>
            </circle>
          ))}
          <text x={right + 10} y={(labels[i] ?? 0) + 4}>
            {s.name}
          </text>
        </g>
      ))}
    </svg>
  );
}
