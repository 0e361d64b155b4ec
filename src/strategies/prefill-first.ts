// Prefill first: while anything can be prefilled, a step does only that, and decodes stall.

import { admitInLine, budgetKnob, orderKnob, overtakeKnob, slotsKnob } from './blocks/admit.ts';
import { Draft } from './blocks/draft.ts';
import { admissionKnob, memoryKnob, watermarkKnob } from './blocks/memory.ts';
import { runResidents } from './blocks/residents.ts';
import { defineStrategy } from './contract.ts';

export default defineStrategy({
  id: 'prefill-first',
  title: 'Prefill first',
  rule: 'If anything can be prefilled, the step prefills and decodes stall; otherwise all residents decode.',
  knobs: {
    slots: slotsKnob(128),
    budget: budgetKnob(4096),
    order: orderKnob,
    overtake: overtakeKnob,
    memory: memoryKnob('paged'),
    admission: admissionKnob,
    watermark: watermarkKnob(0.01),
  },
  presets: [
    {
      id: 'vllm-v0',
      title: 'vLLM v0',
      source: 'vLLM 0.x scheduler without chunked prefill: watermark 0.01',
      knobs: { slots: 128, budget: 4096, watermark: 0.01, memory: 'paged' },
    },
  ],
  create: ({ slots, budget, order, overtake, memory, admission, watermark }) => ({
    settings: { slots, order, prefixCache: memory === 'prefix', holdFinished: false },
    start: null,
    plan: (view, state) => {
      const prefill = new Draft(view, budget);
      runResidents(
        prefill,
        view.running.filter((slot) => prefill.prefilling(slot)),
        true,
      );
      admitInLine(prefill, { memory, watermark, admission, chunk: false, overtake });
      if (!prefill.empty) {
        for (const slot of view.running) if (prefill.due(slot) === 1) prefill.wait(slot, 'prefill-first');
        return { plan: prefill.plan(), state };
      }
      const decode = new Draft(view);
      runResidents(decode, view.running);
      if (decode.preempted > 0) decode.rest('preempted');
      else decode.waitAs(prefill);
      return { plan: decode.plan(), state };
    },
  }),
});
