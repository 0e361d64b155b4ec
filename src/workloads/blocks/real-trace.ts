// Generators that follow published statistics of a real trace: quantiles of lengths, rate and gaps.

import { prng } from '../../core/prng.ts';
import { ok } from '../../core/result.ts';
import { defineWorkload, noCapacity, type RegisteredWorkload } from '../contract.ts';
import { fitShapes, limitKnob, type Shape, scaleKnob, toRequests } from './fit.ts';
import { drawQuantile, type Quantiles } from './lengths.ts';
import { arrivalTimes, closedOf, pacingKnobs, rateOf } from './pacing.ts';

export interface TraceStatistics {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  /** Requests a second. */
  readonly rate: number;
  /** Coefficient of variation of the gaps between arrivals. */
  readonly gapVariation: number;
  readonly prompt: Quantiles;
  readonly output: Quantiles;
}

/** A workload like a trace; its prompts share nothing, as the trace says nothing about sharing. */
export const likeTrace = (statistics: TraceStatistics): RegisteredWorkload => {
  const { id, title, about, rate, gapVariation, prompt, output } = statistics;
  return defineWorkload({
    id,
    title,
    about,
    knobs: {
      requests: { kind: 'int', default: 100, min: 1, max: 100_000, doc: 'How many requests.' },
      ...pacingKnobs('gamma', rate, 1 / gapVariation ** 2),
      scale: scaleKnob,
      limit: limitKnob,
    },
    generate: (knobs, context) => {
      const perSecond = rateOf(knobs, context);
      if (perSecond === undefined) return noCapacity(id);
      const random = prng(context.seed);
      const lengths = random.fork(1);
      const shapes: Shape[] = Array.from({ length: knobs.requests }, (_, i) => ({
        prompt: [{ seed: i + 1 + context.seed * 7919, length: drawQuantile(lengths, prompt) }],
        output: drawQuantile(lengths, output),
      }));
      const fitted = fitShapes(shapes, knobs.scale, context.limits);
      const times = arrivalTimes(random.fork(2), knobs.requests, perSecond, knobs);
      const requests = toRequests(fitted.shapes, times, context.limits, knobs.limit);
      return ok({ requests, notes: fitted.notes, ...closedOf(knobs) });
    },
  });
};
