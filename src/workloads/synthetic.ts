// Requests with lengths and arrivals of a chosen shape: the plain case that all others vary.

import { prng } from '../core/prng.ts';
import { ok } from '../core/result.ts';
import { fitShapes, limitKnob, scaleKnob, toRequests } from './blocks/fit.ts';
import { drawLength, LENGTH_SHAPES } from './blocks/lengths.ts';
import { arrivalTimes, closedOf, pacingKnobs, rateOf } from './blocks/pacing.ts';
import { defineWorkload, noCapacity } from './contract.ts';

const meanKnob = (value: number, what: string) =>
  ({
    kind: 'int',
    default: value,
    min: 1,
    max: 1_000_000,
    unit: 'tokens',
    doc: `Mean length of ${what}.`,
  }) as const;
const shapeKnob = {
  kind: 'choice',
  default: 'uniform',
  options: LENGTH_SHAPES,
  doc: 'Shape of lengths.',
} as const;

export default defineWorkload({
  id: 'synthetic',
  title: 'Synthetic',
  about: 'Prompts and answers of a chosen distribution, arriving as you like.',
  knobs: {
    requests: { kind: 'int', default: 64, min: 1, max: 100_000, doc: 'How many requests.' },
    prompt: meanKnob(64, 'prompts'),
    promptShape: shapeKnob,
    output: meanKnob(32, 'answers'),
    outputShape: shapeKnob,
    ...pacingKnobs('burst', 4),
    scale: { ...scaleKnob, default: 1 },
    limit: limitKnob,
  },
  generate: (knobs, context) => {
    const rate = rateOf(knobs, context);
    if (rate === undefined) return noCapacity('synthetic');
    const random = prng(context.seed);
    const lengths = random.fork(1);
    const shapes = Array.from({ length: knobs.requests }, (_, i) => ({
      prompt: [
        { seed: i + 1 + context.seed * 7919, length: drawLength(lengths, knobs.promptShape, knobs.prompt) },
      ],
      output: drawLength(lengths, knobs.outputShape, knobs.output),
    }));
    const fitted = fitShapes(shapes, knobs.scale, context.limits);
    const times = arrivalTimes(random.fork(2), knobs.requests, rate, knobs);
    const requests = toRequests(fitted.shapes, times, context.limits, knobs.limit);
    return ok({ requests, notes: fitted.notes, ...closedOf(knobs) });
  },
});
