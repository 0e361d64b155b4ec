// Which model the page serves with: words by a trained one, generated requests on a GPU by one large enough to measure it.

import { describe, expect, it } from 'vitest';
import { modelFor } from '../../../src/app/batching/serving-model.ts';
import { LISTED, REAL_TEXT } from '../../../src/app/batching/spec.ts';
import { parameterCount } from '../../../src/model/config.ts';
import { workloads } from '../../../src/workloads/index.ts';

const generated = [...workloads.keys()].filter((id) => id !== REAL_TEXT);
const served = (id: string, fallback: boolean) => modelFor({ workload: { id, knobs: {} } }, fallback);

describe('the model of a comparison', () => {
  it('has 135 million parameters or more for generated requests on a GPU, all of them in f16', () => {
    expect(generated.length).toBeGreaterThan(2);
    for (const id of generated) {
      const { config, options } = served(id, false);
      // SmolLM2-135M has 134.5 million
      expect(Math.round(parameterCount(config) / 1e6), id).toBeGreaterThanOrEqual(135);
      expect(options.weights, id).toBe('f16');
    }
  });

  it('is a small one on a CPU, which would take minutes', () => {
    for (const id of generated) expect(parameterCount(served(id, true).config)).toBeLessThan(1e6);
  });

  it('is a trained one where its words are read, on any device', () => {
    for (const id of [LISTED, REAL_TEXT])
      for (const fallback of [false, true]) expect(served(id, fallback)).toHaveProperty('builtIn', 'base');
  });
});
