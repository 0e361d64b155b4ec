// Continuous (iteration-level) batching: requests join and leave at every step. Prefill and decode mix.

import { admitInLine, orderKnob, overtakeKnob, slotsKnob } from './blocks/admit.ts';
import { Draft } from './blocks/draft.ts';
import { admissionKnob, memoryKnob, watermarkKnob } from './blocks/memory.ts';
import { runResidents } from './blocks/residents.ts';
import { defineStrategy } from './contract.ts';

export default defineStrategy({
  id: 'continuous',
  title: 'Continuous batching',
  rule: 'At every step all residents decode, and waiting requests join while slots and KV memory allow.',
  knobs: {
    slots: slotsKnob(8),
    order: orderKnob,
    overtake: overtakeKnob,
    memory: memoryKnob('reserve'),
    admission: admissionKnob,
    watermark: watermarkKnob(0),
  },
  presets: [
    {
      id: 'orca',
      title: 'Orca',
      source: 'Yu et al., OSDI 2022: iteration-level scheduling, KV slots reserved for the longest answer',
      knobs: { memory: 'reserve' },
    },
  ],
  create: ({ slots, order, overtake, memory, admission, watermark }) => ({
    settings: { slots, order, prefixCache: memory === 'prefix', holdFinished: false },
    start: null,
    plan: (view, state) => {
      const draft = new Draft(view);
      runResidents(draft, view.running);
      admitInLine(draft, { memory, watermark, admission, chunk: false, overtake });
      return { plan: draft.plan(), state };
    },
  }),
});
