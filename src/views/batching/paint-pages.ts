// Draws the page map: one square a page, filled as far as tokens stand in it, named by its holder. Reserved
// and empty is dashed, held for a finished request is hatched, shared has a double edge.

import type { PageCell } from './page-states.ts';
import { requestName } from './paint.ts';
import type { Ink, Pen } from './pen.ts';
import type { Track } from './track.ts';

export interface PageGrid {
  readonly columns: number;
  readonly rows: number;
  /** Distance of two squares, gap included. */
  readonly pitch: number;
  readonly height: number;
}

/** Squares as large as fit, at most `most` pixels. */
export function pageGrid(pages: number, width: number, room: number, most = 30): PageGrid {
  let pitch = most;
  while (pitch > 3) {
    const columns = Math.max(1, Math.floor(width / pitch));
    if (Math.ceil(pages / columns) * pitch <= room) break;
    pitch--;
  }
  const columns = Math.max(1, Math.floor(width / pitch));
  const rows = Math.ceil(pages / columns);
  return { columns, rows, pitch, height: rows * pitch };
}

/** The page under a point; undefined beside the squares. */
export function pageAt(grid: PageGrid, pages: number, x: number, y: number): number | undefined {
  const column = Math.floor(x / grid.pitch);
  const page = Math.floor(y / grid.pitch) * grid.columns + column;
  return column < grid.columns && page < pages ? page : undefined;
}

export interface PagesView {
  readonly grid: PageGrid;
  readonly pageSize: number;
  /** Index of the request that is picked out. */
  readonly chosen: number | undefined;
  /** The page that is read. */
  readonly pointed: number | undefined;
}

export function paintPages(pen: Pen, track: Track, cells: readonly PageCell[], view: PagesView): void {
  const { grid, pageSize, chosen, pointed } = view;
  const gap = grid.pitch >= 12 ? 3 : grid.pitch >= 6 ? 1 : 0.5;
  const size = grid.pitch - gap;
  const radius = size >= 12 ? 3 : 0;
  for (const cell of cells) {
    const x = (cell.page % grid.columns) * grid.pitch + gap / 2;
    const y = Math.floor(cell.page / grid.columns) * grid.pitch + gap / 2;
    if (size < 8) {
      paintSmall(pen, cell, x, y, size);
      if (cell.page === pointed) pen.outline(x - 1, y - 1, size + 2, size + 2, 'focus', 'solid');
      continue;
    }
    const picked = chosen !== undefined && cell.holders.includes(chosen);
    paintPage(pen, cell, { x, y, size, radius, pageSize });
    if (picked) pen.outline(x - 0.5, y - 0.5, size + 1, size + 1, 'ink', 'solid');
    if (cell.page === pointed) pen.outline(x - 0.5, y - 0.5, size + 1, size + 1, 'focus', 'solid');
    if (size < 17 || cell.holders.length === 0) continue;
    const owner = cell.holders[0] ?? 0;
    const text = cell.holders.length > 1 ? `×${cell.holders.length}` : requestName(track, owner);
    const onFill = cell.use === 'full' || (cell.use === 'partial' && cell.holders.length > 1);
    pen.text(x + size / 2, y + size / 2, text, {
      align: 'middle',
      size: text.length > 3 ? 8.5 : 10.5,
      ink: onFill ? 'paper' : 'ink',
      bold: picked,
    });
  }
}

/** Thousands of pages: a dot for what is free, a square for the rest. Edges would cost more than they show. */
function paintSmall(pen: Pen, cell: PageCell, x: number, y: number, size: number): void {
  if (cell.use === 'free' || cell.use === 'reserved') {
    const dot = Math.max(1, size / 3);
    pen.fill(
      x + (size - dot) / 2,
      y + (size - dot) / 2,
      dot,
      dot,
      cell.use === 'free' ? 'line' : 'line-strong',
    );
    return;
  }
  const ink =
    cell.use === 'held'
      ? 'padding'
      : cell.holders.length > 1
        ? 'prefill'
        : cell.use === 'partial'
          ? 'page-partial'
          : 'decode';
  pen.fill(x, y, size, size, ink);
}

interface Square {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly radius: number;
  readonly pageSize: number;
}

function paintPage(pen: Pen, cell: PageCell, { x, y, size, radius, pageSize }: Square): void {
  const ink: Ink = cell.holders.length > 1 ? 'prefill' : 'decode';
  switch (cell.use) {
    case 'free':
      pen.outline(x + 0.5, y + 0.5, size - 1, size - 1, 'line', 'solid');
      return;
    case 'reserved':
      pen.outline(x + 0.5, y + 0.5, size - 1, size - 1, 'line-strong', 'dashed');
      return;
    case 'held':
      pen.hatch(x, y, size, size, 'padding', radius);
      pen.outline(x + 0.5, y + 0.5, size - 1, size - 1, 'line-strong', 'solid');
      return;
    case 'partial': {
      const filled = (cell.tokens / pageSize) * size;
      pen.fill(x, y + size - filled, size, filled, cell.holders.length > 1 ? ink : 'page-partial');
      pen.outline(x + 0.5, y + 0.5, size - 1, size - 1, ink, 'solid');
      break;
    }
    case 'full':
      pen.fill(x, y, size, size, ink, radius);
  }
  // shared: a second edge inside the first, so that it is not told by colour alone
  if (cell.holders.length > 1 && size >= 8)
    pen.outline(x + 2.5, y + 2.5, size - 5, size - 5, 'paper', 'solid');
}

/** What one page holds, in words. */
export function describePage(track: Track, cell: PageCell, pageSize: number): string {
  const owners = cell.holders.map((r) => requestName(track, r)).join(', ');
  const fill = `${cell.tokens} of ${pageSize} tokens`;
  switch (cell.use) {
    case 'free':
      return `Page ${cell.page}: free.`;
    case 'held':
      return `Page ${cell.page}: held for ${owners}, which has finished; ${fill}.`;
    case 'reserved':
      return `Page ${cell.page}: reserved for ${owners}, still empty.`;
    case 'partial':
    case 'full':
      return `Page ${cell.page}: ${cell.holders.length > 1 ? 'shared by' : 'owned by'} ${owners}; ${fill}.`;
  }
}
