// A grid of equal cells on a canvas: sharp at any zoom, draws only the rows and columns in view, answers
// pointer and arrow keys by cell, and says the cell in words. What a cell looks like is the caller's.

import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { type Palette, palette } from './palette.ts';

export interface Cell {
  readonly row: number;
  readonly column: number;
}

/** What a drawing is given: the visible cells and where they lie, in CSS pixels. */
export interface GridPainter {
  readonly context: CanvasRenderingContext2D;
  readonly palette: Palette;
  /** Side of a cell, gap included. */
  readonly pitch: number;
  /** Side of what is drawn in a cell. */
  readonly size: number;
  readonly rows: readonly [from: number, to: number];
  readonly columns: readonly [from: number, to: number];
  x(column: number): number;
  y(row: number): number;
}

export interface GridCanvasProps {
  /** What the grid is, for screen readers: `Lanes of the workgroup`. */
  readonly label: string;
  readonly rows: number;
  readonly columns: number;
  /** Draws the visible cells; called with every new `draw`, size and theme. */
  readonly draw: (painter: GridPainter) => void;
  /** A cell in words: for the tooltip, and for screen readers when the cursor is on it. */
  readonly describe: (cell: Cell) => string;
  /** Writes row and column numbers at the edges. */
  readonly numbered?: boolean;
  /** Largest and smallest side of a cell; 24 and 7 when left out. */
  readonly largest?: number;
  readonly smallest?: number;
  /** Tallest the picture gets before it scrolls, in CSS pixels. */
  readonly tallest?: number;
  readonly onPick?: (cell: Cell) => void;
  readonly onHover?: (cell: Cell | null) => void;
  /** Drawn above the cells, in the coordinates of the grid (svg arrows, say). */
  readonly children?: ComponentChildren;
}

interface View {
  readonly width: number;
  readonly left: number;
  readonly top: number;
}

/** The side of a cell for a given width: whole pixels, within the bounds. */
export function pitchFor(
  width: number,
  columns: number,
  rows: number,
  edge: { readonly largest: number; readonly smallest: number; readonly tallest: number },
): number {
  const byWidth = Math.floor(width / Math.max(1, columns));
  const byHeight = Math.floor(edge.tallest / Math.max(1, rows));
  // whole in sight is better than large; where even the smallest cells do not fit, it scrolls
  const fit = byHeight >= edge.smallest ? Math.min(byWidth, byHeight) : byWidth;
  return Math.max(edge.smallest, Math.min(edge.largest, fit));
}

