// A value across the lanes as a heat map in the workgroup's shape: size by shade, sign by hue, what changed since
// the statement before ringed, NaN and infinities named.

import { GridCanvas, type GridPainter } from '../grid-canvas.tsx';
import { inkOn, mix } from '../palette.ts';
import { laneLayout } from './lane-grid.tsx';
import { shortValue } from './matrix.ts';

export interface WatchMapProps {
  readonly label: string;
  readonly size: readonly [number, number, number];
  /** One a lane. */
  readonly values: ArrayLike<number>;
  /** One a lane: 0 where the value means nothing now. */
  readonly valid: ArrayLike<number>;
  /** The values one statement earlier. */
  readonly before: ArrayLike<number> | null;
  readonly focus: number;
  readonly describe: (lane: number) => string;
  readonly onFocus: (lane: number) => void;
}

export interface WatchRange {
  readonly low: number;
  readonly high: number;
  readonly special: number;
}

/** Smallest and largest finite value, and how many are not finite. */
export function rangeOf(values: ArrayLike<number>, valid: ArrayLike<number>): WatchRange {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let special = 0;
  for (let i = 0; i < values.length; i++) {
    if (valid[i] === 0) continue;
    const x = values[i] ?? 0;
    if (!Number.isFinite(x)) special++;
    else {
      low = Math.min(low, x);
      high = Math.max(high, x);
    }
  }
  return { low, high, special };
}

export function WatchMap(props: WatchMapProps) {
  const { rows, columns } = laneLayout(props.size);
  const lanes = props.values.length;
  const range = rangeOf(props.values, props.valid);
  const most = Math.max(Math.abs(range.low), Math.abs(range.high)) || 1;
  const draw = (p: GridPainter): void => {
    const {
      context: c,
      palette: { color, rgb, mono },
      size,
    } = p;
    c.textAlign = 'center';
    c.textBaseline = 'middle';
    c.font = `${Math.min(11, size * 0.42)}px ${mono}`;
    for (let row = p.rows[0]; row < p.rows[1]; row++) {
      for (let column = p.columns[0]; column < p.columns[1]; column++) {
        const lane = row * columns + column;
        if (lane >= lanes) continue;
        const [x, y] = [p.x(column), p.y(row)];
        const value = props.values[lane] ?? 0;
        if (props.valid[lane] === 0) {
          c.strokeStyle = color.line;
          c.lineWidth = 1;
          c.strokeRect(x + 0.5, y + 0.5, size - 1, size - 1);
          continue;
        }
        const hue = value < 0 ? rgb.write : rgb.prefill;
        const amount = Number.isFinite(value) ? 0.08 + (0.85 * Math.abs(value)) / most : 0;
        c.fillStyle = mix(rgb.panel, hue, amount);
        c.fillRect(x, y, size, size);
        if (!Number.isFinite(value)) {
          c.strokeStyle = color.bad;
          c.lineWidth = 2;
          c.strokeRect(x + 1, y + 1, size - 2, size - 2);
        }
        if (size >= 17) {
          c.fillStyle = amount > 0.55 ? inkOn(hue) : color.ink;
          c.fillText(shortValue(value), x + size / 2, y + size / 2 + 0.5, size - 1);
        }
        if (props.before && !Object.is(props.before[lane], value)) {
          c.fillStyle = color.ink;
          c.beginPath();
          c.moveTo(x + size - Math.max(4, size / 4), y);
          c.lineTo(x + size, y);
          c.lineTo(x + size, y + Math.max(4, size / 4));
          c.fill();
        }
      }
    }
    c.strokeStyle = color.focus;
    c.lineWidth = 2.5;
    c.strokeRect(p.x(props.focus % columns), p.y(Math.floor(props.focus / columns)), size, size);
  };
  return (
    <GridCanvas
      label={props.label}
      rows={rows}
      columns={columns}
      largest={26}
      tallest={330}
      draw={draw}
      describe={({ row, column }) => {
        const lane = row * columns + column;
        return lane < lanes ? props.describe(lane) : '';
      }}
      onPick={({ row, column }) => {
        const lane = row * columns + column;
        if (lane < lanes) props.onFocus(lane);
      }}
    />
  );
}
