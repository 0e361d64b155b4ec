// Short requests under way when one very long prompt arrives: who stalls, and for how long?

import { ok } from '../core/result.ts';
import { fitShapes, scaleKnob, toRequests } from './blocks/fit.ts';
import { defineWorkload } from './contract.ts';

export default defineWorkload({
  id: 'late-long-prompt',
  title: 'A late long prompt',
  about: 'Some short requests are decoding when one long prompt arrives.',
  knobs: {
    short: { kind: 'int', default: 7, min: 1, max: 4095, doc: 'Short requests, all at once.' },
    shortPrompt: { kind: 'int', default: 16, min: 1, max: 100_000, unit: 'tokens', doc: 'Their prompts.' },
    shortOutput: { kind: 'int', default: 64, min: 1, max: 100_000, unit: 'tokens', doc: 'Their answers.' },
    longPrompt: {
      kind: 'int',
      default: 1024,
      min: 1,
      max: 1_000_000,
      unit: 'tokens',
      doc: 'The long prompt.',
    },
    longOutput: { kind: 'int', default: 16, min: 1, max: 100_000, unit: 'tokens', doc: 'Its answer.' },
    after: { kind: 'number', default: 0.1, min: 0, max: 1e6, unit: 's', doc: 'When the long one arrives.' },
    scale: { ...scaleKnob, default: 1 },
  },
  generate: (k, { seed, limits }) => {
    const shapes = Array.from({ length: k.short + 1 }, (_, i) => ({
      prompt: [{ seed: i + 1 + seed * 7919, length: i < k.short ? k.shortPrompt : k.longPrompt }],
      output: i < k.short ? k.shortOutput : k.longOutput,
    }));
    const fitted = fitShapes(shapes, k.scale, limits);
    const times = shapes.map((_, i) => (i < k.short ? 0 : k.after));
    return ok({ requests: toRequests(fitted.shapes, times, limits, 'exact'), notes: fitted.notes });
  },
});
