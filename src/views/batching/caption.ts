// What happens at a moment, in a sentence a track: what ran, who waited, and why. Requests are named while
// they are few; beyond that they are counted.

import { REASONS, type Reason, reasonName } from '../../engine/reason.ts';
import { grouped } from '../format.ts';
import { type AxisMode, endOf, runningAt, seconds, startedBy, startOf, timeOf } from './axis.ts';
import { requestName, waitText } from './paint.ts';
import { KIND_STYLES } from './pen.ts';
import { cellAt, kindName, NO_REASON, type Track, waitAt } from './track.ts';

/**
 * What a track does at a time. `between`: requests are there and their next step is planned; `idle`: none is there. `cut`: its last step
 * has ended and some are unanswered, because it was stopped or has come no further yet.
 */
export type Phase = 'before' | 'runs' | 'between' | 'idle' | 'after' | 'cut';

/** What every request does at a time, which is what it did in the step that runs then. */
export interface Moment {
  readonly phase: Phase;
  /** Of `runs` alone. */
  readonly step: number | undefined;
  readonly time: number;
  /** Requests by what their row computed. */
  readonly decoding: readonly number[];
  readonly prefilling: readonly number[];
  readonly recomputing: readonly number[];
  /** Rows computed for nobody: held or planned ahead for a request that had ended. */
  readonly wasted: readonly number[];
  /** Prompt tokens of the step, and tokens thrown away. */
  readonly promptTokens: number;
  readonly paddingTokens: number;
  /** Requests that wait, by reason. */
  readonly waiting: ReadonlyMap<Reason | 'arrived', readonly number[]>;
  readonly done: number;
}

export function momentAt(track: Track, mode: AxisMode, place: number): Moment {
  const step = runningAt(track, mode, place);
  const time = timeOf(track, mode, place);
  const lists = { decoding: [], prefilling: [], recomputing: [], wasted: [] } as Record<
    'decoding' | 'prefilling' | 'recomputing' | 'wasted',
    number[]
  >;
  const waiting = new Map<Reason | 'arrived', number[]>();
  let promptTokens = 0;
  let paddingTokens = 0;
  let done = 0;
  for (let r = 0; r < track.requests; r++) {
    if ((track.ended[r] as number) <= time) done++;
    const c = step === undefined ? undefined : cellAt(track, r, step);
    if (c !== undefined) {
      paddingTokens += track.cells.padding[c] as number;
      const tokens = track.cells.tokens[c] as number;
      switch (kindName(track.cells.kind[c] as number)) {
        case 'decode':
          lists.decoding.push(r);
          break;
        case 'prefill':
          lists.prefilling.push(r);
          promptTokens += tokens;
          break;
        case 'recompute':
          lists.recomputing.push(r);
          promptTokens += tokens;
          break;
        case 'padding':
        case 'overrun':
        case 'rejected':
        case 'lost':
          lists.wasted.push(r);
          break;
      }
      continue;
    }
    const w = waitAt(track, r, time);
    if (w === undefined) continue;
    const code = track.waits.reason[w] as number;
    const reason = code === NO_REASON ? 'arrived' : reasonName(code);
    const list = waiting.get(reason);
    if (list) list.push(r);
    else waiting.set(reason, [r]);
  }
  const phase = step === undefined ? restAt(track, time) : 'runs';
  return { phase, step, time, ...lists, promptTokens, paddingTokens, waiting, done };
}

/** Why no step runs at a time. */
function restAt(track: Track, time: number): Exclude<Phase, 'runs'> {
  const started = startedBy(track, time);
  if (started === 0) return 'before';
  if (started === track.steps) return track.answered.every(Boolean) ? 'after' : 'cut';
  const there = track.arrival.some((arrival, r) => arrival <= time && !((track.ended[r] as number) <= time));
  return there ? 'between' : 'idle';
}

