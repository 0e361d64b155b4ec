// Fits the cost model's coefficients to measured steps: non-negative least squares on relative errors, so that a short
// step counts as much as a long one. Where ends are seen on a grid of ticks, what is fitted is the mean time that is then seen.

import { assert, at } from '../core/assert.ts';
import { quantile } from '../core/stats.ts';
import { FEATURES, type StepClock, type StepFeatures, stepSeconds, workSeconds } from './cost-model.ts';
import { seenAfter, type Ticks } from './ticks.ts';

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

/** Rows of a tile that a device's kernels may compute at once; 1: each row costs the same. */
const tiles = [1, 4, 8, 16, 32, 64];

export interface TiledFit extends Fit {
  readonly tile: number;
}

/**
 * Fits with the tile that predicts unseen steps best: which kernels run, and whether idle rows of a tile cost anything, differs from
 * adapter to adapter.
 */
export function fitTiled(steps: readonly MeasuredStep[], ticks?: Ticks): TiledFit {
  const fits = tiles.map((tile) => ({
    ...fitCost(
      steps.map((step) => tiled(step, tile)),
      ticks,
    ),
    tile,
  }));
  return fits.reduce((best, fit) => (score(fit) < score(best) ? fit : best));
}

const score = ({ residuals }: Fit): number => residuals.median + residuals.p90;

export const tiled = ({ features, seconds }: MeasuredStep, tile: number): MeasuredStep => ({
  features: {
    ...features,
    tileRows: Math.ceil((features.prefillTokens + features.decodeRows) / tile) * tile,
  },
  seconds,
});

/** Fits all steps, and says how well such a fit predicts steps that it has not seen. */
export function fitCost(steps: readonly MeasuredStep[], ticks?: Ticks): Fit {
  const errors: number[] = [];
  for (let fold = 0; fold < folds; fold++) {
    const seen = steps.filter((_, i) => i % folds !== fold);
    const unseen = steps.filter((_, i) => i % folds === fold);
    errors.push(...errorsOf(unseen, { seconds: solveTo(seen, ticks), ticks }));
  }
  return { seconds: solveTo(steps, ticks), residuals: summary(errors) };
}

/** Gauss–Newton steps after which the fit hardly moves, and the least slope that one is taken along. */
const passes = 12;
const leastSlope = 0.1;

/**
 * Least squares on relative errors of what is seen: without ticks one linear problem, with them a few, each along the slope at which
 * the seen time follows the work. In the middle between two ticks it hardly does, and such a step then says little.
 */
function solveTo(steps: readonly MeasuredStep[], ticks: Ticks | undefined): StepFeatures {
  const direct = steps.map((s) => ({ ...s, weight: 1 / s.seconds }));
  if (!ticks) return solve(direct);
  let best = solve(
    direct.map((s) => ({ ...s, seconds: Math.max(s.seconds / 2, s.seconds - ticks.every / 2) })),
  );
  let least = loss(steps, { seconds: best, ticks });
  let from = best;
  for (let pass = 0; pass < passes; pass++) {
    const next = solve(
      steps.map(({ features, seconds }) => {
        const work = workSeconds(features, { seconds: from });
        const small = ticks.every / 50;
        const seen = seenAfter(work, ticks);
        const slope = Math.max(
          leastSlope,
          (seenAfter(work + small, ticks) - seenAfter(work - small, ticks)) / (2 * small),
        );
        return { features, seconds: work + (seconds - seen) / slope, weight: slope / seconds };
      }),
    );
    from = halfway(from, next);
    const found = loss(steps, { seconds: from, ticks });
    if (found < least) {
      least = found;
      best = from;
    }
  }
  return best;
}

const loss = (steps: readonly MeasuredStep[], clock: StepClock): number =>
  errorsOf(steps, clock).reduce((sum, error) => sum + error ** 2, 0);

/** Half a step is safer where the slope changes within a tick. */
const halfway = (a: StepFeatures, b: StepFeatures): StepFeatures => {
  const between = { ...a } as Record<keyof StepFeatures, number>;
  for (const name of FEATURES) between[name] = (a[name] + b[name]) / 2;
  return between;
};

