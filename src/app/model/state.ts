// What the Model page knows of its worker: which model is loaded, the text that it generates, and what was measured of it. What
// changes it is session.ts and tasks.ts.

import { computed, effect, signal } from '@preact/signals';
import type { Failure } from '../../core/result.ts';
import type { StepSplit } from '../../measure/split.ts';
import type { ProbeReport } from '../../model/probe-report.ts';
import type {
  Candidates,
  GeneratedStep,
  GenerateLoaded,
  GenerateModel,
  GeneratePrompt,
  GenerateState,
} from '../../worker/generate/protocol.ts';
import { gpu } from '../gpu.ts';
import { sameChoice, wanted } from './choice.ts';
import type { Vocabulary } from './vocabulary.ts';

export type Phase =
  /** Nothing is loaded: not yet, or because it was cancelled. */
  | { readonly kind: 'empty'; readonly why: 'new' | 'cancelled' }
  | {
      readonly kind: 'loading';
      readonly done: number;
      readonly total: number;
      readonly what: string;
      /** When it began, by performance.now. */
      readonly since: number;
    }
  | { readonly kind: 'ready' }
  | { readonly kind: 'running' }
  | { readonly kind: 'paused' }
  | { readonly kind: 'ended'; readonly why: 'length' | 'stop-token' | 'cancelled' };

/** A loaded model, with the choice that it was loaded for and what its ids mean. */
export interface Loaded extends GenerateLoaded {
  readonly choice: GenerateModel;
  readonly vocabulary: Vocabulary;
}

export interface Piece {
  readonly id: number;
  readonly text: string;
}

/** A prompt and what came of it. */
export interface Generation {
  readonly prompt: readonly Piece[];
  readonly wanted: GeneratePrompt;
  /** The pieces of text of each answer. */
  readonly outputs: readonly (readonly Piece[])[];
  readonly steps: readonly GeneratedStep[];
  readonly state: GenerateState;
}

export const phase = signal<Phase>({ kind: 'empty', why: 'new' });
export const loaded = signal<Loaded | null>(null);
export const generation = signal<Generation | null>(null);
export const likely = signal<Candidates | null>(null);
/** The last step by op, once it was asked for; steps that follow take it away. */
export const split = signal<StepSplit | null>(null);
/** What the probe of batch invariance found on this device, for what is loaded. */
export const probed = signal<ProbeReport | null>(null);
/** Why loading or generating ended. */
export const problem = signal<Failure | null>(null);

/** Whether what is chosen is what is loaded. */
export const current = computed(() => loaded.value !== null && sameChoice(loaded.value.choice, wanted.value));

/** Whether a model is loading or a text is being generated. */
export const busy = computed(() => phase.value.kind === 'loading' || phase.value.kind === 'running');
export const unfinished = computed(() => phase.value.kind === 'paused');

/** Tokens of the longest answer. */
export const made = ({ answers }: GenerateState): number =>
  answers.reduce((most, { generated }) => Math.max(most, generated), 0);

// a model lives in its worker
effect(() => {
  if (gpu.value.kind === 'dead') loaded.value = null;
});
