// Where things stand in the timeline, for its painting and for the parts laid over it.

import { layoutRows, type RowLayout } from '../../views/batching/paint.ts';

export interface Geometry {
  /** Width of everything, and of the gutter that holds titles and request names. */
  readonly width: number;
  readonly gutter: number;
  readonly plot: number;
  /** Titles stand above their rows instead of in the gutter. */
  readonly stacked: boolean;
  readonly rows: RowLayout;
  readonly fontSize: number;
  /** No text is smaller: a presentation is read from the back of a room. 0 elsewhere. */
  readonly least: number;
  /** Size of the titles against their usual one. */
  readonly zoom: number;
}

/** From this width on there is room for titles in one line. */
const WIDE = 1100;
/** Text of a presentation, in pixels: as much as base.css gives the rest of the page. */
const PRESENTED = 20;

export function geometryOf(
  width: number,
  tracks: number,
  requests: number,
  options: {
    readonly presenting: boolean;
    readonly viewport: number;
    /** How much larger than usual the reader has text: titles need that much more room. */
    readonly zoom?: number;
  },
): Geometry {
  const zoom = options.presenting ? 1 : (options.zoom ?? 1);
  const stacked = width < 620 * zoom;
  const fontSize = options.presenting ? PRESENTED : 12;
  const gutter = stacked ? 34 : (options.presenting || width >= WIDE * zoom ? 210 : 172) * zoom;
  // room at the right for the label of the last step
  const margin = options.presenting ? 64 : stacked ? 26 : 10;
  const room = options.presenting ? Math.max(220, options.viewport - 448) : tracks > 2 ? 480 : 400;
  const rows = layoutRows(requests, Math.floor(room / Math.max(1, tracks)), stacked ? 38 : 46);
  const least = options.presenting ? PRESENTED : 0;
  return { width, gutter, plot: width - gutter - margin, stacked, rows, fontSize, least, zoom };
}

/** How far rows must be scrolled so that row r is in view: as far as they are, where it is. */
export function scrollFor({ rowHeight, shown }: RowLayout, r: number, scroll: number): number {
  const top = r * rowHeight;
  return Math.max(0, Math.min(top, Math.max(scroll, top + rowHeight - shown)));
}

/** Lines of a track's rule that fit beside its rows: below the title and a badge, above its knobs. */
export function ruleLines(g: Geometry, knobs: boolean): number {
  const [line, title] = [15 * g.zoom, 34 * g.zoom];
  return Math.max(2, Math.floor((g.rows.shown - title - (knobs ? line : 0)) / line));
}
