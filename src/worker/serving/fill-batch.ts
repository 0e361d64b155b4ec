// An engine's step as the runner's flat batch: the one place where rows become tokens, pages and logit rows.

import type { StepBatch } from '../../engine/executor.ts';
import { type BatchBuilder, greedy, type ModelId, type Part } from '../../model/batch.ts';

/**
 * Fills `batch` with the rows of `step`; their samples lie from slot `sampleSlot` on. `fed` gives the token of a row whose
 * token was sampled by the step before.
 */
export function fillBatch(
  batch: BatchBuilder,
  model: ModelId,
  step: StepBatch,
  sampleSlot: number,
  fed: (row: number) => Part['tokens'],
): BatchBuilder {
  batch.begin(model);
  let slot = sampleSlot;
  for (let i = 0; i < step.rows; i++) {
    const [row, start, count] = [step.table[i] ?? 0, step.start[i] ?? 0, step.count[i] ?? 0];
    const samples = step.samples[i] ?? 0;
    if (count > 0) {
      const offset = step.offset[i] ?? 0;
      batch.add({
        row,
        start,
        tokens: step.fed[i] === 1 ? fed(i) : step.tokens.subarray(offset, offset + count),
        logits: samples,
        sampleSlot: slot,
        sampling: step.sampling[i] ?? greedy,
      });
      slot += samples;
    }
    const padding = step.padding[i] ?? 0;
    if (padding > 0) batch.pad(row, Math.max(0, start + count - 1), padding);
  }
  return batch;
}
