// Lines of a few tracks over one axis. Tracks are told apart by their dashes, which the legend names, because the page's
// colours mean kinds of tokens.

import { YAxis } from '../axis.tsx';
import { linear } from '../scale.ts';
import { readAt } from './chart-reading.ts';

export interface Series {
  readonly name: string;
  /** Ascending in x. */
  readonly points: readonly (readonly [number, number])[];
  readonly marks?: boolean;
}

/** The plot of a chart so wide: its left and right edge in pixels. */
export const plotOf = (width: number): readonly [number, number] => [52, width - 12];

export interface LineChartProps {
  readonly label: string;
  readonly width: number;
  readonly height: number;
  readonly series: readonly Series[];
  readonly x: {
    readonly from: number;
    readonly to: number;
    readonly format: (value: number) => string;
    /** What the axis is, for the table. */
    readonly title: string;
  };
  readonly y: {
    /** A label of the axis; empty where it should have none. */
    readonly format: (value: number) => string;
    /** A value that is read. */
    readonly exact: (value: number) => string;
    readonly title: string;
    readonly top?: number;
  };
  /** Horizontal steps instead of straight lines. */
  readonly stepped?: boolean;
  /** The place that is read. */
  readonly cursor?: number | undefined;
}

export const DASHES = ['none', '6 3', '2 2.5', '8 3 2 3'] as const;
const WIDTHS = [1.6, 2, 2, 2] as const;

export function LineChart(props: LineChartProps) {
  const { label, width, height, series, x, y, stepped = false, cursor } = props;
  const [left, right] = plotOf(width);
  const top = 24;
  const bottom = height - 24;
  const most = y.top ?? Math.max(0, ...series.flatMap((s) => s.points.map((p) => p[1])));
  const up = linear(most || 1, bottom, top, 3);
  const span = x.to - x.from || 1;
  const across = (value: number): number => left + ((value - x.from) / span) * (right - left);
  const ticks = linear(x.to - x.from, left, right, Math.max(2, Math.floor(width / 130))).ticks;
  return (
    <svg class="chart lines" width={width} height={height} role="img" aria-label={label}>
      <text x={left - 44} y={12} class="chart-title">
        {y.title}
      </text>
      <YAxis y={up} left={left} right={right} most={(most || 1) * 1.001} text={y.format} />
      {ticks
        .filter((tick) => x.from + tick <= x.to * 1.0001)
        .map((tick) => (
          <text key={tick} class="quiet-mark" x={across(x.from + tick)} y={height - 8} text-anchor="middle">
            {x.format(x.from + tick)}
          </text>
        ))}
      <line class="axis" x1={left} x2={right} y1={bottom} y2={bottom} />
      {series.map((s, i) => (
        <path
          key={s.name}
          class={`line lane-${i}`}
          d={pathOf(s.points, across, up, stepped)}
          stroke-dasharray={DASHES[i % DASHES.length]}
          stroke-width={WIDTHS[i % WIDTHS.length]}
          fill="none"
        />
      ))}
      {series.flatMap((s) =>
        s.marks
          ? s.points.map(([px, py]) => (
              <circle key={`${s.name} ${px} ${py}`} class="dot" cx={across(px)} cy={up(py)} r={3} />
            ))
          : [],
      )}
      {cursor !== undefined && cursor >= x.from && cursor <= x.to && (
        <line class="cursor-line" x1={across(cursor)} x2={across(cursor)} y1={top - 6} y2={bottom} />
      )}
      {cursor !== undefined &&
        series.map((s) => {
          const read = readAt(s, cursor);
          if (!read || read.x < x.from || read.x > x.to) return null;
          return <circle key={s.name} class="read" cx={across(read.x)} cy={up(read.y)} r={3.5} />;
        })}
    </svg>
  );
}

function pathOf(
  points: readonly (readonly [number, number])[],
  x: (value: number) => number,
  y: (value: number) => number,
  stepped: boolean,
): string {
  let d = '';
  points.forEach(([px, py], i) => {
    const at = `${x(px).toFixed(1)} ${y(py).toFixed(1)}`;
    if (i === 0) d += `M${at}`;
    else d += stepped ? `H${x(px).toFixed(1)}V${y(py).toFixed(1)}` : `L${at}`;
  });
  return d;
}

/** What the dashes mean. */
export function LineLegend({ names }: { readonly names: readonly string[] }) {
  return (
    <ul class="legend line-legend">
      {names.map((name, i) => (
        <li key={name}>
          <svg width={30} height={10} aria-hidden="true">
            <line
              x1={1}
              x2={29}
              y1={5}
              y2={5}
              stroke="currentColor"
              stroke-width={WIDTHS[i % WIDTHS.length]}
              stroke-dasharray={DASHES[i % DASHES.length]}
            />
          </svg>
          {name}
        </li>
      ))}
    </ul>
  );
}
