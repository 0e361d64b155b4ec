// Fits the cost model's coefficients to measured steps: non-negative least squares on relative errors, so that a short
// step counts as much as a long one.

import { assert, at } from '../core/assert.ts';
import { quantile } from '../core/stats.ts';
import { type CostModel, FEATURES, type StepFeatures, stepSeconds } from './cost-model.ts';

/** One measured step. */
export interface MeasuredStep {
  readonly features: StepFeatures;
  readonly seconds: number;
}

export interface Fit {
  readonly seconds: StepFeatures;
  /**
   * |predicted − measured| / measured, median and 90th percentile, each step predicted by a fit of four fifths of the steps
   * to which it did not belong.
   */
  readonly residuals: { readonly median: number; readonly p90: number; readonly n: number };
}

const folds = 5;

/** Fits all steps, and says how well such a fit predicts steps that it has not seen. */
export function fitCost(steps: readonly MeasuredStep[]): Fit {
  const errors: number[] = [];
  for (let fold = 0; fold < folds; fold++) {
    const seen = steps.filter((_, i) => i % folds !== fold);
    const unseen = steps.filter((_, i) => i % folds === fold);
    errors.push(...errorsOf(unseen, { seconds: solve(seen) }));
  }
  return { seconds: solve(steps), residuals: summary(errors) };
}

/**
 * min ‖W(Xb − y)‖² with b ≥ 0 and W = 1/y, by coordinate descent (Franc, Hlaváč & Navara 2005). Features that never
 * change beside the constant (`dispatches` of one model, say) share their cost with it and stay 0.
 */
function solve(steps: readonly MeasuredStep[]): StepFeatures {
  assert(
    steps.length >= FEATURES.length,
    `${steps.length} steps are too few to fit ${FEATURES.length} coefficients`,
  );
  const names = FEATURES.filter((name) => {
    if (name === 'step') return true;
    const first = at(steps, 0).features[name];
    return steps.some((s) => s.features[name] !== first);
  });
  const rows = steps.map(({ features, seconds }) => names.map((name) => features[name] / seconds));
  // columns of unit length: coefficients that differ by six powers of ten converge alike
  const norms = names.map((_, j) => Math.sqrt(rows.reduce((sum, row) => sum + at(row, j) ** 2, 0)) || 1);
  const columns = names.map((_, j) => rows.map((row) => at(row, j) / at(norms, j)));
  const gram = columns.map((a) => columns.map((b) => dot(a, b)));
  const target = columns.map((column) => column.reduce((sum, x) => sum + x, 0)); // every weighted y is 1
  const b = names.map(() => 0);
  for (let sweep = 0; sweep < 20_000; sweep++) {
    let moved = 0;
    for (let j = 0; j < b.length; j++) {
      const row = at(gram, j);
      const gradient = dot(row, b) - at(target, j);
      const next = Math.max(0, at(b, j) - gradient / at(row, j));
      moved = Math.max(moved, Math.abs(next - at(b, j)));
      b[j] = next;
    }
    if (moved < 1e-12) break;
  }
  const seconds = Object.fromEntries(FEATURES.map((name) => [name, 0])) as Record<keyof StepFeatures, number>;
  names.forEach((name, j) => {
    seconds[name] = at(b, j) / at(norms, j);
  });
  return seconds;
}

/** Relative errors of a model's predictions over measured steps. */
export const residualsOf = (
  steps: readonly MeasuredStep[],
  model: Pick<CostModel, 'seconds'>,
): Fit['residuals'] => summary(errorsOf(steps, model));

const errorsOf = (steps: readonly MeasuredStep[], model: Pick<CostModel, 'seconds'>): number[] =>
  steps.map((s) => Math.abs(stepSeconds(s.features, model) - s.seconds) / s.seconds);

const summary = (errors: readonly number[]): Fit['residuals'] => ({
  median: quantile(errors, 0.5),
  p90: quantile(errors, 0.9),
  n: errors.length,
});

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, i) => sum + x * at(b, i), 0);
