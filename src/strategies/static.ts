// Static (request-level) batching: up to B requests, padded, until all of them have finished.

import { orderKnob, slotsKnob } from './blocks/admit.ts';
import { batchMemoryKnob, finishedKnob, formBatch, padKnob, runBatch } from './blocks/batch-run.ts';
import { Draft } from './blocks/draft.ts';
import { defineStrategy } from './contract.ts';

export default defineStrategy({
  id: 'static',
  title: 'Static batching',
  rule: 'A batch runs until all its requests have finished; only then does the next one start.',
  knobs: {
    slots: slotsKnob(8),
    order: orderKnob,
    pad: padKnob,
    finished: finishedKnob,
    memory: batchMemoryKnob,
  },
  presets: [],
  create: ({ slots, order, pad, finished, memory }) => ({
    settings: { slots, order, prefixCache: false, holdFinished: finished === 'hold' },
    start: null,
    plan: (view, state) => {
      const draft = new Draft(view);
      if (!runBatch(draft, pad)) formBatch(draft, view.slots, memory, pad);
      return { plan: draft.plan(), state };
    },
  }),
});
