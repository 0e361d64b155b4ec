// The page maps of a comparison at one moment: as a picture for a file, and as rows of text.

import { type PageCell, type PageStates, pagesAt } from './page-states.ts';
import { requestName } from './paint.ts';
import { pageGrid, paintPages } from './paint-pages.ts';
import { type Palette, SvgPen } from './pen.ts';
import type { Track } from './track.ts';

export interface PageMap {
  readonly track: Track;
  readonly states: PageStates;
  /** The step that has begun; −1 before the first. */
  readonly step: number;
  /** How full the pool is, in a sentence. */
  readonly said: string;
}

const WIDTH = 640;
const MARGIN = 16;
/** Pixels for a map; one of thousands of pages shrinks its squares until it fits. */
const ROOM = 240;

/** The maps one below the other, each with its sentence; `source`: when it is, and whose run. */
export function pagesSvg(
  palette: Palette,
  maps: readonly PageMap[],
  source: string,
): { readonly text: string; readonly width: number; readonly height: number } {
  const pen = new SvgPen(palette);
  let y = MARGIN;
  for (const { track, states, step, said } of maps) {
    pen.text(MARGIN, y + 8, track.title, { bold: true, size: 15 });
    const grid = pageGrid(states.pages, WIDTH - 2 * MARGIN, ROOM);
    const view = { grid, pageSize: states.pageSize, chosen: undefined, pointed: undefined };
    pen.offset(y + 24, () => paintPages(pen, track, pagesAt(states, track, step), view), MARGIN);
    y += 24 + grid.height + 14;
    pen.text(MARGIN, y, said, { ink: 'ink-2' });
    y += 28;
  }
  pen.text(MARGIN, y, source, { ink: 'ink-2', size: 11 });
  const height = y + MARGIN;
  return { text: pen.file(WIDTH, height), width: WIDTH, height };
}

/** The pages of one request, in words and numbers. */
export interface PageRow {
  readonly request: string;
  /** Numbers of its pages, as they stand in the pool. */
  readonly pages: readonly number[];
  readonly shared: number;
  /** Tokens in them; those of a shared page count for each of its holders. */
  readonly tokens: number;
}

export function pageRows(track: Track, cells: readonly PageCell[]): readonly PageRow[] {
  const held = new Map<number, PageCell[]>();
  for (const cell of cells) for (const r of cell.holders) held.set(r, [...(held.get(r) ?? []), cell]);
  return [...held]
    .sort(([a], [b]) => a - b)
    .map(([r, own]) => ({
      request: requestName(track, r),
      pages: own.map((cell) => cell.page),
      shared: own.filter((cell) => cell.holders.length > 1).length,
      tokens: own.reduce((sum, cell) => sum + cell.tokens, 0),
    }));
}
