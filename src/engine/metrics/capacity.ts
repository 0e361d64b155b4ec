// Goodput in its second meaning (DistServe): the highest rate at which enough requests meet every objective.
// It is a capacity and is found by search, so it needs a function that serves the workload at a rate.

/** Of `goodput_capacity`, which is no metric of one run. */
export const capacityFormula =
  'highest rate at which ≥ 90 % of requests meet every objective, found by search over runs on the virtual clock (DistServe)';

export interface CapacitySearch {
  /** Share of requests that met every objective when served at `rate` requests a second. */
  attainment(rate: number): number;
  /** The share that must meet them. */
  readonly wanted?: number;
  /** Where the search starts. */
  readonly from: number;
  /** Relative width at which it stops. */
  readonly tolerance?: number;
}

export interface Capacity {
  /** Requests a second; 0 when even the slowest rate tried misses. */
  readonly rate: number;
  readonly tried: readonly { readonly rate: number; readonly attainment: number }[];
}

/** Doubles or halves until the objective is bracketed (30 times at most), then bisects. */
export function findCapacity({ attainment, wanted = 0.9, from, tolerance = 0.02 }: CapacitySearch): Capacity {
  const tried: { rate: number; attainment: number }[] = [];
  const good = (rate: number): boolean => {
    const share = attainment(rate);
    tried.push({ rate, attainment: share });
    return share >= wanted;
  };
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  for (let rate = from, n = 0; n < 30 && (low === 0 || high === Number.POSITIVE_INFINITY); n++) {
    if (good(rate)) low = rate;
    else high = rate;
    rate = low === 0 ? high / 2 : low * 2;
  }
  if (low === 0 || high === Number.POSITIVE_INFINITY) return { rate: low, tried };
  while ((high - low) / low > tolerance) {
    const rate = (low + high) / 2;
    if (good(rate)) low = rate;
    else high = rate;
  }
  return { rate: low, tried };
}
