// The ladder: one bar a version, from naive to best; median, p10–p90 whiskers, the measured ceiling as a line,
// peers grey. A pure drawing: what is chosen and hovered comes in, and goes out through `on`.
// Marks are links, so that keyboards, pins and the history work by themselves.

import type { ResultRow } from '../measure/schema.ts';
import {
  ceilingTitle,
  inMetric,
  isMeasured,
  type Ladder,
  type MarkEvents,
  type Metric,
  metricUnit,
  ours,
  previewProps,
  roofLines,
  rowKey,
  rowName,
} from './facts.ts';
import { figure, percent, shorten, spoken, tickText } from './format.ts';
import { linear } from './scale.ts';

export interface Pending {
  readonly version: string;
  /** What it does: `waiting`, `9 of 21 samples`. */
  readonly text: string;
}

export interface LadderProps {
  readonly ladder: Ladder;
  readonly metric: Metric;
  readonly width: number;
  /** Versions that still run, with or without first samples. */
  readonly pending: readonly Pending[];
  /** Keys of the previewed and the chosen row. */
  readonly preview: string | null;
  readonly chosen: string | null;
  readonly on: MarkEvents;
}

const rowHeight = 30;
const headroom = 14;

/** What is left of the bar's end: the figure and its share of the ceiling. */
function label(row: ResultRow, metric: Metric): readonly [string, string] {
  if (!isMeasured(row)) return ['', ''];
  const share = row.fractionOfCeiling === null ? '' : ` · ${percent(row.fractionOfCeiling)}`;
  return [figure(inMetric(row, metric).middle), share];
}

export function LadderChart(props: LadderProps) {
  const { ladder, metric, width, pending, preview, chosen, on } = props;
  const waiting = pending.filter((p) => !ladder.rows.some((row) => row.version === p.version));
  const count = ladder.rows.length + waiting.length;
  const narrow = width < 520;
  const left = narrow ? 118 : 172;
  const right = narrow ? 78 : 104;
  const roofs = roofLines(ladder.rows, metric);
  const top = 6 + headroom * Math.max(1, roofs.length);
  const height = top + count * rowHeight + 26;
  const measured = ladder.rows.filter(isMeasured);
  const high = Math.max(
    ...measured.map((row) => inMetric(row, metric).high),
    ...roofs
      .filter((r) => r.value <= 40 * Math.max(...measured.map((row) => inMetric(row, metric).high)))
      .map((r) => r.value),
    1e-9,
  );
  const x = linear(high * 1.02, left, width - right, narrow ? 3 : 5);
  const bottom = top + count * rowHeight;
  return (
    <svg class="chart ladder" width={width} height={height} aria-label={`Ladder, ${metricUnit[metric]}`}>
      {x.ticks.map((tick) => (
        <g key={tick}>
          <line class="grid" x1={x(tick)} x2={x(tick)} y1={top - 4} y2={bottom} />
          <text class="quiet-mark" x={x(tick)} y={bottom + 18} text-anchor="middle">
            {tickText(tick)}
          </text>
        </g>
      ))}
      <text class="quiet-mark" x={width} y={bottom + 18} text-anchor="end">
        {metricUnit[metric]}
      </text>
      {roofs.map(({ ceiling, value }, i) =>
        value > high * 1.02 ? null : (
          <g key={ceiling}>
            <line
              class="ceiling dashed"
              x1={x(value)}
              x2={x(value)}
              y1={top - 4 - i * headroom}
              y2={bottom}
            />
            <text
              class="quiet-mark"
              x={x(value)}
              y={top - 8 - i * headroom}
              text-anchor={x(value) > width * 0.6 ? 'end' : 'start'}
              dx={x(value) > width * 0.6 ? -5 : 5}
            >
              {ceilingTitle[ceiling]} {figure(value)}
            </text>
          </g>
        ),
      )}
      {ladder.rows.map((row, i) => (
        <Bar
          key={rowKey(row)}
          row={row}
          y={top + i * rowHeight}
          x={x}
          left={left}
          width={width}
          metric={metric}
          best={row === ladder.best}
          running={pending.find((p) => p.version === row.version)?.text}
          state={rowKey(row) === chosen ? 'chosen' : rowKey(row) === preview ? 'previewed' : 'plain'}
          on={on}
        />
      ))}
      {waiting.map((p, i) => {
        const y = top + (ladder.rows.length + i) * rowHeight;
        return (
          <g key={p.version}>
            <text class="quiet-mark" x={left - 10} y={y + 19} text-anchor="end">
              {shorten(spoken(p.version), left - 14)}
            </text>
            <rect
              class="pending"
              x={left}
              y={y + 5}
              width={(width - left - right) * 0.5}
              height={rowHeight - 10}
              rx={3}
            />
            <text class="quiet-mark" x={left + 10} y={y + 19}>
              {p.text}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

interface BarProps {
  readonly row: ResultRow;
  readonly y: number;
  readonly x: (value: number) => number;
  readonly left: number;
  readonly width: number;
  readonly metric: Metric;
  readonly best: boolean;
  readonly running: string | undefined;
  readonly state: 'plain' | 'previewed' | 'chosen';
  readonly on: MarkEvents;
}

function Bar({ row, y, x, left, width, metric, best, running, state, on }: BarProps) {
  const name = spoken(rowName(row));
  const value = isMeasured(row) ? inMetric(row, metric) : null;
  const [number, share] = label(row, metric);
  const said = value
    ? `${name}: ${number} ${metricUnit[metric]}${share}${running ? `, running: ${running}` : ''}`
    : `${name}: ${row.why ?? 'no figure'}`;
  const end = value ? x(value.middle) : left;
  return (
    <a
      class={`mark bar ${state}${best ? ' best' : ''}${row.peer === ours ? '' : ' peer'}${running ? ' running' : ''}`}
      href={on.link(row)}
      {...previewProps(row, on)}
      aria-label={said}
      aria-current={state === 'chosen' ? 'true' : undefined}
      data-version={row.version}
    >
      <rect class="hit" x={0} y={y} width={width} height={rowHeight} rx={4} />
      <rect class="focus-ring" x={1} y={y + 1} width={width - 2} height={rowHeight - 2} rx={4} />
      <text class={row.peer === ours ? 'name' : 'name quiet-mark'} x={left - 10} y={y + 19} text-anchor="end">
        {shorten(name, left - 14)}
      </text>
      {value ? (
        <>
          <rect
            class="fill"
            x={left}
            y={y + 4}
            width={Math.max(1.5, end - left)}
            height={rowHeight - 8}
            rx={3}
          />
          <path
            class="whisker"
            d={`M${x(value.low)} ${y + 15}H${x(value.high)}M${x(value.low)} ${y + 11}v8M${x(value.high)} ${y + 11}v8`}
          />
          <text x={Math.max(end, x(value.high)) + 8} y={y + 19}>
            {number}
            <tspan class="quiet-mark">{share}</tspan>
          </text>
        </>
      ) : (
        <text class="quiet-mark why" x={left} y={y + 19}>
          {shorten(row.why ?? 'no figure', width - left)}
        </text>
      )}
    </a>
  );
}
