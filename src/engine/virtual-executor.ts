// The virtual clock: a step takes what the cost model says, and a toy model samples its tokens. The toy
// keeps a running hash of its sequence in each KV slot, written and read through the block tables only, so
// that a page shared wrongly, freed early or not copied changes the answer, as it would on a GPU.

import { hash32, hashKeys } from '../core/prng.ts';
import { ok } from '../core/result.ts';
import { type CostModel, featuresOf, stepSeconds } from './cost-model.ts';
import type { Executor, StepBatch, StepResult } from './executor.ts';

export interface VirtualOptions {
  readonly cost: CostModel;
  readonly pages: number;
  readonly pageSize: number;
  readonly vocabulary: number;
  /** Stands for the weights: another seed answers otherwise. */
  readonly seed: number;
  readonly lookahead: 0 | 1;
}

export class VirtualExecutor implements Executor {
  readonly clock = 'virtual';
  /** What each KV slot of each page holds: [page][offset]. */
  readonly kv: Int32Array;
  private readonly options: VirtualOptions;
  private readonly root: number;
  private free = 0;
  private sampled: Int32Array = new Int32Array(0);

  constructor(options: VirtualOptions) {
    this.options = options;
    this.kv = new Int32Array(options.pages * options.pageSize);
    this.root = hashKeys(options.seed, 0x6b76) | 0;
  }

  execute(batch: StepBatch, earliest: number): StepResult {
    const { cost, lookahead } = this.options;
    // planned ahead, the host's work hides behind the step before
    const ready = lookahead === 1 ? earliest : earliest + cost.host;
    const start = Math.max(ready, this.free);
    const end = start + stepSeconds(featuresOf(batch, cost), cost);
    this.free = end;
    const tokens = this.compute(batch);
    this.sampled = tokens;
    return ok({ start, end, tokens, host: cost.host, readback: cost.seconds.readback });
  }

  idle(time: number): number {
    return time;
  }

  /** The hash that a sequence's next slot holds, from the one before it and the token. */
  static mix(before: number, token: number): number {
    const h = Math.imul(before ^ token, 0x9e3779b1);
    return h ^ (h >>> 15);
  }

  private compute(batch: StepBatch): Int32Array {
    const { kv } = this;
    const { pageSize, tables, copies } = batch;
    for (let i = 0; i < copies.length; i += 2) {
      const from = (copies[i] as number) * pageSize;
      kv.copyWithin((copies[i + 1] as number) * pageSize, from, from + pageSize);
    }
    const out = new Int32Array(batch.sampleCount);
    let sample = 0;
    for (let row = 0; row < batch.rows; row++) {
      const count = batch.count[row] as number;
      if (count === 0) continue;
      const start = batch.start[row] as number;
      const base = (batch.table[row] as number) * tables.width;
      const offset = batch.offset[row] as number;
      const fed = batch.fed[row] === 1;
      let h = this.root;
      if (start > 0) {
        const before = start - 1;
        const page = tables.pages[base + Math.floor(before / pageSize)] as number;
        h = kv[page * pageSize + (before % pageSize)] as number;
      }
      let slot = 0;
      for (let i = 0; i < count; i++) {
        const position = start + i;
        if (i === 0 || position % pageSize === 0)
          slot =
            (tables.pages[base + Math.floor(position / pageSize)] as number) * pageSize +
            (position % pageSize);
        const token = fed ? this.sampled[batch.feed[row] as number] : batch.tokens[offset + i];
        h = VirtualExecutor.mix(h, token as number);
        kv[slot++] = h;
      }
      if (batch.samples[row] === 1) out[sample++] = this.sample(h, start + count, batch, row);
    }
    return out;
  }

  /** Greedy depends on the sequence alone; sampling also on (seed, position), and on nothing else. */
  private sample(h: number, position: number, batch: StepBatch, row: number): number {
    const sampling = batch.sampling[row];
    const noise =
      sampling === undefined || sampling.temperature === 0 ? 0 : hashKeys(sampling.seed, position);
    return hash32(h ^ noise) % this.options.vocabulary;
  }
}
