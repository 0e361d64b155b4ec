// What a strategy is: one file that answers one question, "what runs in the next step?".
// Its `create` fixes the knobs; the planner it returns is a function of (view, state) alone.

import { type Knobs, type KnobValue, type KnobValues, readKnobs } from '../core/knobs.ts';
import { type Failure, ok, type Result } from '../core/result.ts';
import type { Planner } from '../engine/plan.ts';
import type { Limits } from '../engine/view.ts';

/** A published system with its published defaults. */
export interface Preset {
  readonly id: string;
  readonly title: string;
  /** Where the defaults are published. */
  readonly source: string;
  readonly knobs: Readonly<Record<string, KnobValue>>;
}

export interface Strategy<K extends Knobs = Knobs> {
  /** Equals the file's name. */
  readonly id: string;
  readonly title: string;
  /** The rule in one sentence. */
  readonly rule: string;
  readonly knobs: K;
  readonly presets: readonly Preset[];
  /** Plans under these knobs; `limits` lets it clamp what the pool cannot hold. */
  create(knobs: KnobValues<K>, limits: Limits): Planner;
}

/** A strategy with the types of its knobs checked; registries hold the erased form. */
export interface RegisteredStrategy extends Omit<Strategy, 'create'> {
  make(given: Readonly<Record<string, KnobValue>>, limits: Limits): Result<Made, Failure>;
}

export interface Made {
  readonly planner: Planner;
  /** Every knob's value, defaults included. */
  readonly knobs: Readonly<Record<string, KnobValue>>;
}

export function defineStrategy<const K extends Knobs>(strategy: Strategy<K>): RegisteredStrategy {
  const { create, ...rest } = strategy;
  return {
    ...rest,
    make: (given, limits) => {
      const knobs = readKnobs(strategy.id, strategy.knobs, given);
      return knobs.ok ? ok({ planner: create(knobs.value, limits), knobs: knobs.value }) : knobs;
    },
  };
}
