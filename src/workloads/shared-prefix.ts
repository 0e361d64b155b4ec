// Requests that start with the same system prompt: what a prefix cache lives from.

import { prng } from '../core/prng.ts';
import { ok } from '../core/result.ts';
import { fitShapes, limitKnob, scaleKnob, toRequests } from './blocks/fit.ts';
import { drawLength } from './blocks/lengths.ts';
import { arrivalTimes, closedOf, pacingKnobs, rateOf } from './blocks/pacing.ts';
import { defineWorkload, noCapacity } from './contract.ts';

export default defineWorkload({
  id: 'shared-prefix',
  title: 'Shared prefixes',
  about: 'Each request starts with one of a few long prefixes and goes on with a question of its own.',
  knobs: {
    requests: { kind: 'int', default: 64, min: 1, max: 100_000, doc: 'How many requests.' },
    groups: { kind: 'int', default: 4, min: 1, max: 10_000, doc: 'How many different prefixes.' },
    prefix: { kind: 'int', default: 96, min: 1, max: 100_000, unit: 'tokens', doc: 'Length of a prefix.' },
    question: {
      kind: 'int',
      default: 16,
      min: 1,
      max: 100_000,
      unit: 'tokens',
      doc: 'Mean length of the rest.',
    },
    output: {
      kind: 'int',
      default: 24,
      min: 1,
      max: 100_000,
      unit: 'tokens',
      doc: 'Mean length of answers.',
    },
    ...pacingKnobs('poisson', 4),
    scale: { ...scaleKnob, default: 1 },
    limit: limitKnob,
  },
  generate: (knobs, context) => {
    const rate = rateOf(knobs, context);
    if (rate === undefined) return noCapacity('shared-prefix');
    const random = prng(context.seed);
    const lengths = random.fork(1);
    const shapes = Array.from({ length: knobs.requests }, (_, i) => ({
      prompt: [
        { seed: 1_000_000 + lengths.int(0, knobs.groups - 1) + context.seed * 7919, length: knobs.prefix },
        { seed: i + 1 + context.seed * 7919, length: drawLength(lengths, 'uniform', knobs.question) },
      ],
      output: drawLength(lengths, 'uniform', knobs.output),
    }));
    const fitted = fitShapes(shapes, knobs.scale, context.limits);
    const times = arrivalTimes(random.fork(2), knobs.requests, rate, knobs);
    const requests = toRequests(fitted.shapes, times, context.limits, knobs.limit);
    return ok({ requests, notes: fitted.notes, ...closedOf(knobs) });
  },
});
