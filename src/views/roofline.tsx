// The roofline (Williams, Waterman, Patterson 2009): rate over arithmetic intensity, log-log, under the ceilings
// measured in the same run. Ours are discs, peers are diamonds; rows of other shapes and ops are faint.

import type { CeilingName, Ceilings } from '../measure/schema.ts';
import { YAxis } from './axis.tsx';
import {
  ceilingTitle,
  type MarkEvents,
  type Measured,
  ours,
  previewProps,
  rowKey,
  rowName,
} from './facts.ts';
import { figure, shorten, spoken, tickText } from './format.ts';
import { spreadLabels } from './labels.ts';
import { logarithmic } from './scale.ts';

export interface RooflineProps {
  /** Rows of the shape in view. */
  readonly rows: readonly Measured[];
  /** Other measured rows of the run, drawn faint. */
  readonly others: readonly Measured[];
  readonly ceilings: Ceilings;
  readonly width: number;
  readonly height: number;
  readonly preview: string | null;
  readonly chosen: string | null;
  readonly on: MarkEvents;
}

/** Useful FLOPs per byte that must move at least once. */
export const intensity = (row: Measured): number => row.gflops / row.gbps;

const compute: readonly CeilingName[] = ['f32', 'f16', 'dot4i8'];

export function RooflineChart(props: RooflineProps) {
  const { rows, others, ceilings, width, height, preview, chosen, on } = props;
  const all = [...rows, ...others];
  const bandwidth = ceilings.readBandwidth;
  const used = new Set(all.map((row) => row.ceiling));
  const roofs = compute.flatMap((name) => {
    const ceiling = ceilings[name];
    return ceiling && (name === 'f32' || used.has(name)) ? [{ name, value: ceiling.value }] : [];
  });
  const top = Math.max(...roofs.map((r) => r.value), ...all.map((row) => row.gflops), 1);
  const knees = bandwidth ? roofs.map((r) => r.value / bandwidth.value) : [];
  const xs = [...all.map(intensity), ...knees];
  const [lowX, highX] = [Math.min(...xs, 1) / 2, Math.max(...xs) * 8];
  const lowest = Math.min(...all.map((row) => row.gflops), top / 100);
  const [lowY, highY] = [lowest * 0.5, top * 2];
  const left = 46;
  const right = 14;
  const x = logarithmic(lowX, highX, left, width - right, 2, Math.max(3, Math.floor(width / 60)));
  const y = logarithmic(lowY, highY, height - 40, 12, 10);
  const roofTop = Math.max(...roofs.map((r) => r.value), 0);
  const labelled = rows.slice().sort((a, b) => b.gflops - a.gflops);
  const labelYs = spreadLabels(
    labelled.map((row) => y(row.gflops)),
    14,
    12,
    height - 44,
  );
  return (
    <svg
      class="chart roofline"
      width={width}
      height={height}
      aria-label="Roofline: GFLOP/s over FLOP per byte"
    >
      <YAxis y={y} left={left} right={width - right} />
      {x.ticks.map((tick) => (
        <text key={tick} class="quiet-mark" x={x(tick)} y={height - 22} text-anchor="middle">
          {tick < 1 ? `1/${1 / tick}` : tickText(tick)}
        </text>
      ))}
      <text class="quiet-mark" x={width - right} y={height - 5} text-anchor="end">
        FLOP per byte
      </text>
      <text class="quiet-mark" x={0} y={height - 5}>
        GFLOP/s
      </text>
      {bandwidth && roofTop > 0 && (
        <Slope
          bandwidth={bandwidth.value}
          low={Math.max(lowX, lowY / bandwidth.value)}
          knee={Math.min(highX, roofTop / bandwidth.value)}
          x={x}
          y={y}
        />
      )}
      {roofs.map((roof, i) => {
        const from = bandwidth ? Math.max(lowX, roof.value / bandwidth.value) : lowX;
        return (
          <g key={roof.name}>
            <path
              class={i === 0 ? 'ceiling' : 'ceiling dashed'}
              d={`M${x(Math.min(from, highX))} ${y(roof.value)}H${width - right}`}
            />
            <text class="quiet-mark" x={x(Math.min(from, highX)) + 4} y={y(roof.value) - 6}>
              {figure(roof.value)} {ceilingTitle[roof.name]}
            </text>
          </g>
        );
      })}
      {others.map((row) => (
        <Mark
          key={rowKey(row)}
          row={row}
          x={x(intensity(row))}
          y={y(row.gflops)}
          state={rowKey(row) === preview ? 'previewed' : 'faint'}
          on={on}
        />
      ))}
      {labelled.map((row, i) => {
        const key = rowKey(row);
        const state = key === chosen ? 'chosen' : key === preview ? 'previewed' : 'plain';
        const [px, py] = [x(intensity(row)), y(row.gflops)];
        const side = px > width - (width < 480 ? 34 : 120) ? -1 : 1;
        const ly = labelYs[i] ?? py;
        return (
          <g key={key}>
            <Mark row={row} x={px} y={py} state={state} on={on} />
            {Math.abs(ly - py) > 3 && (
              <path class="leader" d={`M${px + side * 7} ${py}L${px + side * 13} ${ly}`} />
            )}
            <text
              class={state === 'plain' ? 'quiet-mark' : 'strong'}
              x={px + side * 15}
              y={ly + 4}
              text-anchor={side < 0 ? 'end' : 'start'}
            >
              {row.peer === ours
                ? (/^\d+/.exec(row.version)?.[0] ?? spoken(row.version))
                : shorten(row.peer, width < 480 ? 50 : 110)}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

interface SlopeProps {
  readonly bandwidth: number;
  readonly low: number;
  readonly knee: number;
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

function Slope({ bandwidth, low, knee, x, y }: SlopeProps) {
  const [x0, y0, x1, y1] = [x(low), y(bandwidth * low), x(knee), y(bandwidth * knee)];
  const angle = (Math.atan2(y1 - y0, x1 - x0) * 180) / Math.PI;
  const [mx, my] = [x0 + (x1 - x0) * 0.5, y0 + (y1 - y0) * 0.5];
  return (
    <>
      <path class="ceiling" d={`M${x0} ${y0}L${x1} ${y1}`} />
      <text
        class="quiet-mark"
        x={mx}
        y={my - 7}
        text-anchor="middle"
        transform={`rotate(${angle} ${mx} ${my})`}
      >
        {figure(bandwidth)} GB/s read
      </text>
    </>
  );
}

interface MarkProps {
  readonly row: Measured;
  readonly x: number;
  readonly y: number;
  readonly state: 'plain' | 'faint' | 'previewed' | 'chosen';
  readonly on: MarkEvents;
}

function Mark({ row, x, y, state, on }: MarkProps) {
  const mine = row.peer === ours;
  const size = state === 'plain' || state === 'faint' ? 4.5 : 6.5;
  return (
    <a
      class={`mark point ${state}${mine ? '' : ' peer'}`}
      href={on.link(row)}
      {...previewProps(row, on)}
      aria-label={`${spoken(rowName(row))} at ${row.shape}: ${figure(row.gflops)} GFLOP/s at ${figure(intensity(row))} FLOP per byte`}
      aria-current={state === 'chosen' ? 'true' : undefined}
    >
      <circle class="hit" cx={x} cy={y} r={12} />
      {mine ? (
        <circle class="fill" cx={x} cy={y} r={size} />
      ) : (
        <path
          class="fill"
          d={`M${x} ${y - size - 1}l${size + 1} ${size + 1}l${-size - 1} ${size + 1}l${-size - 1} ${-size - 1}z`}
        />
      )}
      <circle class="focus-ring" cx={x} cy={y} r={size + 4} />
    </a>
  );
}