/** `R1`, `R1 and R2`, `R1, R2 and R3`, `17 requests`. */
export function nameAll(track: Track, requests: readonly number[]): string {
  const names = requests.map((r) => requestName(track, r));
  if (names.length > 4) return `${names.length} requests`;
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

const tokens = (n: number): string => `${grouped(n)} ${n === 1 ? 'token' : 'tokens'}`;
const requests = (n: number): string => `${grouped(n)} ${n === 1 ? 'request' : 'requests'}`;

/** The sentence of one track, without its name: `computes …; R3 and R4 wait: …`. */
export function describeMoment(track: Track, moment: Moment): string {
  const started = startedBy(track, moment.time);
  switch (moment.phase) {
    case 'before': {
      if (track.steps === 0) return 'has not begun.';
      return `has not begun: its first step starts at ${seconds(startOf(track, 'time', 0))}.`;
    }
    case 'idle': {
      const next = track.arrival.filter((arrival) => arrival > moment.time);
      const when = next.length > 0 ? `, and the next one arrives at ${seconds(Math.min(...next))}` : '';
      return `is idle: every request that has arrived has ended${when}.`;
    }
    case 'after':
      return `has answered all: its last step ended at ${seconds(track.end)}.`;
    case 'cut': {
      const left = track.answered.filter((one) => one === 0).length;
      return `has no step here: its last one ended at ${seconds(track.end)}, and ${left} of ${requests(track.requests)} ${left === 1 ? 'is' : 'are'} unanswered.`;
    }
    case 'between':
      return `is between steps ${started} and ${started + 1}${waitWords(track, moment)}.`;
    case 'runs':
      return `${ranWords(track, moment)}${waitWords(track, moment)}.`;
  }
}

function ranWords(track: Track, moment: Moment): string {
  const ran: string[] = [];
  const { decoding, prefilling, recomputing, wasted, promptTokens, paddingTokens } = moment;
  if (prefilling.length > 0) ran.push(`prefills ${nameAll(track, prefilling)} (${tokens(promptTokens)})`);
  if (recomputing.length > 0) ran.push(`computes ${nameAll(track, recomputing)} again after a preemption`);
  if (decoding.length > 0)
    ran.push(`decodes one token ${decoding.length > 1 ? 'each ' : ''}for ${nameAll(track, decoding)}`);
  if (wasted.length > 0) ran.push(wastedWords(track, moment, wasted));
  else if (paddingTokens > 0) ran.push(`computes ${tokens(paddingTokens)} of padding`);
  return ran.length === 0 ? 'runs nothing' : joined(ran);
}

function waitWords(track: Track, { waiting, phase }: Moment): string {
  const waits = [...waiting]
    .filter(([reason]) => reason !== 'arrived')
    .map(
      ([reason, who]) =>
        `${nameAll(track, who)} ${who.length === 1 ? 'waits' : 'wait'}: ${REASONS[reason as Reason]}`,
    );
  const arrived = waiting.get('arrived');
  if (arrived)
    waits.push(`${nameAll(track, arrived)} ${phase === 'runs' ? 'arrived during this step' : 'arrived'}`);
  return waits.length > 0 ? `; ${waits.join('; ')}` : '';
}

const joined = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;

function wastedWords(track: Track, moment: Moment, wasted: readonly number[]): string {
  const [first] = wasted;
  const alone = wasted.length === 1 && first !== undefined;
  const ended =
    alone && (track.ended[first] as number) <= moment.time
      ? (track.lastStep[first] as number) + 1
      : undefined;
  const n = alone ? 'one row' : `${wasted.length} rows`;
  if (ended !== undefined)
    return `${n} for nobody (${requestName(track, first ?? 0)} ended at step ${ended} and its row is held)`;
  return `${n} for nobody (finished requests whose rows are held)`;
}

/** What one request does at a place of the axis, with exact times: `R2, step 7: decode, 1 token, 20.7–24.1 ms`. */
export function describeCell(track: Track, r: number, mode: AxisMode, place: number): string {
  const name = requestName(track, r);
  const step = runningAt(track, mode, place);
  const time = timeOf(track, mode, place);
  const c = step === undefined ? undefined : cellAt(track, r, step);
  if (c !== undefined && step !== undefined) {
    const { kind, tokens: counts, padding, emits } = track.cells;
    const parts = [KIND_STYLES[kindName(kind[c] as number)].label.toLowerCase()];
    if ((counts[c] as number) > 0) parts.push(tokens(counts[c] as number));
    if ((padding[c] as number) > 0) parts.push(`${tokens(padding[c] as number)} thrown away`);
    if ((emits[c] as number) > 0) parts.push('a token comes out');
    const from = startOf(track, 'time', step);
    const to = endOf(track, 'time', step);
    return `${name}, step ${step + 1}: ${parts.join(', ')}; ${seconds(from)} to ${seconds(to)}, ${seconds(to - from)}`;
  }
  const w = waitAt(track, r, time);
  if (w !== undefined) {
    const from = track.waits.from[w] as number;
    const to = track.waits.to[w] as number;
    return `${name} waits ${seconds(to - from)}: ${waitText(track.waits.reason[w] as number)}; ${seconds(from)} to ${seconds(to)}`;
  }
  if ((track.ended[r] as number) <= time) {
    const when = seconds(track.ended[r] as number);
    if (!track.answered[r]) return `${name} was given up at ${when}`;
    return `${name} was answered at ${when}, in step ${(track.lastStep[r] as number) + 1}`;
  }
  return time < (track.arrival[r] as number)
    ? `${name} arrives at ${seconds(track.arrival[r] as number)}`
    : `${name}: ${step === undefined ? 'no step runs here' : 'nothing of it in this step'}`;
}
