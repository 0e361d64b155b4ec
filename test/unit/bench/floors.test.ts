// The floors of a step, worked out by hand for a model of two layers.

import { describe, expect, it } from 'vitest';
import type { Ceilings } from '../../../src/measure/schema.ts';
import type { ModelConfig } from '../../../src/model/config.ts';
import type { ModelOptions } from '../../../src/model/contract.ts';
import { presets } from '../../../src/model/presets.ts';
import { stepFloors, workOf } from '../../../src/worker/bench/floors.ts';
import { noCeilings } from '../views-rows.ts';

const nano: ModelConfig = presets.nano; // 2 layers of 64, 2 heads of 32 over 1, hidden 192, 512 tokens
const options: ModelOptions = { weights: 'f32', kv: 'f32', kernels: 'auto' };
const layer = (2 + 2 * 1) * 32 * 64 + 64 * 64 + 3 * 64 * 192;
const norms = (2 * 2 + 1) * 64;
const head = 512 * 64;

const ceiling = (value: number, unit: 'GB/s' | 'GFLOP/s' | 'GOP/s' | 'µs') => ({
  ...{ value, unit, p10: value, p90: value, n: 9, how: '' },
});
const ceilings: Ceilings = {
  ...noCeilings,
  readBandwidth: ceiling(1, 'GB/s'),
  f32: ceiling(1, 'GFLOP/s'),
  dot4i8: ceiling(4, 'GOP/s'),
  dispatch: ceiling(10, 'µs'),
};

/** `count` tokens of each of `batch` sequences, one logit row each; `context`: keys of each once the step's own are written. */
const step = (batch: number, count: number, context: number) => ({
  tokens: batch * count,
  logits: batch,
  attended: batch * (count * (context - count) + (count * (count + 1)) / 2),
  keys: batch * context,
});

describe('a decode step', () => {
  it('reads every weight and the keys and values, and multiplies each weight once', () => {
    const { bytes, flops } = workOf({ config: nano, options }, step(1, 1, 100));
    expect(bytes).toBe(4 * (2 * layer + norms + head) + 100 * 2 * 2 * 32 * 4);
    expect(flops).toEqual({ f32: 2 * (2 * layer + head) + 4 * 2 * 2 * 32 * 100, dot4i8: 0 });
  });

  it('looks a separate embedding up and reads the head only', () => {
    const separate: ModelConfig = { ...nano, embeddings: 'separate' };
    const of = (config: ModelConfig, batch: number) => workOf({ config, options }, step(batch, 1, 8));
    for (const batch of [1, 5]) {
      expect(of(separate, batch).bytes - of(nano, batch).bytes).toBe(batch * 64 * 4);
      expect(of(separate, batch).flops).toEqual(of(nano, batch).flops);
    }
  });

  it('in int8 holds the layers against dot4i8 and the head against f32', () => {
    const int8 = { config: nano, options: { ...options, weights: 'i8-row', activations: 'i8' } as const };
    const decode = { ...step(1, 1, 100), dispatches: 20 };
    const { flops } = workOf(int8, decode);
    const attention = 4 * 2 * 2 * 32 * 100;
    expect(flops).toEqual({ f32: 2 * head + attention, dot4i8: 2 * 2 * layer });
    const { floorsMs } = stepFloors(int8, decode, ceilings);
    expect(floorsMs.compute).toBeCloseTo(flops.f32 / 1e6 + flops.dot4i8 / 4e6, 9);
    expect(stepFloors(int8, decode, { ...ceilings, dot4i8: null }).floorsMs.compute).toBeNull();
    // float activations meet int8 weights in f32
    const floats = { config: nano, options: { ...options, weights: 'i8-row' } as const };
    expect(workOf(floats, decode).flops.dot4i8).toBe(0);
  });

  it('waits for its dispatches and for memory in turn', () => {
    const decode = { ...step(1, 1, 100), dispatches: 20 };
    const { floorsMs, bound, highest, launchPlusBandwidthMs } = stepFloors(
      { config: nano, options },
      decode,
      ceilings,
    );
    expect(floorsMs.launch).toBeCloseTo(0.2, 9);
    expect(floorsMs.bandwidth).toBeCloseTo(workOf({ config: nano, options }, decode).bytes / 1e6, 9);
    expect(launchPlusBandwidthMs).toBeCloseTo((floorsMs.launch ?? 0) + (floorsMs.bandwidth ?? 0), 9);
    expect([bound, highest]).toEqual(['bandwidth', floorsMs.bandwidth]);
    const none = stepFloors({ config: nano, options }, decode, noCeilings);
    expect(none).toMatchObject({ bound: null, highest: null, launchPlusBandwidthMs: null });
  });
});

describe('a prefill', () => {
  it('counts the keys that a token may see, and logits of the last token alone', () => {
    const prefill = step(3, 4, 10);
    const { flops } = workOf({ config: nano, options }, prefill);
    const seen = 3 * (7 + 8 + 9 + 10);
    expect(flops.f32).toBe(2 * (2 * layer * 12 + head * 3) + 4 * 2 * 2 * 32 * seen);
  });
});