interface WeightedStep extends MeasuredStep {
  readonly weight: number;
}

/**
 * min ‖W(Xb − y)‖² with b ≥ 0. The best b is the plain least-squares solution over the features it uses, and with so few
 * features every subset can be tried. Features that never change beside the constant (`dispatches` of one model, say) share
 * their cost with it and stay 0.
 */
function solve(steps: readonly WeightedStep[]): StepFeatures {
  const names = FEATURES.filter((name) => {
    if (name === 'step') return true;
    const first = at(steps, 0).features[name];
    return steps.some((s) => s.features[name] !== first);
  });
  assert(
    steps.length >= names.length,
    `${steps.length} steps are too few to fit ${names.length} coefficients`,
  );
  const rows = steps.map(({ features, weight }) => names.map((name) => features[name] * weight));
  const wanted = steps.map(({ seconds, weight }) => seconds * weight);
  // columns of unit length, because coefficients differ by six powers of ten
  const norms = names.map((_, j) => Math.sqrt(rows.reduce((sum, row) => sum + at(row, j) ** 2, 0)) || 1);
  const columns = names.map((_, j) => rows.map((row) => at(row, j) / at(norms, j)));
  const gram = columns.map((a) => columns.map((b) => dot(a, b)));
  const target = columns.map((column) => dot(column, wanted));
  let best = names.map(() => 0);
  let gained = 0;
  for (let subset = 1; subset < 2 ** names.length; subset++) {
    const used = names.flatMap((_, j) => ((subset >> j) & 1 ? [j] : []));
    const b = leastSquares(
      used.map((j) => used.map((k) => at(at(gram, j), k))),
      used.map((j) => at(target, j)),
    );
    if (!b?.every((x) => x >= 0)) continue;
    // ‖Xb − y‖² = ‖y‖² − b·Xᵀy at a least-squares solution
    const gain = b.reduce((sum, x, i) => sum + x * at(target, at(used, i)), 0);
    if (gain <= gained) continue;
    gained = gain;
    best = names.map((_, j) => (used.includes(j) ? at(b, used.indexOf(j)) : 0));
  }
  const seconds = Object.fromEntries(FEATURES.map((name) => [name, 0])) as Record<keyof StepFeatures, number>;
  names.forEach((name, j) => {
    seconds[name] = at(best, j) / at(norms, j);
  });
  return seconds;
}

/** Below this a column is a sum of the others, to rounding. */
const smallest = 1e-9;

/** Solves a symmetric positive definite system by Cholesky's factors; undefined where its columns depend on each other. */
function leastSquares(
  matrix: readonly (readonly number[])[],
  right: readonly number[],
): number[] | undefined {
  const lower = matrix.map((row) => row.map(() => 0));
  const n = right.length;
  for (let i = 0; i < n; i++) {
    const own = at(lower, i);
    for (let j = 0; j <= i; j++) {
      const other = at(lower, j);
      let rest = at(at(matrix, i), j);
      for (let k = 0; k < j; k++) rest -= at(own, k) * at(other, k);
      if (i === j && rest < smallest) return undefined;
      own[j] = i === j ? Math.sqrt(rest) : rest / at(other, j);
    }
  }
  const x = [...right];
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i] = at(x, i) - at(at(lower, i), k) * at(x, k);
    x[i] = at(x, i) / at(at(lower, i), i);
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i] = at(x, i) - at(at(lower, k), i) * at(x, k);
    x[i] = at(x, i) / at(at(lower, i), i);
  }
  return x;
}

/** Relative errors of a model's predictions over measured steps. */
export const residualsOf = (steps: readonly MeasuredStep[], model: StepClock): Fit['residuals'] =>
  summary(errorsOf(steps, model));

const errorsOf = (steps: readonly MeasuredStep[], model: StepClock): number[] =>
  steps.map((s) => Math.abs(stepSeconds(s.features, model) - s.seconds) / s.seconds);

const summary = (errors: readonly number[]): Fit['residuals'] => ({
  median: quantile(errors, 0.5),
  p90: quantile(errors, 0.9),
  n: errors.length,
});

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, i) => sum + x * at(b, i), 0);
