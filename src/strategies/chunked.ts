// Chunked prefill: a step is all decodes, filled up with pieces of prompts to a fixed number of tokens, so
// that no decode ever waits for a prompt.

import { admitInLine, budgetKnob, orderKnob, overtakeKnob, slotsKnob } from './blocks/admit.ts';
import { Draft } from './blocks/draft.ts';
import { admissionKnob, memoryKnob, watermarkKnob } from './blocks/memory.ts';
import { runResidents } from './blocks/residents.ts';
import { defineStrategy } from './contract.ts';

export default defineStrategy({
  id: 'chunked',
  title: 'Chunked prefill',
  rule: 'All decodes, then unfinished prompts, then new ones, within a fixed number of tokens a step.',
  knobs: {
    slots: slotsKnob(128),
    budget: budgetKnob(512),
    order: orderKnob,
    overtake: overtakeKnob,
    memory: memoryKnob('paged'),
    admission: admissionKnob,
    watermark: watermarkKnob(0),
  },
  presets: [
    {
      id: 'sarathi',
      title: 'Sarathi-Serve',
      source: 'Agrawal et al., OSDI 2024: stall-free batching, chunk size 512',
      knobs: { slots: 128, budget: 512 },
    },
  ],
  create: ({ slots, budget, order, overtake, memory, admission, watermark }) => ({
    // a step must hold a decode of every resident, or one of them would wait
    settings: {
      slots: Math.min(slots, budget),
      order,
      prefixCache: memory === 'prefix',
      holdFinished: false,
    },
    start: null,
    plan: (view, state) => {
      const draft = new Draft(view, budget);
      runResidents(
        draft,
        view.running.filter((slot) => !draft.prefilling(slot)),
      );
      runResidents(
        draft,
        view.running.filter((slot) => draft.prefilling(slot)),
      );
      admitInLine(draft, { memory, watermark, admission, chunk: true, overtake });
      return { plan: draft.plan(), state };
    },
  }),
});
