// What a workload is: a seeded generator of requests, with typed knobs. It makes arrivals and nothing else.

import { type Knobs, type KnobValue, type KnobValues, readKnobs } from '../core/knobs.ts';
import type { Prng } from '../core/prng.ts';
import { err, type Failure, failure, ok, type Result } from '../core/result.ts';
import type { Arrivals } from '../engine/loop.ts';
import type { Request, StopRule } from '../engine/request.ts';
import type { Limits } from '../engine/view.ts';
import { closedLoop, openLoop } from './arrivals.ts';

/** A prompt of real words, and when its answer ends. */
export interface TextPrompt {
  readonly tokens: readonly number[];
  /** Tokens that the text it was taken from goes on with. */
  readonly rest: number;
  readonly stop: StopRule;
}

/** Where real words come from, as ids of the models in the box. corpus/prompts.ts makes it, loaded when it is needed. */
export interface TextSource {
  readonly vocabulary: number;
  /** The id that ends a text. */
  readonly end: number;
  /** The beginning of a story, `length` tokens exactly. */
  story(random: Prng, length: number): TextPrompt;
  /** A text up to a question, about `length` tokens. */
  question(random: Prng, length: number): TextPrompt;
  decode(ids: readonly number[]): string;
}

/** What a generator is told beside its knobs. */
export interface WorkloadContext {
  readonly seed: number;
  readonly limits: Limits;
  /** Requests a second that this device serves when saturated; needed when a rate is a fraction of it. */
  readonly capacity?: number;
  readonly text?: TextSource;
}

/** A client's loop: how many are under way at once, and how long each thinks. */
export interface ClosedLoop {
  readonly clients: number;
  readonly think: number;
}

export interface Generated {
  /** In order of arrival. */
  readonly requests: readonly Request[];
  readonly closed?: ClosedLoop;
  /** What was scaled, cut or assumed, one sentence each: shown with every result. */
  readonly notes: readonly string[];
}

export interface Workload<K extends Knobs = Knobs> {
  readonly id: string;
  readonly title: string;
  /** What it is like, in one sentence. */
  readonly about: string;
  readonly knobs: K;
  generate(knobs: KnobValues<K>, context: WorkloadContext): Result<Generated, Failure>;
}

export interface RegisteredWorkload extends Omit<Workload, 'generate'> {
  make(given: Readonly<Record<string, KnobValue>>, context: WorkloadContext): Result<MadeWorkload, Failure>;
}

export interface MadeWorkload extends Generated {
  readonly knobs: Readonly<Record<string, KnobValue>>;
}

export function defineWorkload<const K extends Knobs>(workload: Workload<K>): RegisteredWorkload {
  const { generate, ...rest } = workload;
  return {
    ...rest,
    make: (given, context) => {
      const knobs = readKnobs(workload.id, workload.knobs, given);
      if (!knobs.ok) return knobs;
      const generated = generate(knobs.value, context);
      return generated.ok ? ok({ ...generated.value, knobs: knobs.value }) : generated;
    },
  };
}

/** The arrivals of a generated workload, afresh for each run. */
export const arrivalsOf = (workload: Generated): Arrivals =>
  workload.closed
    ? closedLoop(workload.requests, workload.closed.clients, workload.closed.think)
    : openLoop(workload.requests);

/** Requests for a model that ends its answers itself: what the workload knew of their ends is forgotten. */
export const endedByModel = (requests: readonly Request[]): Request[] =>
  requests.map(({ endsAfter, ...request }) =>
    request.stop?.endToken === undefined && endsAfter !== undefined ? { ...request, endsAfter } : request,
  );

/** A rate that refers to a capacity which nobody measured. */
export const noCapacity = (id: string): Result<never, Failure> =>
  err(
    failure(
      'no-capacity',
      `The rate of ${id} is a fraction of the device's capacity, which was not measured.`,
      'Measure the capacity first, or give the rate in requests a second.',
    ),
  );
