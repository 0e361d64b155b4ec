// What a way of storing a model costs in text: loss, task scores and agreement over held-out documents, beside bytes and speed.
// Pure: logits come in a few rows at a time; models/score.py counts the same way.

import { at } from '../core/assert.ts';
import { student95 } from '../core/stats.ts';
import type { LogitDivergence } from './divergence.ts';
import type { DeviceReport } from './schema.ts';

export const qualitySchema = 'lockstep-quality';

/** Tokens from … to − 1 answer a question; `distance` tokens lie between the fact and the answer. */
export interface ScoredAnswer {
  readonly from: number;
  readonly to: number;
  readonly distance: number;
}

export interface ScoredDocument {
  readonly kind: string;
  readonly ids: readonly number[];
  readonly answers: readonly ScoredAnswer[];
}

export interface Share {
  readonly right: number;
  readonly asked: number;
}

/** How a model is stored and computed. */
export interface Stored {
  readonly weights: string;
  /** Inputs of the layers' matrices. */
  readonly activations: string;
  readonly kv: string;
}

export interface Rate {
  readonly tokensPerSecond: number;
  readonly p10: number;
  readonly p90: number;
}

export interface QualityRow extends Stored {
  readonly weightBytes: number;
  /** K and V of one token, all layers. */
  readonly kvBytesPerToken: number;
  /** Tokens predicted. */
  readonly tokens: number;
  /** Nats a token. */
  readonly loss: number | null;
  /** Perplexity over that of f32 on the same tokens, with its 95 % interval over documents; null for f32 itself. */
  readonly overF32: { readonly ratio: number; readonly low: number; readonly high: number } | null;
  /** Share of tokens whose likeliest next token is the one of f32; null for f32 itself. */
  readonly agreement: number | null;
  /**
   * Error of the logits and KL divergence against f32 on the same positions; null for f32 itself. The first positions alone, as
   * many as `positions` says, where the text is longer than the logits that are kept of it.
   */
  readonly fromF32: LogitDivergence | null;
  /** By kind of task; recall and copying also by distance. Right: argmax gives every token of the answer. */
  readonly scores: Readonly<Record<string, Share>>;
  readonly prefill: Rate | null;
  readonly decode: Rate | null;
  /** Why there is no figure, or null. */
  readonly why: string | null;
}

/** First choices of a small model against those of the large one, on held-out stories. */
export interface DraftRow {
  readonly draft: string;
  readonly parameters: number;
  readonly agreement: Share;
}

export interface QualityFile {
  readonly schema: typeof qualitySchema;
  /** 2: rows have `fromF32`, which rows of version 1 lack. */
  readonly version: 2;
  readonly date: string;
  readonly commit: string | null;
  readonly command: string;
  readonly device: DeviceReport;
  readonly model: string;
  readonly parameters: number;
  /** Tokens of context for which KV bytes are drawn. */
  readonly window: number;
  readonly documents: number;
  readonly invalid: readonly string[];
  readonly results: readonly QualityRow[];
  readonly drafts: readonly DraftRow[];
}

/** Bytes of the weights and of K and V of one whole context. */
export const totalBytes = (row: QualityRow, window: number): number =>
  row.weightBytes + window * row.kvBytesPerToken;

export const perplexity = (row: QualityRow): number | null => (row.loss === null ? null : Math.exp(row.loss));

const spans = [
  [128, '≤ 128'],
  [512, '129–512'],
  [Number.POSITIVE_INFINITY, '> 512'],
] as const;
/** Kinds that are also counted by distance. */
const spread = new Set(['recall', 'copying']);
const spanOf = (distance: number): string => spans.find(([most]) => distance <= most)?.[1] ?? '';

/** What one way of storing a model made of a set of documents. */
export class Tally {
  /** Nats, and predicted tokens, of each document. */
  readonly losses: number[] = [];
  readonly counts: number[] = [];
  /** The likeliest next token at every position of each document. */
  readonly best: Uint16Array[];
  readonly #documents: readonly ScoredDocument[];

  constructor(documents: readonly ScoredDocument[]) {
    this.#documents = documents;
    this.best = documents.map(({ ids }) => new Uint16Array(ids.length - 1));
    for (const _ of documents) {
      this.losses.push(0);
      this.counts.push(0);
    }
  }

  /** Logits [rows, vocabulary] of a document's tokens from `start` on. Sums are in double precision. */
  add(document: number, start: number, logits: Float32Array, vocabulary: number): void {
    const { ids } = at(this.#documents, document);
    const best = at(this.best, document);
    for (let row = 0; row * vocabulary < logits.length; row++) {
      const cells = logits.subarray(row * vocabulary, (row + 1) * vocabulary);
      let first = 0;
      for (let id = 1; id < vocabulary; id++) if (at(cells, id) > at(cells, first)) first = id;
      const peak = at(cells, first);
      let sum = 0;
      for (const x of cells) sum += Math.exp(x - peak);
      best[start + row] = first;
      this.losses[document] =
        at(this.losses, document) + peak + Math.log(sum) - at(cells, at(ids, start + row + 1));
      this.counts[document] = at(this.counts, document) + 1;
    }
  }

  get tokens(): number {
    return this.counts.reduce((sum, n) => sum + n, 0);
  }

  /** Nats a token. */
  get loss(): number {
    return this.losses.reduce((sum, x) => sum + x, 0) / this.tokens;
  }

  get scores(): Record<string, Share> {
    const scores: Record<string, { right: number; asked: number }> = {};
    for (const [d, { kind, ids, answers }] of this.#documents.entries()) {
      const best = at(this.best, d);
      for (const { from, to, distance } of answers) {
        if (to > at(this.counts, d) + 1) continue; // a text that was cut before its answer
        let right = 1;
        for (let t = from; t < to; t++) if (best[t - 1] !== ids[t]) right = 0;
        for (const name of spread.has(kind) ? [kind, `${kind} ${spanOf(distance)}`] : [kind]) {
          scores[name] ??= { right: 0, asked: 0 };
          scores[name].right += right;
          scores[name].asked++;
        }
      }
    }
    return scores;
  }

  /** Positions at which both have the same first choice, of those that both have computed. */
  agreement(other: Tally, counted: (document: ScoredDocument) => boolean = () => true): Share {
    let [right, asked] = [0, 0];
    for (const [d, document] of this.#documents.entries()) {
      if (!counted(document)) continue;
      const [mine, theirs] = [at(this.best, d), at(other.best, d)];
      const count = Math.min(at(this.counts, d), at(other.counts, d));
      for (let t = 0; t < count; t++) if (mine[t] === theirs[t]) right++;
      asked += count;
    }
    return { right, asked };
  }

  /**
   * Perplexity over that of `other` on the same tokens. The interval takes documents as drawn independently: a ratio estimate
   * of the difference in nats a token with its linearized variance (Cochran 1977, §6.4), and Student's t, since documents may be few.
   */
  over(other: Tally): { readonly ratio: number; readonly low: number; readonly high: number } {
    const n = this.counts.length;
    const differences = this.losses.map((x, d) => x - at(other.losses, d));
    const rate = differences.reduce((sum, x) => sum + x, 0) / this.tokens;
    const squares = differences.reduce((sum, x, d) => sum + (x - rate * at(this.counts, d)) ** 2, 0);
    const error =
      n > 1
        ? (student95(n - 1) * Math.sqrt((squares * n) / (n - 1))) / this.tokens
        : Number.POSITIVE_INFINITY;
    return { ratio: Math.exp(rate), low: Math.exp(rate - error), high: Math.exp(rate + error) };
  }
}
