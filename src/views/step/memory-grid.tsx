// A memory as a matrix: what this step reads and writes (with the lane), the trail of the steps before it,
// what holds nothing yet, what came out wrong, and what a picked cell was made from.

import type { ComponentChildren } from 'preact';
import { GridCanvas, type GridPainter } from '../grid-canvas.tsx';
import { inkOn, mix } from '../palette.ts';
import { addressOf, bitsOf, exactValue, indexOf, type Matrix, shortValue } from './matrix.ts';

/** A cell that the shown step or one before it touched. */
export interface TouchedCell {
  readonly mode: 'read' | 'write' | 'atomic';
  /** Steps ago: 0 is the shown step. */
  readonly age: number;
  readonly lanes: readonly number[];
}

export interface MemoryGridProps {
  readonly label: string;
  readonly matrix: Matrix;
  /** The memory's bytes at the cursor. */
  readonly bytes: Uint8Array;
  /** One bit… one byte a 4-byte word: 0 while nothing was written to it. Left out for inputs. */
  readonly written?: Uint8Array | undefined;
  readonly touched: ReadonlyMap<number, TouchedCell>;
  /** Oldest age that is still drawn. */
  readonly trail: number;
  /** Cells (row by row) that differ from the reference. */
  readonly wrong: ReadonlySet<number>;
  /** Cells to light up, with how often by now (0: only later), for provenance and reuse; null when none are asked for. */
  readonly lit: ReadonlyMap<number, number> | null;
  readonly picked: number | null;
  readonly describe?: (row: number, column: number) => string;
  readonly onPick?: (row: number, column: number) => void;
  readonly onHover?: (cell: { readonly row: number; readonly column: number } | null) => void;
  readonly tallest?: number;
  readonly children?: ComponentChildren;
}

/** Largest finite magnitude in view, so that the shading uses its range. */
function peak(props: MemoryGridProps, p: GridPainter): number {
  const bits = bitsOf(props.matrix, props.bytes);
  let most = 0;
  for (let row = p.rows[0]; row < p.rows[1]; row++) {
    for (let column = p.columns[0]; column < p.columns[1]; column++) {
      const size = Math.abs(bits.at(row, column));
      if (size > most && Number.isFinite(size)) most = size;
    }
  }
  return most;
}

