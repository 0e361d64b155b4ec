// The small case that every explanation starts from: four requests of 8 tokens, outputs 2, 8, 4 and 6.

import { ok } from '../core/result.ts';
import { defineWorkload } from './contract.ts';

export default defineWorkload({
  id: 'two-slot',
  title: 'Two slots, four requests',
  about: 'Four requests at once, prompts of 8 tokens, outputs 2, 8, 4 and 6: meant for two slots.',
  knobs: {
    repeat: { kind: 'int', default: 1, min: 1, max: 1000, doc: 'How many times the four come, all at once.' },
  },
  generate: ({ repeat }, { seed }) =>
    ok({
      requests: Array.from({ length: 4 * repeat }, (_, id) => ({
        id,
        arrival: 0,
        prompt: [{ seed: id + 1 + seed * 7919, length: 8 }],
        maxTokens: [2, 8, 4, 6][id % 4] as number,
      })),
      notes: [],
    }),
});
