// Refuses a flat batch that would read or write out of place, naming the entry. Cheap: one look at each entry.

import { err, failure, ok, type Result } from '../core/result.ts';
import type { FlatBatch } from './batch.ts';
import { FROM_HOST, NO_SLOT } from './batch.ts';
import type { ModelConfig } from './config.ts';
import type { RuntimeOptions, StepFailure } from './contract.ts';

export function checkBatch(b: FlatBatch, config: ModelConfig, o: RuntimeOptions): Result<true, StepFailure> {
  const bad = (message: string) =>
    err(failure('bad-batch', `${message}.`, 'This is a bug of what built the batch.'));
  const { tokenCount, sequenceCount, logitCount } = b;
  if (tokenCount < 1 || tokenCount > o.maxTokens)
    return bad(`${tokenCount} tokens; a step takes 1 … ${o.maxTokens}`);
  if (logitCount > o.maxLogits) return bad(`${logitCount} logit rows; a step takes at most ${o.maxLogits}`);
  if (b.starts[0] !== 0 || b.starts[sequenceCount] !== tokenCount)
    return bad(`sequences cover tokens ${b.starts[0]} … ${b.starts[sequenceCount]} of ${tokenCount}`);
  const window = Math.min(o.window, config.window);
  const slots = o.pages * o.pageSize;
  for (let t = 0; t < tokenCount; t++) {
    const source = b.from[t] ?? 0;
    if (source === FROM_HOST ? (b.tokens[t] ?? 0) >= config.vocab : source > o.sampleSlots)
      return bad(`token ${t} is id ${b.tokens[t]} from ${source}; the vocabulary has ${config.vocab} ids`);
    if ((b.positions[t] ?? 0) >= window)
      return bad(`token ${t} is at position ${b.positions[t]} of ${window}`);
    const slot = b.slots[t] ?? 0;
    if (slot !== NO_SLOT && slot >= slots) return bad(`token ${t} goes to slot ${slot} of ${slots}`);
  }
  for (let s = 0; s < sequenceCount; s++) {
    if ((b.starts[s + 1] ?? 0) <= (b.starts[s] ?? 0)) return bad(`sequence ${s} has no tokens`);
    if ((b.rows[s] ?? 0) >= o.rows) return bad(`sequence ${s} is in row ${b.rows[s]} of ${o.rows}`);
  }
  for (let l = 0; l < logitCount; l++) {
    if ((b.logitRows[l] ?? 0) >= tokenCount)
      return bad(`logit row ${l} is token ${b.logitRows[l]} of ${tokenCount}`);
    if ((b.sampleSlots[l] ?? 0) >= o.sampleSlots)
      return bad(`logit row ${l} samples into slot ${b.sampleSlots[l]} of ${o.sampleSlots}`);
  }
  return ok(true);
}
