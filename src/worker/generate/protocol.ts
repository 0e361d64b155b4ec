// What the page and the worker say about generating from one model: types only, beside worker/protocol.ts. A generation is
// driven by calls that each run some steps, so that pausing, single-stepping and going on are the same call.

import type { Failure } from '../../core/result.ts';
import type { Sampling } from '../../model/batch.ts';
import type { CheckpointFile } from '../../model/checkpoint-file.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { DispatchName, MemoryEstimate, ModelOptions, Pool } from '../../model/contract.ts';
import type { Invariance } from '../../model/probe-report.ts';

export type { CheckpointFile } from '../../model/checkpoint-file.ts';
export type { Capture, DispatchName } from '../../model/contract.ts';

/** Weights from a seed (no download), of a model in the box (src/model/built-in.ts), or from a checkpoint's files. */
export type GenerateSource =
  | { readonly kind: 'seeded'; readonly config: ModelConfig; readonly seed: number }
  | { readonly kind: 'built-in'; readonly name: string }
  | { readonly kind: 'files'; readonly name: string; readonly files: readonly CheckpointFile[] };

export interface GenerateModel {
  readonly source: GenerateSource;
  readonly options: ModelOptions;
  /** Longest sequence in tokens. */
  readonly window: number;
  /** Bytes that the KV pages may take; left out, the pool holds exactly one sequence of `window` tokens. */
  readonly kvBudget?: number;
  /** Tokens a page: 8, 16, 32 or 64. */
  readonly pageSize: number;
}

/** What loading would take; nothing has been allocated. */
export interface GenerateEstimate {
  readonly config: ModelConfig;
  readonly parameters: number;
  readonly window: number;
  readonly pages: number;
  /** What keeps the pool from having more pages; null when it was not sized from a budget. */
  readonly poolLimit: Pool['limit'] | null;
  readonly memory: MemoryEstimate;
  /** Bytes that Lockstep takes at most, whatever the device has: WebGPU does not tell that. */
  readonly budget: number;
  /** Why it does not fit, by the tensor that is too large or by what it takes in all; null when it fits. */
  readonly misfit: Failure | null;
}

export interface GenerateLoaded extends GenerateEstimate {
  readonly options: ModelOptions;
  readonly program: readonly DispatchName[];
  /** Most tokens of a prompt that one step computes. */
  readonly chunk: number;
  /** Reduction ids that serve it. */
  readonly reduction: string;
  /** Whether its bits depend on the batch on this device, probed while it was loaded. */
  readonly invariance: Invariance;
  readonly seconds: number;
}

export interface GeneratePrompt {
  readonly tokens: readonly number[];
  readonly sampling: Sampling;
  /** Tokens to generate of each answer; prompt and output together fit the window. */
  readonly maxTokens: number;
  /** Answers to the one prompt, 1 to 8, drawn with seeds that follow one another; together they fit the page pool. */
  readonly answers: number;
  /** Ids that end the text. */
  readonly stops: readonly number[];
}

export interface GenerateRun {
  /** Starts over with this prompt; left out, the generation goes on. */
  readonly prompt?: GeneratePrompt;
  /** Steps to run; null runs to the end. */
  readonly steps: number | null;
  /**
   * `await`: ids are read back before the next step is submitted. `flow`: the next step is submitted first and takes its
   * token on the GPU, so that waiting for the readback costs nothing.
   */
  readonly pace: 'await' | 'flow';
}

/** One finished step. */
export interface GeneratedStep {
  readonly phase: 'prefill' | 'decode';
  /** Position of its first token in each sequence, and how many it computed of each. */
  readonly start: number;
  readonly count: number;
  /** The sampled ids by answer; null where an answer has none: the prompt is not done, or the answer has ended. */
  readonly tokens: readonly (number | null)[];
  /** Milliseconds. `await`: from before preparing to its ids back; `flow`: from the ids before to these. */
  readonly ms: number;
  readonly pace: GenerateRun['pace'];
  /** Of these, host time of preparing, encoding and submitting. */
  readonly hostMs: number;
  readonly dispatches: number;
}

export type GenerateEnd = 'length' | 'stop-token';

export interface AnswerState {
  /** Tokens whose K and V are in its pages. */
  readonly computed: number;
  readonly generated: number;
  /** Its pages in order of position; answers share those of the prompt. */
  readonly table: readonly number[];
  readonly ended: GenerateEnd | null;
}

/** Where a generation stands. */
export interface GenerateState {
  /** The first alone until the prompt is computed. */
  readonly answers: readonly AnswerState[];
  /** Whether every answer has ended. */
  readonly ended: boolean;
}

/** What a call ran: all its steps (events may have brought most of them), and where it ended. */
export interface GenerateRan {
  readonly steps: readonly GeneratedStep[];
  readonly state: GenerateState;
}

/** Steps come several at a time, at most one message a frame. */
export type GenerateEvent =
  | { readonly type: 'loading'; readonly done: number; readonly total: number; readonly what: string }
  | { readonly type: 'steps'; readonly steps: readonly GeneratedStep[]; readonly state: GenerateState };

/** How far the timing of a step by op is, in samples. */
export interface SplitEvent {
  readonly done: number;
  readonly total: number;
  readonly what: string;
}

/** A dispatch of the last step, which is computed again for it with the same result. */
export interface GenerateCapture {
  readonly layer: DispatchName['layer'];
  readonly role: string;
}

/** What the last row of an answer's logits says, before temperature and cuts. */
export interface Candidates {
  /** Position whose next token this is. */
  readonly position: number;
  readonly best: readonly { readonly id: number; readonly logit: number; readonly probability: number }[];
  /** The sampled id: its rank (0 is the likeliest) and probability. */
  readonly chosen: { readonly id: number; readonly rank: number; readonly probability: number };
  /** Bits of surprise that the model expects: the entropy of its distribution. */
  readonly entropyBits: number;
}
