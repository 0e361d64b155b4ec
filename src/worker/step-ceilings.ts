// The ceilings that bound a model's step, measured once a device. Only a whole set is kept: one that a cancel cut short would
// bound every later step by what happened to be measured.

import { messageOf } from '../core/message-of.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { CeilingName, Ceilings } from '../measure/schema.ts';

// int8 activations meet int8 weights in packed products
const names = ['readBandwidth', 'f32', 'dot4i8', 'dispatch'] as const satisfies readonly CeilingName[];

export class StepCeilings {
  readonly #measure: (names: readonly CeilingName[], stopped: () => boolean) => Promise<Ceilings>;
  #known: Ceilings | undefined;

  constructor(measure: (names: readonly CeilingName[], stopped: () => boolean) => Promise<Ceilings>) {
    this.#measure = measure;
  }

  /** The ceilings, or why they are not known: `stop` says why measuring should end, null while it may go on. */
  async get(stop: () => string | null): Promise<Result<Ceilings, string>> {
    if (this.#known) return ok(this.#known);
    try {
      const measured = stop() === null ? await this.#measure(names, () => stop() !== null) : null;
      if (!measured || stop() !== null) return err(stop() ?? 'they were not measured');
      this.#known = measured;
      return ok(measured);
    } catch (error) {
      return err(stop() ?? messageOf(error));
    }
  }
}
