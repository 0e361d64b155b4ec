// Draws one track: a row a request, a cell a step as wide as the step's time, waiting hollow. Pure in
// (track, view): it draws what is in view and nothing else, merged where cells are narrower than they show.

import { REASONS, reasonName } from '../../engine/reason.ts';
import { type AxisMode, endOf, placeOf, type Range, startOf } from './axis.ts';
import { labelIfItFits, labelPrompt } from './cell-label.ts';
import { KIND_STYLES, type Pen, textWidth } from './pen.ts';
import { kindName, NO_REASON, type Track, upperBound } from './track.ts';

export interface Paint {
  readonly mode: AxisMode;
  readonly range: Range;
  /** The plot in pixels: its left edge and width. */
  readonly left: number;
  readonly width: number;
  readonly height: number;
  readonly rowHeight: number;
  /** Pixels scrolled down. */
  readonly scroll: number;
  /** What has happened by this second is drawn; Infinity for all. */
  readonly until: number;
  /** Index of the request that is picked out. */
  readonly chosen?: number | undefined;
  /** The run drawn faint below this one, with the same requests. */
  readonly ghost?: Track | undefined;
  /** Requests whose first token is flagged by name. */
  readonly flags?: readonly number[];
  readonly fontSize?: number;
  /** No text is smaller than this: what does not fit is left out. 0, or left out: texts shrink to fit. */
  readonly least?: number;
  /** How a token reads, where tokens are words. */
  readonly spell?: ((id: number) => string) | undefined;
  /** Places with a line from top to bottom. */
  readonly ticks?: readonly number[];
}

/** Below this many pixels, cells of one kind are merged and waits lose their words. */
const NARROW = 3;

export interface RowLayout {
  readonly rowHeight: number;
  /** Height of all rows together. */
  readonly total: number;
  /** Height that is shown; the rest scrolls. */
  readonly shown: number;
}

/** Rows as high as fit into `room`, between 3 and `most` pixels; beyond that they scroll. */
export function layoutRows(requests: number, room: number, most = 34): RowLayout {
  const rowHeight = Math.max(3, Math.min(most, Math.floor(room / Math.max(1, requests))));
  const total = rowHeight * requests;
  return { rowHeight, total, shown: Math.min(total, Math.max(room, rowHeight)) };
}

/** Requests whose rows are in view: first, and past the last. */
export function rowsInView(
  track: Track,
  view: Pick<Paint, 'scroll' | 'height' | 'rowHeight'>,
): [number, number] {
  const first = Math.max(0, Math.floor(view.scroll / view.rowHeight));
  const last = Math.min(track.requests, Math.ceil((view.scroll + view.height) / view.rowHeight));
  return [first, last];
}

export const requestName = (track: Track, r: number): string => `R${(track.ids[r] as number) + 1}`;

/** A place of the axis in pixels. */
export const xOf = (view: Pick<Paint, 'left' | 'width' | 'range'>, place: number): number =>
  view.left + ((place - view.range.from) / (view.range.to - view.range.from)) * view.width;

/** The place of the axis at a pixel. */
export const placeAt = (view: Pick<Paint, 'left' | 'width' | 'range'>, x: number): number =>
  view.range.from + ((x - view.left) / view.width) * (view.range.to - view.range.from);

/** The sentence's end for a waiting request: `waiting: every slot is taken`. */
export const waitText = (reason: number): string =>
  reason === NO_REASON ? 'arrived during a step' : REASONS[reasonName(reason)];

interface Row {
  readonly y: number;
  readonly height: number;
}

/** Where a request's cells stand: high rows leave room above them for a flag. */
export function rowAt(view: Pick<Paint, 'rowHeight' | 'scroll'>, r: number): Row {
  const y = r * view.rowHeight - view.scroll;
  if (view.rowHeight >= 34) return { y: y + view.rowHeight - 30, height: 26 };
  const inset = view.rowHeight >= 18 ? 3 : view.rowHeight >= 8 ? 1 : view.rowHeight >= 4 ? 0.5 : 0;
  return { y: y + inset, height: view.rowHeight - 2 * inset };
}

export function paintTrack(pen: Pen, track: Track, view: Paint): void {
  const [first, last] = rowsInView(track, view);
  for (const place of view.ticks ?? []) {
    const x = Math.round(xOf(view, place)) + 0.5;
    pen.line(x, 0, x, view.height, 'line-2');
  }
  for (let r = first; r < last; r++) {
    const y = r * view.rowHeight - view.scroll;
    const row = rowAt(view, r);
    if (view.chosen === r)
      pen.fill(Math.max(0, view.left - 38), y, view.width + 38, view.rowHeight, 'select');
    paintWaits(pen, track, view, r, row);
    paintWork(pen, track, view, r, row);
    if (view.ghost && r < view.ghost.requests) paintGhost(pen, view.ghost, view, r, row);
    if (view.rowHeight >= Math.max(11, view.least ?? 0))
      pen.text(view.left - 8, row.y + row.height / 2, requestName(track, r), {
        align: 'end',
        size: Math.min(view.fontSize ?? 12, view.rowHeight),
        ink: view.chosen === r ? 'ink' : 'ink-2',
        bold: view.chosen === r,
      });
  }
  for (const r of view.flags ?? []) if (r >= first && r < last) paintFlag(pen, track, view, r);
}

