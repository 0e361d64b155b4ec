// The size sweep: rate over size, one line a version, for shapes that differ in one size only.

import { YAxis } from './axis.tsx';
import {
  inMetric,
  type MarkEvents,
  type Measured,
  type Metric,
  metricUnit,
  ours,
  previewProps,
  rowKey,
  rowName,
} from './facts.ts';
import { figure, shorten, spoken } from './format.ts';
import { spreadLabels } from './labels.ts';
import { decades, linear, logarithmic } from './scale.ts';

export interface SweepPoint {
  readonly size: number;
  readonly row: Measured;
}

export interface SweepProps {
  /** What varies: `m = n = k`. */
  readonly axis: string;
  /** Points of each version or peer, by its name; sizes ascending. */
  readonly lines: ReadonlyMap<string, readonly SweepPoint[]>;
  readonly metric: Metric;
  readonly width: number;
  readonly height: number;
  /** Name of the line that is previewed or chosen. */
  readonly strong: string | null;
  readonly on: MarkEvents;
}

export function SweepChart({ axis, lines, metric, width, height, strong, on }: SweepProps) {
  const points = [...lines.values()].flat();
  const sizes = [...new Set(points.map((p) => p.size))].sort((a, b) => a - b);
  const left = 46;
  const right = width < 480 ? 66 : 138;
  const [low, high] = [sizes[0] ?? 1, sizes.at(-1) ?? 2];
  const x = logarithmic(low, high > low ? high : low * 2, left, width - right, 2);
  const top = Math.max(...points.map((p) => inMetric(p.row, metric).high));
  const logY = metric === 'ms';
  const [lowY, highY] = logY
    ? decades(
        points.map((p) => inMetric(p.row, metric).middle),
        10,
      )
    : [0, top];
  const y = logY ? logarithmic(lowY, highY, height - 40, 12, 10) : linear(highY * 1.04, height - 40, 12, 4);
  const ends = [...lines].flatMap(([name, line]) => {
    const last = line.at(-1);
    return last ? [{ name, y: y(inMetric(last.row, metric).middle), row: last.row }] : [];
  });
  const labelYs = spreadLabels(
    ends.map((end) => end.y),
    14,
    12,
    height - 36,
  );
  return (
    <svg
      class="chart sweep"
      width={width}
      height={height}
      aria-label={`Sweep over ${axis}, ${metricUnit[metric]}`}
    >
      <YAxis y={y} left={left} right={width - right} />
      {sizes.map((size) => (
        <text key={size} class="quiet-mark" x={x(size)} y={height - 22} text-anchor="middle">
          {size}
        </text>
      ))}
      <text class="quiet-mark" x={width - right} y={height - 5} text-anchor="end">
        {axis}
      </text>
      <text class="quiet-mark" x={0} y={height - 5}>
        {metricUnit[metric]}
      </text>
      {[...lines].map(([name, line]) => (
        <g
          key={name}
          class={`series${name === strong ? ' strong' : ''}${line[0]?.row.peer === ours ? '' : ' peer'}`}
        >
          <path
            class="line"
            d={line
              .map((p, i) => `${i ? 'L' : 'M'}${x(p.size)} ${y(inMetric(p.row, metric).middle)}`)
              .join('')}
          />
          {line.map((p) => {
            const value = inMetric(p.row, metric);
            return (
              <a
                key={rowKey(p.row)}
                class="mark point"
                href={on.link(p.row)}
                {...previewProps(p.row, on)}
                aria-label={`${spoken(rowName(p.row))} at ${p.size}: ${figure(value.middle)} ${metricUnit[metric]}`}
              >
                <circle class="hit" cx={x(p.size)} cy={y(value.middle)} r={11} />
                <path class="whisker" d={`M${x(p.size)} ${y(value.low)}V${y(value.high)}`} />
                <circle class="fill" cx={x(p.size)} cy={y(value.middle)} r={3.5} />
                <circle class="focus-ring" cx={x(p.size)} cy={y(value.middle)} r={8} />
              </a>
            );
          })}
        </g>
      ))}
      {ends.map(({ name, y: lineY, row }, i) => {
        const labelY = labelYs[i] ?? lineY;
        return (
          <g key={name}>
            {Math.abs(labelY - lineY) > 3 && (
              <path class="leader" d={`M${width - right + 5} ${lineY}L${width - right + 11} ${labelY}`} />
            )}
            <text class={name === strong ? 'strong' : 'quiet-mark'} x={width - right + 14} y={labelY + 4}>
              {width < 480 && row.peer === ours
                ? (/^\d+/.exec(name)?.[0] ?? name)
                : shorten(spoken(name), right - 16)}
            </text>
          </g>
        );
      })}
    </svg>
  );
}
