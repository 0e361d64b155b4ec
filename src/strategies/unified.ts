// One token budget, no phases: a request is behind by known − computed tokens, and a step catches up.

import { admitInLine, budgetKnob, orderKnob, overtakeKnob, slotsKnob } from './blocks/admit.ts';
import { Draft } from './blocks/draft.ts';
import { admissionKnob, memoryKnob, watermarkKnob } from './blocks/memory.ts';
import { runResidents } from './blocks/residents.ts';
import { defineStrategy } from './contract.ts';

export default defineStrategy({
  id: 'unified',
  title: 'Unified token budget',
  rule: 'Residents first, then waiting requests, each for the tokens it is behind, within one token budget.',
  knobs: {
    slots: slotsKnob(128),
    budget: budgetKnob(2048),
    chunking: {
      kind: 'boolean',
      default: true,
      doc: 'Whether a prompt may be cut to the budget that is left.',
    },
    order: orderKnob,
    overtake: overtakeKnob,
    memory: memoryKnob('prefix'),
    admission: admissionKnob,
    watermark: watermarkKnob(0),
  },
  presets: [
    {
      id: 'vllm-v1',
      title: 'vLLM v1',
      source: 'vLLM 1.x scheduler: budget 2048, 128 sequences, prefix caching on',
      knobs: { slots: 128, budget: 2048, memory: 'prefix' },
    },
  ],
  create: ({ slots, budget, chunking, order, overtake, memory, admission, watermark }) => ({
    settings: { slots, order, prefixCache: memory === 'prefix', holdFinished: false },
    start: null,
    plan: (view, state) => {
      const draft = new Draft(view, budget);
      runResidents(draft, view.running, !chunking);
      admitInLine(draft, { memory, watermark, admission, chunk: chunking, overtake });
      return { plan: draft.plan(), state };
    },
  }),
});
