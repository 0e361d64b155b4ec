// When requests arrive: the shapes of arrival that every generator offers, and the knobs they share.

import type { Prng } from '../../core/prng.ts';
import type { ClosedLoop, WorkloadContext } from '../contract.ts';

export const ARRIVALS = {
  poisson: 'independent arrivals',
  gamma: 'gaps ~ Gamma(burstiness, 1/(rate · burstiness)); 1 is Poisson, smaller is burstier',
  constant: 'equal gaps',
  burst: 'all at once',
  ramp: 'Poisson, the rate growing evenly in time from nothing to twice its mean',
  closed: 'a fixed number of clients, each sending when it is answered',
} as const;
export type ArrivalShape = keyof typeof ARRIVALS;

/** Knobs of arrival; a generator states its own rate and shape. */
export const pacingKnobs = <const A extends ArrivalShape>(arrivals: A, rate: number, burstiness = 1) =>
  ({
    arrivals: { kind: 'choice', default: arrivals, options: ARRIVALS, doc: 'How requests arrive.' },
    rate: {
      kind: 'number',
      default: rate,
      min: 1e-6,
      max: 1e6,
      doc: 'Requests a second, or a fraction of capacity.',
    },
    rateOf: {
      kind: 'choice',
      default: 'seconds',
      options: { seconds: 'requests a second', capacity: "a fraction of the device's measured capacity" },
      doc: 'What the rate refers to.',
    },
    burstiness: {
      kind: 'number',
      default: burstiness,
      min: 0.001,
      max: 1000,
      doc: 'Shape of the gaps: 1/cv². Used by gamma arrivals.',
    },
    clients: { kind: 'int', default: 8, min: 1, max: 4096, doc: 'Clients of a closed loop.' },
    think: {
      kind: 'number',
      default: 0,
      min: 0,
      max: 3600,
      unit: 's',
      doc: 'Pause of a closed-loop client.',
    },
  }) as const;

export interface Pacing {
  readonly arrivals: ArrivalShape;
  readonly rate: number;
  readonly rateOf: 'seconds' | 'capacity';
  readonly burstiness: number;
  readonly clients: number;
  readonly think: number;
}

/** Requests a second, or undefined when the capacity is needed and unknown. */
export const rateOf = (pacing: Pacing, context: WorkloadContext): number | undefined =>
  pacing.rateOf === 'seconds' || pacing.arrivals === 'burst' || pacing.arrivals === 'closed'
    ? pacing.rate
    : context.capacity === undefined
      ? undefined
      : pacing.rate * context.capacity;

export const closedOf = ({ arrivals, clients, think }: Pacing): { closed?: ClosedLoop } =>
  arrivals === 'closed' ? { closed: { clients, think } } : {};

/** Arrival times in seconds, ascending. */
export function arrivalTimes(random: Prng, count: number, rate: number, pacing: Pacing): number[] {
  const times: number[] = [];
  let time = 0;
  let expected = 0;
  for (let i = 0; i < count; i++) {
    times.push(time);
    switch (pacing.arrivals) {
      case 'burst':
      case 'closed':
        break;
      case 'constant':
        time += 1 / rate;
        break;
      case 'poisson':
        time += random.exponential(1 / rate);
        break;
      case 'gamma':
        time += random.gamma(pacing.burstiness, 1 / (rate * pacing.burstiness));
        break;
      case 'ramp':
        // rate(t) = 2·rate·t/T with T = count/rate, so (rate·t)²/count requests are expected by t. The times at which that
        // reaches the points of a Poisson process of rate 1 are arrivals at rate(t) (Çinlar 1975: inversion of the expectation)
        expected += random.exponential(1);
        time = Math.sqrt(expected * count) / rate;
        break;
    }
  }
  return times;
}