function draw(props: MemoryGridProps, p: GridPainter): void {
  const {
    context: c,
    palette: { color, rgb, mono },
    size,
  } = p;
  const { matrix, written, lit } = props;
  const bits = bitsOf(matrix, props.bytes);
  const most = peak(props, p) || 1;
  const loudest = lit ? Math.max(1, ...lit.values()) : 1;
  const text = size >= 17;
  c.font = `${Math.min(10.5, size * 0.45)}px ${mono}`;
  c.textAlign = 'center';
  c.textBaseline = 'middle';
  for (let row = p.rows[0]; row < p.rows[1]; row++) {
    for (let column = p.columns[0]; column < p.columns[1]; column++) {
      const index = indexOf(matrix, row, column);
      const [x, y] = [p.x(column), p.y(row)];
      const touch = props.touched.get(index);
      const value = bits.at(row, column);
      const empty = written ? written[addressOf(matrix, row, column) >> 2] === 0 : false;
      let label = '';
      let ink: string = color['ink-2'];
      if (lit) {
        const count = lit.get(index);
        c.fillStyle = count ? mix(rgb.panel, rgb.read, 0.25 + (0.75 * count) / loudest) : color['line-2'];
        c.fillRect(x, y, size, size);
        if (count === 0) {
          c.strokeStyle = color.read;
          c.lineWidth = 1;
          c.strokeRect(x + 0.5, y + 0.5, size - 1, size - 1);
        } else if (count !== undefined) {
          label = loudest > 1 ? String(count) : shortValue(value);
          ink = count / loudest > 0.6 ? inkOn(rgb.read) : color.ink;
        }
      } else if (touch && touch.age === 0) {
        const hue = touch.mode === 'read' ? 'read' : 'write';
        c.fillStyle = color[hue];
        c.fillRect(x, y, size, size);
        ink = inkOn(rgb[hue]);
        label = touch.lanes.length > 1 ? `×${touch.lanes.length}` : String(touch.lanes[0] ?? '');
      } else if (touch) {
        const fade = 0.62 * (1 - touch.age / (props.trail + 1));
        c.fillStyle = mix(rgb['line-2'], rgb[touch.mode === 'read' ? 'read' : 'write'], fade);
        c.fillRect(x, y, size, size);
        label = shortValue(value);
        ink = color.ink;
      } else if (empty) {
        c.strokeStyle = color.line;
        c.lineWidth = 1;
        c.strokeRect(x + 0.5, y + 0.5, size - 1, size - 1);
      } else {
        const amount = Number.isFinite(value) ? 0.1 + 0.35 * Math.sqrt(Math.abs(value) / most) : 0;
        c.fillStyle = mix(rgb.panel, rgb['ink-3'], amount);
        c.fillRect(x, y, size, size);
        label = shortValue(value);
        ink = color.ink;
      }
      if (!empty && !Number.isFinite(value)) {
        c.strokeStyle = color.bad;
        c.lineWidth = 1.5;
        c.strokeRect(x + 1, y + 1, size - 2, size - 2);
      }
      if (text && label !== '') {
        c.fillStyle = ink;
        c.fillText(label, x + size / 2, y + size / 2 + 0.5, size - 1);
      }
      if (props.wrong.has(index)) cross(p, x, y);
    }
  }
  if (props.picked !== null) {
    const [row, column] = [Math.floor(props.picked / matrix.columns), props.picked % matrix.columns];
    c.strokeStyle = color.focus;
    c.lineWidth = 2.5;
    c.strokeRect(p.x(column) - 0.5, p.y(row) - 0.5, size + 1, size + 1);
  }
}

/** A wrong cell: a red frame and a stroke through it. */
function cross(p: GridPainter, x: number, y: number): void {
  const {
    context: c,
    palette: { color },
    size,
  } = p;
  c.strokeStyle = color.bad;
  c.lineWidth = 2;
  c.strokeRect(x + 1, y + 1, size - 2, size - 2);
  c.beginPath();
  c.moveTo(x + 1, y + size - 1);
  c.lineTo(x + size - 1, y + 1);
  c.stroke();
}

export function MemoryGrid(props: MemoryGridProps) {
  const { matrix } = props;
  const bits = bitsOf(matrix, props.bytes);
  const describe = (row: number, column: number): string => {
    const index = indexOf(matrix, row, column);
    const touch = props.touched.get(index);
    const value = bits.at(row, column);
    const parts = [`[${row}, ${column}] = ${exactValue(matrix.reading, value)}`];
    if (matrix.reading === 'f32' || matrix.reading === 'f16')
      parts.push(`byte ${addressOf(matrix, row, column)}`);
    if (touch && touch.age === 0)
      parts.push(
        `${touch.mode === 'read' ? 'read' : 'written'} now by lane ${touch.lanes.slice(0, 6).join(', ')}${touch.lanes.length > 6 ? ` and ${touch.lanes.length - 6} more` : ''}`,
      );
    else if (touch) parts.push(`${touch.mode === 'read' ? 'read' : 'written'} ${touch.age} statements ago`);
    const loads = props.lit?.get(index);
    if (loads !== undefined)
      parts.push(loads === 0 ? 'will be loaded for it' : `loaded ${loads}× for it by now`);
    const extra = props.describe?.(row, column);
    if (extra) parts.push(extra);
    return parts.join(' · ');
  };
  return (
    <GridCanvas
      label={props.label}
      rows={matrix.rows}
      columns={matrix.columns}
      numbered
      {...(props.tallest !== undefined && { tallest: props.tallest })}
      draw={(p) => draw(props, p)}
      describe={({ row, column }) => describe(row, column)}
      {...(props.onPick && { onPick: ({ row, column }) => props.onPick?.(row, column) })}
      onHover={(cell) => props.onHover?.(cell)}
    >
      {props.children}
    </GridCanvas>
  );
}
