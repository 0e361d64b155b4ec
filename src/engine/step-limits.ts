// What the executor on the GPU computes at most in one step. Its buffers are made from these numbers (worker/serving/host.ts), and a
// clock that was fitted to a device plans within them too, so that both clocks plan alike.

import type { CostModel } from './cost-model.ts';
import type { Limits, StepLimits } from './view.ts';

/** For sequences of up to `window` tokens. Activations take memory in proportion to `tokens`. */
export const stepLimitsOf = (window: number): StepLimits => ({
  rows: 256,
  tokens: Math.max(1024, window, Math.min(8192, 16 * window)),
});

/** The limits of a run on this clock. One that was fitted stands for its device. */
export const limitsOn = (cost: CostModel, limits: Limits): Limits =>
  cost.provenance.kind === 'fitted' ? { ...limits, step: stepLimitsOf(limits.window) } : limits;
