// Checks a run from outside while it goes: every KV slot that a row reads must hold what its own sequence
// wrote there, and every page must be where the tables say. Knows the toy model, not the engine's insides.

import { expect } from 'vitest';
import { hash32, hashKeys } from '../../../src/core/prng.ts';
import type { StepBatch, StepResult } from '../../../src/engine/executor.ts';
import { promptLength, type Request, writePrompt } from '../../../src/engine/request.ts';
import { VirtualExecutor, type VirtualOptions } from '../../../src/engine/virtual-executor.ts';

/** The tokens of a request and what its KV slots must hold, computed alone, without pages or batches. */
export function alone(request: Request, options: VirtualOptions): { tokens: number[]; chain: number[] } {
  const length = promptLength(request.prompt);
  const prompt = new Int32Array(length);
  writePrompt(request.prompt, options.vocabulary, prompt);
  const sequence = [...prompt];
  const chain: number[] = [];
  let h = hashKeys(options.seed, 0x6b76) | 0;
  const { temperature, seed } = request.sampling ?? { temperature: 0, seed: 0 };
  for (let i = 0; i < length + request.maxTokens; i++) {
    h = VirtualExecutor.mix(h, sequence[i] as number);
    chain.push(h);
    if (i < length - 1) continue;
    const noise = temperature === 0 ? 0 : hashKeys(seed, i + 1);
    sequence.push(hash32(h ^ noise) % options.vocabulary);
  }
  const count = request.stop?.ignoreEnd
    ? request.maxTokens
    : Math.min(request.endsAfter ?? 1e9, request.maxTokens);
  return { tokens: sequence.slice(length, length + count), chain };
}

/** The virtual executor, reading every KV slot of every row before it computes. */
export class AuditedExecutor extends VirtualExecutor {
  private readonly chains = new Map<number, number[]>();
  private readonly audited: VirtualOptions;

  constructor(options: VirtualOptions, requests: readonly Request[]) {
    super(options);
    this.audited = options;
    for (const request of requests) this.chains.set(request.id, alone(request, options).chain);
  }

  override execute(batch: StepBatch, earliest: number): StepResult {
    const result = super.execute(batch, earliest);
    const { pageSize } = this.audited;
    for (let row = 0; row < batch.rows; row++) {
      const chain = this.chains.get(batch.id[row] as number) ?? [];
      const end = (batch.start[row] as number) + (batch.count[row] as number);
      // after the step all that this row read or wrote must be its own sequence
      for (let i = 0; (batch.count[row] as number) > 0 && i < end; i++) {
        const page = batch.tables.page(batch.table[row] as number, Math.floor(i / pageSize));
        if (this.kv[page * pageSize + (i % pageSize)] !== chain[i])
          expect.fail(`step ${batch.step}: request ${batch.id[row]} finds foreign KV at position ${i}`);
      }
    }
    return result;
  }
}
