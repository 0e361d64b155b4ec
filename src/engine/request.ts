// A request as it arrives: data only, the same for every strategy and executor. What a strategy must not
// know (where the answer will really end) stands here and is left out of the view (view.ts).

import { hash32, hashKeys } from '../core/prng.ts';

/** A run of prompt tokens: given, or made from a seed so that a workload stays small and shares prefixes. */
export type PromptPart =
  | { readonly tokens: readonly number[] }
  | { readonly seed: number; readonly length: number };

/** When an answer ends, beside `maxTokens`. Nothing ends it before `minTokens`. */
export interface StopRule {
  readonly endToken?: number;
  /** Token sequences that end the answer; the sequence itself stays in the output. */
  readonly sequences?: readonly (readonly number[])[];
  readonly minTokens?: number;
  /** Generate on past the end token and past `endsAfter`, to `maxTokens`. */
  readonly ignoreEnd?: boolean;
}

/** Sampling is keyed by (seed, position, token id), never by batch or step. Temperature 0 is greedy. */
export interface Sampling {
  readonly temperature: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly seed: number;
}

export interface Request {
  /** Unique within a run, 0 … 2^32 − 1. */
  readonly id: number;
  /** Scheduled arrival in seconds of the run's clock; latencies count from here. */
  readonly arrival: number;
  readonly prompt: readonly PromptPart[];
  /** The declared limit of output tokens: what reserve-at-max reserves. */
  readonly maxTokens: number;
  /** The workload's own truth: the model ends after this many tokens. Strategies never see it. */
  readonly endsAfter?: number;
  /** An estimate of the output length that strategies may see. */
  readonly predicted?: number;
  /** Smaller is sooner. */
  readonly priority?: number;
  /** Seconds of the run's clock by which the answer is wanted. */
  readonly deadline?: number;
  readonly stop?: StopRule;
  readonly sampling?: Sampling;
  /** This is one of n answers to a prompt: the id of the first, whose prompt pages it may share. */
  readonly forkOf?: number;
  /** Which of the device's models answers; requests of one engine all use one today. */
  readonly model?: string;
  /** Requests with different salts never share pages. */
  readonly cacheSalt?: number;
  /** The client gives up at this second. */
  readonly abortAt?: number;
}

/** How a request can end. `failed`: the device was lost with the request on it. */
export const ENDINGS = ['length', 'end', 'stop', 'abort', 'failed'] as const;
export type Ending = (typeof ENDINGS)[number];

export const GREEDY: Sampling = { temperature: 0, seed: 0 };

/** Prompt length in tokens. */
export function promptLength(prompt: readonly PromptPart[]): number {
  let length = 0;
  for (const part of prompt) length += 'tokens' in part ? part.tokens.length : part.length;
  return length;
}

/** Writes the prompt's token ids, each below `vocabulary`, to the front of `into`. */
export function writePrompt(prompt: readonly PromptPart[], vocabulary: number, into: Int32Array): void {
  let n = 0;
  for (const part of prompt) {
    if ('tokens' in part) {
      for (const token of part.tokens) into[n++] = token;
      continue;
    }
    const key = hashKeys(part.seed, 0x70726f6d);
    for (let i = 0; i < part.length; i++) into[n++] = hash32(key + i) % vocabulary;
  }
}
