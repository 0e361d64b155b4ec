// One request at a time, from its prompt to its last token: what in-browser engines do today.

import { admitInLine, orderKnob } from './blocks/admit.ts';
import { Draft } from './blocks/draft.ts';
import { memoryKnob } from './blocks/memory.ts';
import { runResidents } from './blocks/residents.ts';
import { defineStrategy } from './contract.ts';

export default defineStrategy({
  id: 'serial',
  title: 'Serial',
  rule: 'One request runs alone until its answer is complete; the others wait.',
  knobs: { order: orderKnob, memory: memoryKnob('paged') },
  presets: [
    {
      id: 'in-browser',
      title: 'In-browser engine today',
      source: 'WebLLM and transformers.js: a chat engine answers one request at a time',
      knobs: {},
    },
  ],
  create: ({ order, memory }) => ({
    settings: { slots: 1, order, prefixCache: memory === 'prefix', holdFinished: false },
    start: null,
    plan: (view, state) => {
      const draft = new Draft(view);
      runResidents(draft, view.running);
      const rule = { memory, watermark: 0, admission: 'free-pages', chunk: false, overtake: false } as const;
      admitInLine(draft, rule);
      return { plan: draft.plan(), state };
    },
  }),
});
