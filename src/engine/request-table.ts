// The requests that live in the engine, by slot: the columns a view shows, and beside them what only the
// engine knows (token ids, hashes, where the answer ends).

import { type CacheSalt, pageHash, saltHash } from '../cache/hash.ts';
import { ENDINGS, type Ending, promptLength, type Request, writePrompt } from './request.ts';
import { type RequestColumns, WAITING } from './view.ts';

const FIRST_CAPACITY = 64;
export const NO_REASON = 255;

/** What the engine alone keeps of a request. */
export interface Resident {
  readonly request: Request;
  /** Prompt and generated token ids; grows. */
  tokens: Int32Array;
  /** Output tokens that are known. */
  generated: number;
  /** Positions whose K and V have been committed at least once: computing them again is recomputing. */
  highWater: number;
  /** Positions committed and in pages now. */
  committed: number;
  /** Counts preemptions, so that a row in flight can tell that its pages are gone. */
  epoch: number;
  /** Whether it has a block-table row. */
  paged: boolean;
  /** Steps in flight that have a row of this request. */
  inFlight: number;
  /** Set when it ended with a row still in flight, or is held. */
  ending: Ending | undefined;
  /** Chain of the hashes of its full pages, as far as computed. */
  readonly hashes: number[];
  /** Full pages offered to the prefix index. */
  hashed: number;
  /** Pages found for its prompt at the last look. */
  found: number[];
  /** Which sample of the newest batch is its next token, while that is on its way. */
  feed: number;
}

const makeColumns = (n: number) => ({
  id: new Uint32Array(n),
  phase: new Uint8Array(n),
  arrival: new Float64Array(n),
  deadline: new Float64Array(n),
  priority: new Int32Array(n),
  prompt: new Int32Array(n),
  known: new Int32Array(n),
  computed: new Int32Array(n),
  remaining: new Int32Array(n),
  predicted: new Int32Array(n),
  row: new Int32Array(n),
  admitted: new Float64Array(n),
  hitTokens: new Int32Array(n),
  hitStart: new Int32Array(n),
  hitPages: new Int32Array(n),
});

export class RequestTable {
  columns: RequestColumns = makeColumns(FIRST_CAPACITY);
  /** Reason code of each slot's open waiting interval, NO_REASON when it is not waiting for anything. */
  reason = new Uint8Array(FIRST_CAPACITY).fill(NO_REASON);
  /** Number of the last plan that named the slot; tells duplicates and the named apart. */
  stamp = new Float64Array(FIRST_CAPACITY);
  readonly residents: (Resident | undefined)[] = [];
  private readonly free: number[] = [];
  private readonly slotOf = new Map<number, number>();
  private readonly seen = new Set<number>();

  /** Requests that have not ended. */
  get live(): number {
    return this.slotOf.size;
  }

  /** Whether this id was ever used in the run. */
  used(id: number): boolean {
    return this.seen.has(id);
  }

  slot(id: number): number | undefined {
    return this.slotOf.get(id);
  }

  at(slot: number): Resident {
    const resident = this.residents[slot];
    if (!resident) throw new Error(`slot ${slot} is free`);
    return resident;
  }

  add(request: Request, vocabulary: number): number {
    const slot = this.free.pop() ?? this.residents.length;
    if (slot >= this.columns.id.length) this.grow();
    const prompt = promptLength(request.prompt);
    const tokens = new Int32Array(prompt + Math.min(request.maxTokens, 64));
    writePrompt(request.prompt, vocabulary, tokens);
    const c = this.columns;
    c.id[slot] = request.id;
    c.phase[slot] = WAITING;
    c.arrival[slot] = request.arrival;
    c.deadline[slot] = request.deadline ?? Number.POSITIVE_INFINITY;
    c.priority[slot] = request.priority ?? 0;
    c.prompt[slot] = prompt;
    c.known[slot] = prompt;
    c.computed[slot] = 0;
    c.remaining[slot] = request.maxTokens;
    c.predicted[slot] = request.predicted ?? request.maxTokens;
    c.hitTokens[slot] = 0;
    c.hitPages[slot] = 0;
    this.reason[slot] = NO_REASON;
    this.residents[slot] = {
      request,
      tokens,
      generated: 0,
      highWater: 0,
      committed: 0,
      epoch: 0,
      paged: false,
      inFlight: 0,
      ending: undefined,
      hashes: [],
      hashed: 0,
      found: [],
      feed: 0,
    };
    this.slotOf.set(request.id, slot);
    this.seen.add(request.id);
    return slot;
  }

  /** The request has ended; its slot stays taken until `drop`. */
  end(slot: number): void {
    this.slotOf.delete(this.columns.id[slot] as number);
  }

  drop(slot: number): void {
    this.columns.phase[slot] = 0;
    this.residents[slot] = undefined;
    this.free.push(slot);
  }

  /** Adds one output token and says whether, and how, the answer ends with it. */
  emit(slot: number, token: number): Ending | undefined {
    const r = this.at(slot);
    const n = (this.columns.prompt[slot] as number) + r.generated;
    if (n >= r.tokens.length) {
      const larger = new Int32Array(n * 2);
      larger.set(r.tokens);
      r.tokens = larger;
    }
    r.tokens[n] = token;
    r.generated++;
    return endsWith(r, n + 1);
  }

  /** Extends a request's hash chain to `pages` full pages. */
  chain(slot: number, pages: number, pageSize: number, salt: CacheSalt): readonly number[] {
    const { hashes, tokens, request } = this.at(slot);
    while (hashes.length < pages) {
      const k = hashes.length;
      const parent = hashes[k - 1] ?? saltHash(salt, request.cacheSalt);
      hashes.push(pageHash(parent, tokens, k * pageSize, (k + 1) * pageSize));
    }
    return hashes;
  }

  private grow(): void {
    const size = this.columns.id.length * 2;
    const larger = makeColumns(size);
    for (const name of Object.keys(larger) as (keyof RequestColumns)[]) larger[name].set(this.columns[name]);
    this.columns = larger;
    const reason = new Uint8Array(size).fill(NO_REASON);
    reason.set(this.reason);
    this.reason = reason;
    const stamp = new Float64Array(size);
    stamp.set(this.stamp);
    this.stamp = stamp;
  }
}

const NO_SEQUENCES: readonly (readonly number[])[] = [];

/** How the answer ends with the `length` tokens known now, if it does. */
function endsWith(r: Resident, length: number): Ending | undefined {
  const { request, generated, tokens } = r;
  const { stop } = request;
  if (generated >= (stop?.minTokens ?? 0)) {
    if (!stop?.ignoreEnd) {
      if (stop?.endToken !== undefined && tokens[length - 1] === stop.endToken) return 'end';
      if (request.endsAfter !== undefined && generated >= request.endsAfter) return 'end';
    }
    for (const sequence of stop?.sequences ?? NO_SEQUENCES) {
      const from = length - sequence.length;
      if (sequence.length <= generated && sequence.every((token, i) => tokens[from + i] === token))
        return 'stop';
    }
  }
  return generated >= request.maxTokens ? 'length' : undefined;
}

export const endingCode = (ending: Ending): number => ENDINGS.indexOf(ending);