/** Cells in view, found by binary search; merged spans where a step is narrow. */
function paintWork(pen: Pen, track: Track, view: Paint, r: number, row: Row): void {
  const stop = Math.min(view.range.to, placeOf(track, view.mode, Math.min(view.until, track.end)));
  const perStep = ((view.range.to - view.range.from) / view.width) * NARROW;
  const [from, to] = stepsInView(track, view);
  const typical =
    to > from ? (endOf(track, view.mode, to - 1) - startOf(track, view.mode, from)) / (to - from) : 0;
  if (typical >= perStep) paintCells(pen, track, view, r, row, from, stop);
  else paintSpans(pen, track, view, r, row, from, stop);
}

/** Steps that touch the range: first, and past the last. */
export function stepsInView(track: Track, view: Pick<Paint, 'mode' | 'range'>): [number, number] {
  const { mode, range } = view;
  const from = upperBound(0, track.steps, range.from, (s) => endOf(track, mode, s));
  const to = upperBound(from, track.steps, range.to, (s) => startOf(track, mode, s));
  return [from, to];
}

function paintCells(
  pen: Pen,
  track: Track,
  view: Paint,
  r: number,
  row: Row,
  from: number,
  stop: number,
): void {
  const { offset, step, kind, tokens, padding } = track.cells;
  const end = offset[r + 1] as number;
  const radius = row.height >= 16 ? 3 : 0;
  const least = view.least ?? 0;
  for (let c = upperBound(offset[r] as number, end, from - 1, (i) => step[i] as number); c < end; c++) {
    const s = step[c] as number;
    const start = startOf(track, view.mode, s);
    if (start >= stop) return;
    const x0 = Math.max(view.left, xOf(view, start));
    const x1 = Math.min(xOf(view, Math.min(stop, endOf(track, view.mode, s))), view.left + view.width);
    const gap = x1 - x0 > 5 ? 0.75 : 0;
    const x = x0 + gap;
    const width = Math.max(0.5, x1 - x0 - 2 * gap);
    const name = kindName(kind[c] as number);
    const style = KIND_STYLES[name];
    const pad = padding[c] as number;
    const computed = tokens[c] as number;
    // a decode is lower than what computes a prompt: the kinds differ in shape as well as in colour
    const low = name === 'decode' && row.height >= 14 ? 2 : 0;
    const y = row.y + low;
    const height = row.height - 2 * low;
    // a padded prompt: the share of its tokens that is thrown away is hatched, from below
    const share = computed > 0 ? pad / (pad + computed) : 0;
    const solid = height * (1 - share);
    if (style.hatched) pen.hatch(x, y, width, solid, style.ink, radius);
    else pen.fill(x, y, width, solid, style.ink, share > 0 ? 0 : radius);
    if (share > 0) pen.hatch(x, y + solid, width, height - solid, 'padding');
    if (row.height < 14) continue;
    const box = { x, y, width, height: solid };
    const word = view.spell && (track.cells.emits[c] as number) > 0 ? view.spell(tokenOf(track, c)) : '';
    if (name === 'prefill' || name === 'recompute') labelPrompt(pen, name, computed, word, box, least);
    else if (word !== '' && !style.hatched) labelIfItFits(pen, word, box, least);
  }
}

const tokenOf = (track: Track, c: number): number =>
  track.trace.tokens.columns.id[track.cells.token[c] as number] as number;

function paintSpans(
  pen: Pen,
  track: Track,
  view: Paint,
  r: number,
  row: Row,
  from: number,
  stop: number,
): void {
  const { offset, first, last, kind } = track.spans;
  const end = offset[r + 1] as number;
  const right = view.left + view.width;
  let i = upperBound(offset[r] as number, end, from - 1, (k) => last[k] as number);
  while (i < end) {
    const start = startOf(track, view.mode, first[i] as number);
    if (start >= stop) return;
    const x0 = Math.max(view.left, xOf(view, start));
    const x1 = Math.min(right, xOf(view, Math.min(stop, endOf(track, view.mode, last[i] as number))));
    const style = KIND_STYLES[kindName(kind[i] as number)];
    const width = Math.max(1, x1 - x0);
    if (style.hatched) pen.hatch(x0, row.y, width, row.height, style.ink);
    else pen.fill(x0, row.y, width, row.height, style.ink);
    // whatever ends within the pixels just painted cannot be seen
    const painted = placeAt(view, x0 + width);
    const next = i + 1;
    if (next < end && endOf(track, view.mode, last[next] as number) < painted)
      i = upperBound(next, end, painted, (k) => endOf(track, view.mode, last[k] as number));
    else i = next;
  }
}

