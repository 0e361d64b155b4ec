// A tensor as a heat map: blue above zero, orange below, the stronger the larger; values are written where they fit.

import { GridCanvas, type GridPainter } from '../grid-canvas.tsx';
import { mix } from '../palette.ts';
import { shortValue } from '../step/matrix.ts';
import type { TensorCells } from './tensor.ts';

export interface HeatMapProps {
  readonly label: string;
  readonly tensor: TensorCells;
  /** The magnitude with the strongest colour. */
  readonly peak: number;
}

function draw({ tensor, peak }: HeatMapProps, p: GridPainter): void {
  const { context: c, size } = p;
  const { color, rgb, mono } = p.palette;
  c.font = `${Math.min(10.5, size * 0.45)}px ${mono}`;
  c.textAlign = 'center';
  c.textBaseline = 'middle';
  for (let row = p.rows[0]; row < p.rows[1]; row++) {
    for (let column = p.columns[0]; column < p.columns[1]; column++) {
      if (row * tensor.columns + column >= tensor.length) break;
      const value = tensor.at(row, column);
      const [x, y] = [p.x(column), p.y(row)];
      // the square root lifts small values, which are most of a tensor, out of the ground
      const amount = Number.isFinite(value) ? Math.sqrt(Math.min(1, Math.abs(value) / (peak || 1))) : 0;
      c.fillStyle = mix(rgb['line-2'], value < 0 ? rgb.write : rgb.read, 0.78 * amount);
      c.fillRect(x, y, size, size);
      if (!Number.isFinite(value)) {
        c.strokeStyle = color.bad;
        c.lineWidth = 1.5;
        c.strokeRect(x + 1, y + 1, size - 2, size - 2);
      }
      if (size >= 17) {
        c.fillStyle = color.ink;
        c.fillText(shortValue(value), x + size / 2, y + size / 2 + 0.5, size - 1);
      }
    }
  }
}

/** A cell in words. */
export const describeCell = (tensor: TensorCells, row: number, column: number): string =>
  row * tensor.columns + column < tensor.length
    ? `${tensor.name(row, column)} = ${tensor.exact(tensor.at(row, column))}`
    : 'past its end';

export function HeatMap(props: HeatMapProps) {
  const { tensor } = props;
  return (
    <GridCanvas
      label={props.label}
      rows={tensor.rows}
      columns={tensor.columns}
      numbered
      smallest={5}
      draw={(p) => draw(props, p)}
      describe={({ row, column }) => describeCell(tensor, row, column)}
    />
  );
}
