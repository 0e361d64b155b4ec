// Dynamic batching: as static, but an idle server may wait a little for a batch of a preferred size.

import { listOf } from '../core/knobs.ts';
import { orderKnob, slotsKnob } from './blocks/admit.ts';
import { batchMemoryKnob, finishedKnob, formBatch, padKnob, runBatch } from './blocks/batch-run.ts';
import { Draft } from './blocks/draft.ts';
import { defineStrategy } from './contract.ts';

export default defineStrategy({
  id: 'dynamic',
  title: 'Dynamic batching',
  rule: 'When idle, the largest preferred batch starts; else what there is, once the oldest waited long enough.',
  knobs: {
    slots: slotsKnob(8),
    preferredSizes: { kind: 'list', default: '', doc: 'Preferred batch sizes; none means the largest.' },
    maxQueueDelay: {
      kind: 'number',
      default: 0,
      min: 0,
      max: 1e9,
      unit: 'µs',
      doc: 'How long the oldest request may wait for a preferred batch.',
    },
    order: orderKnob,
    pad: padKnob,
    finished: finishedKnob,
    memory: batchMemoryKnob,
  },
  presets: [
    {
      id: 'triton',
      title: 'Triton Inference Server',
      source: 'Triton model configuration, dynamic_batching: defaults',
      knobs: {},
    },
  ],
  create: ({ slots, preferredSizes, maxQueueDelay, order, pad, finished, memory }) => ({
    settings: { slots, order, prefixCache: false, holdFinished: finished === 'hold' },
    start: null,
    plan: (view, state) => {
      const draft = new Draft(view);
      if (runBatch(draft, pad)) return { plan: draft.plan(), state };
      const preferred = listOf(preferredSizes).filter((size) => size <= view.slots);
      const enough = (preferred.length > 0 ? preferred : [view.slots]).filter(
        (n) => n <= view.waiting.length,
      );
      const oldest = view.waiting.reduce(
        (first, slot) => Math.min(first, view.requests.arrival[slot] as number),
        Number.POSITIVE_INFINITY,
      );
      const due = oldest + maxQueueDelay * 1e-6;
      const size = enough.at(-1) ?? (view.now >= due ? view.slots : 0);
      if (size > 0) formBatch(draft, size, memory, pad);
      else {
        for (const slot of view.running) draft.release(slot);
        draft.rest('delay');
        draft.wakeAt(due);
      }
      return { plan: draft.plan(), state };
    },
  }),
});
