// Like the Mooncake conversation trace (Qin et al., FAST 2025; Apache-2.0): lengths and rate of its 12,031
// requests, and prefixes that share 36.6 % of all 512-token blocks with earlier requests. A request goes on
// from a recent one with a probability fitted to that ratio; the trace itself has no sessions.

import { prng } from '../core/prng.ts';
import { ok } from '../core/result.ts';
import type { PromptPart } from '../engine/request.ts';
import { fitShapes, limitKnob, type Shape, scaleKnob, toRequests } from './blocks/fit.ts';
import { drawQuantile, type Quantiles } from './blocks/lengths.ts';
import { arrivalTimes, closedOf, pacingKnobs, rateOf } from './blocks/pacing.ts';
import { defineWorkload, noCapacity } from './contract.ts';

const PROMPT: Quantiles = [
  [0, 890],
  [0.1, 1050],
  [0.25, 2700],
  [0.5, 6909],
  [0.75, 9890],
  [0.9, 27367],
  [0.95, 49974],
  [0.99, 85400],
  [0.999, 95000],
  [1, 126195],
];
const OUTPUT: Quantiles = [
  [0, 1],
  [0.1, 28],
  [0.25, 92],
  [0.5, 350],
  [0.75, 480],
  [0.9, 597],
  [0.99, 1118],
  [1, 2000],
];
const BLOCK = 512;
/** A request goes on from one of this many before it. */
const RECENT = 64;

export default defineWorkload({
  id: 'mooncake',
  title: 'Mooncake-like',
  about: 'Long conversations: prompts of many thousand tokens, a third of them shared with earlier ones.',
  knobs: {
    requests: { kind: 'int', default: 100, min: 1, max: 100_000, doc: 'How many requests.' },
    sharing: {
      kind: 'number',
      default: 0.97,
      min: 0,
      max: 1,
      doc: 'How often a request goes on from a recent one.',
    },
    ...pacingKnobs('poisson', 3.4),
    scale: scaleKnob,
    limit: limitKnob,
  },
  generate: (knobs, context) => {
    const rate = rateOf(knobs, context);
    if (rate === undefined) return noCapacity('mooncake');
    const random = prng(context.seed);
    const draws = random.fork(1);
    const shapes: Shape[] = [];
    let block = context.seed * 7919;
    for (let i = 0; i < knobs.requests; i++) {
      const length = drawQuantile(draws, PROMPT);
      const blocks = Math.ceil(length / BLOCK);
      const earlier =
        i > 0 && draws.next() < knobs.sharing ? shapes[Math.max(0, i - draws.int(1, RECENT))] : undefined;
      const shared = (earlier?.prompt ?? []).slice(
        0,
        Math.min(blocks - 1, (earlier?.prompt.length ?? 0) - 1),
      );
      const prompt: PromptPart[] = [...shared];
      for (let b = shared.length; b < blocks; b++)
        prompt.push({ seed: ++block, length: b === blocks - 1 ? length - b * BLOCK : BLOCK });
      shapes.push({ prompt, output: drawQuantile(draws, OUTPUT) });
    }
    const fitted = fitShapes(shapes, knobs.scale, context.limits);
    const times = arrivalTimes(random.fork(2), knobs.requests, rate, knobs);
    const requests = toRequests(fitted.shapes, times, context.limits, knobs.limit);
    return ok({ requests, notes: fitted.notes, ...closedOf(knobs) });
  },
});
