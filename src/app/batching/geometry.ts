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
  /** Size of the titles against their usual one. */
  readonly zoom: number;
}

/** From this width on there is room for titles in one line. */
const WIDE = 1100;
/** Text of the tracks in a presentation, in pixels. */
const PRESENTED = 18;

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
  const room = options.presenting ? Math.max(220, options.viewport - 470) : tracks > 2 ? 480 : 400;
  const rows = layoutRows(requests, Math.floor(room / Math.max(1, tracks)), stacked ? 38 : 46);
  return { width, gutter, plot: width - gutter - margin, stacked, rows, fontSize, zoom };
}

/** Lines that a badge takes which says more than a word. */
const BADGE_LINES = 4;

/** Lines of a track's rule that fit beside its rows: below the title and a badge of several lines, above its knobs. */
export function ruleLines(g: Geometry, knobs: boolean, wordy = false): number {
  // of 0.82 rem, or 0.72 rem of the larger text of a presentation
  const line = g.fontSize === PRESENTED ? 19 : 15 * g.zoom;
  const title = g.fontSize === PRESENTED ? 44 : 34 * g.zoom;
  const others = (knobs ? 1 : 0) + (wordy ? BADGE_LINES : 0);
  return Math.max(2, Math.floor((g.rows.shown - title) / line - others));
}
