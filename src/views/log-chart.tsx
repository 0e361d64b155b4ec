// Lines over a size, both axes logarithmic. Lines are told apart by dash and by the label at their end; a ceiling is a thin
// dashed line without marks.

import { YAxis } from './axis.tsx';
import { figure, shorten } from './format.ts';
import { spreadLabels } from './labels.ts';
import { decades, logarithmic } from './scale.ts';

export interface Line {
  readonly name: string;
  /** A colour of every page: `prefill`, `decode`, `ink-2` … */
  readonly color: string;
  /** `ceiling`: what the device allows at best. */
  readonly kind: 'measured' | 'ceiling';
  /** Which dash; lines of one colour differ in it. */
  readonly dash: number;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface LogChartProps {
  readonly label: string;
  readonly lines: readonly Line[];
  readonly width: number;
  /** What the axes count: `tokens/s`, `sequences in a step`. */
  readonly yTitle: string;
  readonly xTitle: string;
}

const dashes = ['none', '6 3', '2 3', '8 3 2 3'] as const;
const height = 280;
const left = 58;

export function LogChart({ label, lines, width, yTitle, xTitle }: LogChartProps) {
  const drawn = lines.filter((line) => line.points.length > 0);
  if (drawn.length === 0) return null;
  const points = drawn.flatMap((line) => line.points);
  const longest = Math.max(...drawn.map((line) => line.name.length));
  const right = width - Math.min(width * 0.4, longest * 6.4 + 18);
  const [low, high] = decades(
    points.map((p) => p.y),
    10,
  );
  const sizes = [...new Set(points.map((p) => p.x))].sort((a, b) => a - b);
  const smallest = sizes[0] ?? 1;
  const x = logarithmic(smallest, Math.max(2 * smallest, ...sizes), left, right, 2);
  const y = logarithmic(low, high, height - 34, 24, 10);
  const ends = drawn.map((line) => y(line.points.at(-1)?.y ?? low));
  const labels = spreadLabels(ends, 15, 24, height - 34);
  return (
    <svg class="chart log-chart" width={width} height={height} role="img" aria-label={label}>
      <text x={4} y={12}>
        {yTitle}
      </text>
      <YAxis y={y} left={left} right={right} />
      {sizes.map((tick) => (
        <text key={tick} class="quiet-mark" x={x(tick)} y={height - 16} text-anchor="middle">
          {tick}
        </text>
      ))}
      <text class="quiet-mark" x={left} y={height - 1}>
        {xTitle}
      </text>
      {drawn.map((line, i) => {
        const color = `var(--${line.color})`;
        const ceiling = line.kind === 'ceiling';
        return (
          <g key={line.name} class={line.kind}>
            <path
              d={line.points.map((p, n) => `${n === 0 ? 'M' : 'L'}${x(p.x)} ${y(p.y)}`).join('')}
              fill="none"
              stroke={color}
              stroke-width={ceiling ? 1.25 : 2}
              stroke-dasharray={ceiling ? '3 3' : dashes[line.dash % dashes.length]}
            />
            {!ceiling &&
              line.points.map((p) => (
                <circle key={p.x} cx={x(p.x)} cy={y(p.y)} r={3.5} fill={color}>
                  <title>
                    {line.name}, {p.x} {xTitle}: {figure(p.y)} {yTitle}
                  </title>
                </circle>
              ))}
            <text x={right + 10} y={(labels[i] ?? 0) + 4}>
              {shorten(line.name, width - right - 12)}
            </text>
          </g>
        );
      })}
    </svg>
  );
}
