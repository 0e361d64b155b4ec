// What every strategy promises, whoever writes it: a file, a rule, knobs that are explained, and a plan that
// is a function of a cloneable view and state.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../src/core/result.ts';
import { Engine } from '../../src/engine/engine.ts';
import { runSync } from '../../src/engine/loop.ts';
import type { Planner } from '../../src/engine/plan.ts';
import { VirtualExecutor } from '../../src/engine/virtual-executor.ts';
import { findStrategy, strategies } from '../../src/strategies/index.ts';
import { openLoop } from '../../src/workloads/arrivals.ts';
import { arbitraryCase } from '../unit/engine/arbitrary.ts';
import { unitSteps } from '../unit/engine/serve.ts';

/** A planner that plans from copies, as if in another thread, and compares. */
const elsewhere = (planner: Planner): Planner => ({
  ...planner,
  plan: (view, state) => {
    const before = structuredClone({ view, state });
    const there = planner.plan(structuredClone(view), structuredClone(state));
    const here = planner.plan(view, state);
    expect(here).toEqual(there);
    expect({ view, state }).toEqual(before);
    return structuredClone(here);
  },
});

describe.each([...strategies.values()].map((s) => [s.id, s] as const))('%s', (id, strategy) => {
  it('plans the same from a clone of view and state, and changes neither', () => {
    fc.assert(
      fc.property(arbitraryCase(id, true), ({ knobs, limits, requests, lookahead }) => {
        const { planner } = unwrap(strategy.make(knobs, limits));
        const engine = new Engine({ limits, planner: elsewhere(planner), lookahead });
        const executor = new VirtualExecutor({ ...limits, cost: unitSteps(), seed: 1, lookahead });
        expect(runSync(engine, executor, openLoop(requests)).incomplete).toBeUndefined();
      }),
      { numRuns: 8 },
    );
  });

  it('is one small file that says what it is', () => {
    const text = readFileSync(`src/strategies/${id}.ts`, 'utf8');
    expect(text.split('\n').length).toBeLessThan(120);
    expect(text.startsWith('// ')).toBe(true);
    expect(strategy.rule).toMatch(/\.$/);
    for (const [name, knob] of Object.entries(strategy.knobs)) expect(knob.doc, name).toMatch(/\.$|\)$/);
  });

  it('takes its defaults and presets, and refuses what it does not know', () => {
    const limits = { pages: 64, pageSize: 16, window: 256, vocabulary: 512 };
    for (const preset of strategy.presets) {
      expect(unwrap(strategy.make(preset.knobs, limits)).knobs).toMatchObject(preset.knobs);
      expect(findStrategy(preset.id)?.preset).toBe(preset);
    }
    const wrong = strategy.make({ nonsense: 1 }, limits);
    expect(wrong.ok ? '' : wrong.error.message).toBe(`${id}: nonsense is not one of its knobs.`);
  });
});