export function GridCanvas(props: GridCanvasProps) {
  const { rows, columns, numbered = false, largest = 24, smallest = 7, tallest = 396 } = props;
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [view, setView] = useState<View>({ width: 0, left: 0, top: 0 });
  const [cursor, setCursor] = useState<Cell | null>(null);
  const [tip, setTip] = useState<{ readonly cell: Cell; readonly x: number; readonly y: number } | null>(
    null,
  );
  const colors = palette().value;

  const gutter = numbered ? { left: 26, top: 15 } : { left: 0, top: 0 };
  const pitch = pitchFor(view.width - gutter.left - 1, columns, rows, {
    largest,
    smallest,
    tallest: tallest - gutter.top,
  });
  const content = { width: columns * pitch + gutter.left, height: rows * pitch + gutter.top };
  const height = Math.min(tallest, content.height + 1);

  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return;
    const measure = (): void =>
      setView({ width: element.clientWidth, left: element.scrollLeft, top: element.scrollTop });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);

  const shown = Math.min(view.width, content.width + 1);
  useLayoutEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context || shown <= 0) return;
    const ratio = devicePixelRatio || 1;
    const [w, h] = [Math.round(shown * ratio), Math.round(height * ratio)];
    if (element.width !== w || element.height !== h) {
      element.width = w;
      element.height = h;
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, shown, height);
    const from = (scroll: number): number => Math.max(0, Math.floor(scroll / pitch));
    const painter: GridPainter = {
      context,
      palette: colors,
      pitch,
      size: pitch - (pitch >= 12 ? 2 : pitch >= 6 ? 1 : 0),
      rows: [from(view.top), Math.min(rows, Math.ceil((view.top + height) / pitch) + 1)],
      columns: [from(view.left), Math.min(columns, Math.ceil((view.left + shown) / pitch) + 1)],
      x: (column) => gutter.left + column * pitch - view.left,
      y: (row) => gutter.top + row * pitch - view.top,
    };
    context.save();
    if (numbered) {
      context.beginPath();
      context.rect(gutter.left - 1, gutter.top - 1, shown, height);
      context.clip();
    }
    props.draw(painter);
    if (cursor) {
      context.strokeStyle = colors.color.focus;
      context.lineWidth = 2;
      context.strokeRect(painter.x(cursor.column), painter.y(cursor.row), painter.size, painter.size);
    }
    context.restore();
    if (numbered) numbers(painter, gutter);
  });

  const cellAt = (event: { readonly clientX: number; readonly clientY: number }): Cell | null => {
    const box = canvas.current?.getBoundingClientRect();
    if (!box) return null;
    const column = Math.floor((event.clientX - box.left - gutter.left + view.left) / pitch);
    const row = Math.floor((event.clientY - box.top - gutter.top + view.top) / pitch);
    return row >= 0 && row < rows && column >= 0 && column < columns ? { row, column } : null;
  };

  const hover = (event: PointerEvent): void => {
    const cell = cellAt(event);
    const box = frame.current?.getBoundingClientRect();
    setTip(cell && box ? { cell, x: event.clientX - box.left, y: event.clientY - box.top } : null);
    if (cell?.row !== tip?.cell.row || cell?.column !== tip?.cell.column) props.onHover?.(cell);
  };
  const leave = (): void => {
    setTip(null);
    props.onHover?.(null);
  };

  const key = (event: KeyboardEvent): void => {
    const at = cursor ?? { row: 0, column: 0 };
    const moves: Readonly<Record<string, Cell>> = {
      ArrowLeft: { row: at.row, column: at.column - 1 },
      ArrowRight: { row: at.row, column: at.column + 1 },
      ArrowUp: { row: at.row - 1, column: at.column },
      ArrowDown: { row: at.row + 1, column: at.column },
      Home: { row: at.row, column: 0 },
      End: { row: at.row, column: columns - 1 },
    };
    if (event.key === 'Enter' && cursor) props.onPick?.(cursor);
    else if (event.key === 'Escape' && cursor) setCursor(null);
    else {
      const to = moves[event.key];
      if (!to || event.shiftKey) return;
      const next = {
        row: Math.max(0, Math.min(rows - 1, to.row)),
        column: Math.max(0, Math.min(columns - 1, to.column)),
      };
      setCursor(next);
      props.onHover?.(next);
    }
    // the page's own arrow keys step the program
    event.preventDefault();
    event.stopPropagation();
  };

  useEffect(() => {
    if (!cursor || !frame.current) return;
    const [x, y] = [cursor.column * pitch, cursor.row * pitch];
    const box = frame.current;
    if (x < box.scrollLeft || x + pitch > box.scrollLeft + box.clientWidth - gutter.left)
      box.scrollLeft = x - pitch;
    if (y < box.scrollTop || y + pitch > box.scrollTop + box.clientHeight - gutter.top)
      box.scrollTop = y - pitch;
  }, [cursor, pitch, gutter.left, gutter.top]);

  return (
    <div class="cells">
      <div
        ref={frame}
        class="cells-frame"
        style={{ height: `${height}px` }}
        onScroll={(event) =>
          setView({
            width: event.currentTarget.clientWidth,
            left: event.currentTarget.scrollLeft,
            top: event.currentTarget.scrollTop,
          })
        }
      >
        <div style={{ width: `${content.width}px`, height: `${content.height}px` }}>
          <canvas
            ref={canvas}
            role="slider"
            aria-label={`${props.label}, ${rows} × ${columns}; arrow keys move from cell to cell`}
            aria-valuemin={0}
            aria-valuemax={rows * columns - 1}
            aria-valuenow={cursor ? cursor.row * columns + cursor.column : 0}
            aria-valuetext={props.describe(cursor ?? { row: 0, column: 0 })}
            tabIndex={0}
            style={{ width: `${shown}px`, height: `${height}px` }}
            onPointerMove={hover}
            onPointerLeave={leave}
            onClick={(event) => {
              const cell = cellAt(event);
              if (cell) props.onPick?.(cell);
            }}
            onKeyDown={key}
            onBlur={() => setCursor(null)}
          />
        </div>
        {props.children}
      </div>
      <p class="cells-text" aria-live="polite">
        {tip ? props.describe(tip.cell) : cursor ? props.describe(cursor) : ' '}
      </p>
    </div>
  );
}

/** Row and column numbers along the edges, as many as fit. */
function numbers(p: GridPainter, gutter: { readonly left: number; readonly top: number }): void {
  const { context, palette: colors, pitch } = p;
  context.fillStyle = colors.color['ink-3'];
  context.font = `10px ${colors.mono}`;
  context.textBaseline = 'middle';
  const step = (pixels: number): number => 2 ** Math.max(0, Math.ceil(Math.log2(pixels / pitch)));
  const down = step(12);
  const across = step(24);
  context.textAlign = 'right';
  for (let row = p.rows[0]; row < p.rows[1]; row++)
    if (row % down === 0 && p.y(row) >= gutter.top - 2)
      context.fillText(String(row), gutter.left - 5, p.y(row) + p.size / 2 + 0.5);
  context.textAlign = 'center';
  for (let column = p.columns[0]; column < p.columns[1]; column++)
    if (column % across === 0 && p.x(column) >= gutter.left - 2)
      context.fillText(String(column), p.x(column) + p.size / 2, gutter.top - 7);
}
