// What a metric is: a name, a unit, a formula to print, and a function of the facts of a trace.

import type { Facts } from './facts.ts';
import type { Latencies, Slo } from './latency.ts';

/** What a user pays, for the metrics of cost: each has a value where its own part is known. */
export interface Price {
  /** Currency units an hour of this device. */
  readonly perHour?: number;
  /** Watts while it runs. */
  readonly watts?: number;
}

export interface MetricInput extends Facts {
  readonly latencies: readonly Latencies[];
  readonly slo: Slo;
  readonly price: Price;
}

export interface Metric {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly formula: string;
  readonly better: 'lower' | 'higher' | 'neither';
  /** Undefined when the run has nothing to compute it from. */
  value(input: MetricInput): number | undefined;
}
