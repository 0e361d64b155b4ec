// Who holds which KV page after each step, replayed from the page events of a trace. States are kept every
// few thousand moves, so that a jump anywhere costs little.

import { PAGE_EVENTS } from '../../cache/kv-cache.ts';
import { REQUEST_EVENTS, type Trace } from '../../engine/trace.ts';
import { type Track, tokensHeld, upperBound } from './track.ts';

/** Request `request` (index in the track) holds the page as number `index` of its table. */
interface Holder {
  readonly request: number;
  readonly index: number;
}

type State = readonly (readonly Holder[])[];

export interface PageStates {
  readonly pages: number;
  readonly pageSize: number;
  /** Moves in order: the step at whose planning each happened. */
  readonly moves: readonly Move[];
  readonly checkpoints: readonly State[];
}

interface Move extends Holder {
  readonly step: number;
  readonly page: number;
  readonly gains: boolean;
}

const EVERY = 2048;

export function pageStates(track: Track, pages: number, pageSize: number): PageStates {
  const moves = movesOf(track);
  const state: Holder[][] = Array.from({ length: pages }, () => []);
  const checkpoints: State[] = [];
  moves.forEach((move, i) => {
    if (i % EVERY === 0) checkpoints.push(state.map((holders) => [...holders]));
    apply(state, move);
  });
  return { pages, pageSize, moves, checkpoints };
}

function apply(state: Holder[][], move: Move): void {
  const holders = state[move.page];
  if (!holders) return;
  if (move.gains) holders.push(move);
  else {
    const i = holders.findIndex((h) => h.request === move.request);
    if (i >= 0) holders.splice(i, 1);
  }
}

/** Page and request events merged: a request that goes gives back pages that others still hold, too. */
function movesOf(track: Track): Move[] {
  const { trace } = track;
  const indexOf = new Map<number, number>();
  track.ids.forEach((id, i) => {
    indexOf.set(id, i);
  });
  const tables = new Map<number, number[]>();
  const moves: Move[] = [];
  const gain = (step: number, request: number, page: number, index: number): void => {
    const table = tables.get(request) ?? [];
    tables.set(request, table);
    moves.push({ step, page, request, index, gains: true });
    table[index] = page;
  };
  const lose = (step: number, request: number, page: number): void => {
    const table = tables.get(request) ?? [];
    const index = table.lastIndexOf(page);
    if (index < 0) return;
    table.splice(index, 1);
    moves.push({ step, page, request, index, gains: false });
  };
  const leave = leavers(trace, indexOf);
  let left = 0;
  const { columns, length } = trace.pages;
  for (let i = 0; i < length; i++) {
    const step = columns.step[i] as number;
    // whoever left before this event gave back what was shared, without an event of its own
    for (; left < leave.length && (leave[left]?.step ?? 0) < step; left++)
      emptyTable(leave[left], tables, lose);
    const request = indexOf.get(columns.request[i] as number) ?? 0;
    const page = columns.page[i] as number;
    const index = columns.index[i] as number;
    switch (PAGE_EVENTS[columns.kind[i] as number]) {
      case 'taken':
      case 'shared':
      case 'forked':
        gain(step, request, page, index);
        break;
      case 'copied': {
        const shared = tables.get(request)?.[index];
        if (shared !== undefined) moves.push({ step, page: shared, request, index, gains: false });
        gain(step, request, page, index);
        break;
      }
      case 'freed':
        lose(step, request, page);
        break;
      case 'evicted':
      case undefined:
        break;
    }
  }
  for (; left < leave.length; left++) emptyTable(leave[left], tables, lose);
  return moves;
}

interface Leaver {
  readonly step: number;
  readonly request: number;
}

function emptyTable(
  leaver: Leaver | undefined,
  tables: ReadonlyMap<number, number[]>,
  lose: (step: number, request: number, page: number) => void,
): void {
  if (leaver)
    for (const page of [...(tables.get(leaver.request) ?? [])].reverse())
      lose(leaver.step, leaver.request, page);
}

