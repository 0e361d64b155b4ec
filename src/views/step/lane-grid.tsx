// The lanes of a workgroup in its own shape: who runs, who waits, who is masked, who is done. Subgroups are
// outlined; state is told by fill and by a mark, never by colour alone.

import { type Cell, GridCanvas, type GridPainter } from '../grid-canvas.tsx';
import { inkOn, mix } from '../palette.ts';

/** What a lane does at the cursor; `ready` waits for its subgroup's turn. Frames carry the index in this list. */
export const laneStates = ['ready', 'active', 'masked', 'barrier', 'done'] as const;
export type LaneState = (typeof laneStates)[number];

export interface LaneLayout {
  readonly rows: number;
  readonly columns: number;
}

/** The workgroup's shape as rows and columns: y and z go down; a long row or a narrow column is folded. */
export function laneLayout([x, y, z]: readonly [number, number, number]): LaneLayout {
  const lanes = x * y * z;
  const folded = Math.min(lanes, lanes <= 256 ? 16 : 32);
  const columns = y * z > 1 && x >= 4 && x <= 64 ? x : folded;
  return { rows: Math.ceil(lanes / columns), columns };
}

export interface LaneGridProps {
  readonly size: readonly [number, number, number];
  readonly subgroup: number;
  /** Index into laneStates, one a lane. */
  readonly states: Uint8Array;
  readonly focus: number;
  /** Lanes to ring: those that touched a picked cell, or the two of a race. */
  readonly ringed: ReadonlySet<number>;
  readonly describe: (lane: number) => string;
  readonly onFocus: (lane: number) => void;
  readonly onHover: (lane: number | null) => void;
}

function paintLane(p: GridPainter, x: number, y: number, state: LaneState, lane: number): void {
  const {
    context: c,
    palette: { color, rgb, mono },
    size,
  } = p;
  const radius = Math.min(3, size / 5);
  const box = (fill: string): void => {
    c.fillStyle = fill;
    c.beginPath();
    c.roundRect(x, y, size, size, radius);
    c.fill();
  };
  switch (state) {
    case 'active':
      box(color.active);
      if (size >= 16) {
        c.fillStyle = inkOn(rgb.active);
        c.font = `${Math.min(11, size * 0.5)}px ${mono}`;
        c.fillText(String(lane), x + size / 2, y + size / 2 + 0.5);
      }
      return;
    case 'ready':
      box(mix(rgb.panel, rgb.active, 0.22));
      return;
    case 'masked':
      box(color.masked);
      c.strokeStyle = color['ink-3'];
      c.lineWidth = 1;
      c.beginPath();
      c.moveTo(x + size * 0.3, y + size * 0.7);
      c.lineTo(x + size * 0.7, y + size * 0.3);
      c.stroke();
      return;
    case 'barrier':
      box(color.barrier);
      c.fillStyle = inkOn(rgb.barrier);
      c.fillRect(x + size * 0.22, y + size / 2 - Math.max(1, size / 14), size * 0.56, Math.max(2, size / 7));
      return;
    case 'done':
      c.strokeStyle = color.done;
      c.lineWidth = 1.5;
      c.beginPath();
      c.roundRect(x + 0.75, y + 0.75, size - 1.5, size - 1.5, radius);
      c.stroke();
      return;
  }
}

export function LaneGrid(props: LaneGridProps) {
  const { rows, columns } = laneLayout(props.size);
  const lanes = props.states.length;
  const laneAt = ({ row, column }: Cell): number | null => {
    const lane = row * columns + column;
    return lane < lanes ? lane : null;
  };
  const draw = (p: GridPainter): void => {
    const {
      context: c,
      palette: { color },
      pitch,
      size,
    } = p;
    c.textAlign = 'center';
    c.textBaseline = 'middle';
    const gap = pitch - size;
    for (let row = p.rows[0]; row < p.rows[1]; row++) {
      for (let column = p.columns[0]; column < p.columns[1]; column++) {
        const lane = row * columns + column;
        if (lane >= lanes) continue;
        paintLane(p, p.x(column), p.y(row), laneStates[props.states[lane] ?? 0] ?? 'ready', lane);
      }
    }
    // where one subgroup ends and the next begins
    c.fillStyle = color['ink-3'];
    const groupOf = (lane: number): number => Math.floor(lane / props.subgroup);
    const weight = Math.max(1, Math.min(2, gap));
    for (let row = p.rows[0]; row < p.rows[1]; row++) {
      for (let column = p.columns[0]; column < p.columns[1]; column++) {
        const lane = row * columns + column;
        if (lane >= lanes) continue;
        const [x, y] = [p.x(column), p.y(row)];
        if (column + 1 < columns && lane + 1 < lanes && groupOf(lane) !== groupOf(lane + 1))
          c.fillRect(x + size + (gap - weight) / 2, y - gap / 2, weight, pitch);
        if (lane + columns < lanes && groupOf(lane) !== groupOf(lane + columns))
          c.fillRect(x - gap / 2, y + size + (gap - weight) / 2, pitch, weight);
      }
    }
    const ring = (lane: number, style: string, width: number): void => {
      c.strokeStyle = style;
      c.lineWidth = width;
      c.beginPath();
      c.roundRect(p.x(lane % columns) - 0.5, p.y(Math.floor(lane / columns)) - 0.5, size + 1, size + 1, 3);
      c.stroke();
    };
    for (const lane of props.ringed) ring(lane, color.ink, 2);
    ring(props.focus, color.focus, 2.5);
  };
  return (
    <GridCanvas
      label="Lanes of the workgroup"
      rows={rows}
      columns={columns}
      largest={22}
      draw={draw}
      describe={(cell) => {
        const lane = laneAt(cell);
        return lane === null ? '' : props.describe(lane);
      }}
      onPick={(cell) => {
        const lane = laneAt(cell);
        if (lane !== null) props.onFocus(lane);
      }}
      onHover={(cell) => props.onHover(cell && laneAt(cell))}
    />
  );
}