function paintWaits(pen: Pen, track: Track, view: Paint, r: number, row: Row): void {
  const { offset, from, to, reason } = track.waits;
  const end = offset[r + 1] as number;
  const place = (time: number): number => placeOf(track, view.mode, time);
  const begin = upperBound(offset[r] as number, end, view.range.from, (w) => place(to[w] as number));
  for (let w = begin; w < end; w++) {
    const start = Math.max(view.range.from, place(from[w] as number));
    const stop = Math.min(view.range.to, place(Math.min(view.until, to[w] as number)));
    if (start >= view.range.to || (from[w] as number) >= view.until) return;
    const x0 = xOf(view, start);
    const width = xOf(view, stop) - x0;
    if (row.height < 9) {
      // a thin row: its middle line, still hollow beside the work
      if (width >= 1)
        pen.line(
          x0,
          row.y + row.height / 2,
          x0 + width,
          row.y + row.height / 2,
          'line-strong',
          row.height < 5 ? 0.5 : 1,
        );
      continue;
    }
    // the host's work before a first step is no wait that anyone would ask about
    if (width < 6) continue;
    // lower than work, unless large letters need the height
    const inset = view.least ? 0.5 : 3.5;
    pen.outline(x0 + 1.5, row.y + inset, width - 3, row.height - 2 * inset, 'line-strong', 'dashed');
    const size = view.least || Math.min(view.fontSize ?? 12, 15);
    const why = waitText(reason[w] as number);
    const short = reason[w] === NO_REASON ? 'waiting' : `waiting: ${reasonName(reason[w] as number)}`;
    const words = [`waiting: ${why}`, why, short, 'waiting'];
    const fitting = words.find((text) => text.length * size * 0.54 + 14 < width);
    if (fitting && row.height >= Math.max(18, size))
      pen.text(x0 + width / 2, row.y + row.height / 2, fitting, { align: 'middle', ink: 'ink-2', size });
  }
}

/** The other run of the same strategy: a thin strip below each stretch of work, in the same colours. */
function paintGhost(pen: Pen, ghost: Track, view: Paint, r: number, row: Row): void {
  if (view.rowHeight < 14) return;
  const { offset, first, last, kind } = ghost.spans;
  for (let i = offset[r] as number; i < (offset[r + 1] as number); i++) {
    const x0 = Math.max(view.left, xOf(view, startOf(ghost, view.mode, first[i] as number)));
    const x1 = Math.min(view.left + view.width, xOf(view, endOf(ghost, view.mode, last[i] as number)));
    const style = KIND_STYLES[kindName(kind[i] as number)];
    if (x1 > x0) pen.fill(x0, row.y + row.height + 1, x1 - x0, 2.5, style.ink);
  }
}

function paintFlag(pen: Pen, track: Track, view: Paint, r: number): void {
  const time = track.firstToken[r] as number;
  if (!(time <= view.until)) return;
  const step = (track.firstStep[r] as number) + 1;
  const x = xOf(view, placeOf(track, view.mode, time));
  if (x < view.left || x > view.left + view.width) return;
  const row = rowAt(view, r);
  const size = view.fontSize ?? 12;
  // as many words as there is room for
  const texts = [
    `${requestName(track, r)}’s first token, step ${step}`,
    `first token: step ${step}`,
    `step ${step}`,
  ];
  const fitting = (room: number) => texts.find((text) => textWidth(text, size) + 9 < room);
  const style = { size, bold: true } as const;
  pen.flag(x, row.y - 2, 'ink');
  const right = view.left + view.width;
  if (view.rowHeight - row.height >= size + 2) {
    const [after, before] = [fitting(right - x), fitting(x - view.left)];
    if (after === texts[0] || before === undefined) pen.text(x + 9, row.y - 6, after ?? '', style);
    else pen.text(x - 9, row.y - 6, before, { ...style, align: 'end' });
    return;
  }
  // no room above the row: behind its last cell, where nothing of it is drawn
  const ends = Math.max(view.left, xOf(view, endOf(track, view.mode, lastCell(track, r))));
  const text = fitting(right - ends);
  if (text) pen.text(ends + 8, row.y + row.height / 2, text, style);
}

/** The last step that computed anything for a request. */
const lastCell = ({ cells }: Track, r: number): number =>
  cells.step[(cells.offset[r + 1] as number) - 1] as number;