/** When each request gave its pages back: at its release when its row was held, else when it ended or was preempted. */
function leavers(trace: Trace, indexOf: ReadonlyMap<number, number>): Leaver[] {
  const { columns, length } = trace.events;
  const releases = new Set<number>();
  for (let i = 0; i < length; i++)
    if (REQUEST_EVENTS[columns.kind[i] as number] === 'released') releases.add(columns.request[i] as number);
  const leave: Leaver[] = [];
  for (let i = 0; i < length; i++) {
    const kind = REQUEST_EVENTS[columns.kind[i] as number];
    const id = columns.request[i] as number;
    const goes =
      kind === 'released' ||
      kind === 'preempted' ||
      kind === 'aborted' ||
      (kind === 'finished' && !releases.has(id));
    const request = indexOf.get(id);
    if (goes && request !== undefined) leave.push({ step: columns.step[i] as number, request });
  }
  return leave;
}

export type PageUse = 'free' | 'full' | 'partial' | 'reserved' | 'held';

export interface PageCell {
  readonly page: number;
  readonly use: PageUse;
  /** Requests (index in the track) that hold it; two or more share it. */
  readonly holders: readonly number[];
  /** Tokens in it. */
  readonly tokens: number;
}

const NOBODY: readonly Holder[] = [];

/** Every page when `step` (from 0) has run. */
export function pagesAt(states: PageStates, track: Track, step: number): readonly PageCell[] {
  const { moves, checkpoints, pageSize } = states;
  // a page given back at the end of a step is told with the next step: it is shown free from then on
  const count = upperBound(0, moves.length, step, (i) => (moves[i] as Move).step);
  const from = Math.max(0, Math.min(checkpoints.length - 1, Math.floor(count / EVERY)));
  const state = [...(checkpoints[from] ?? Array.from({ length: states.pages }, () => NOBODY))];
  for (let i = from * EVERY; i < count; i++) applyShared(state, moves[i] as Move);
  const held = new Map<number, number>();
  const tokensOf = (r: number): number => {
    const known = held.get(r) ?? tokensHeld(track, r, step);
    held.set(r, known);
    return known;
  };
  return state.map((holders, page): PageCell => {
    if (holders.length === 0) return { page, holders: NO_HOLDERS, tokens: 0, use: 'free' };
    let tokens = 0;
    for (const { request, index } of holders)
      tokens = Math.max(tokens, Math.min(pageSize, tokensOf(request) - index * pageSize));
    const requests = holders.map((h) => h.request);
    return { page, holders: requests, tokens, use: useOf(track, requests, tokens, pageSize, step) };
  });
}

const NO_HOLDERS: readonly number[] = [];

/** As `apply`, leaving the lists of a checkpoint as they are. */
function applyShared(state: (readonly Holder[])[], move: Move): void {
  const holders = state[move.page];
  if (!holders) return;
  if (move.gains) state[move.page] = [...holders, move];
  else state[move.page] = holders.filter((h) => h.request !== move.request);
}

function useOf(
  track: Track,
  holders: readonly number[],
  tokens: number,
  pageSize: number,
  step: number,
): PageUse {
  const over = holders.every(
    (r) => !Number.isNaN(track.ended[r] as number) && (track.lastStep[r] as number) < step,
  );
  if (over) return 'held';
  if (tokens <= 0) return 'reserved';
  return tokens >= pageSize ? 'full' : 'partial';
}

export interface PageCount {
  readonly used: number;
  readonly shared: number;
  readonly tokens: number;
  readonly slots: number;
}

export function countPages(cells: readonly PageCell[], pageSize: number): PageCount {
  let used = 0;
  let shared = 0;
  let tokens = 0;
  for (const cell of cells) {
    if (cell.holders.length === 0) continue;
    used++;
    if (cell.holders.length > 1) shared++;
    tokens += cell.tokens;
  }
  return { used, shared, tokens, slots: used * pageSize };
}
