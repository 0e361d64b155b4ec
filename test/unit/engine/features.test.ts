// What steps contained, read back from a trace, is what the cost model was asked for; and the capacity that rates refer to.

import { describe, expect, it } from 'vitest';
import { unwrap } from '../../../src/core/result.ts';
import { featuresOf, type StepFeatures } from '../../../src/engine/cost-model.ts';
import { costModels } from '../../../src/engine/devices/index.ts';
import { Engine } from '../../../src/engine/engine.ts';
import type { Executor } from '../../../src/engine/executor.ts';
import { traceFeatures } from '../../../src/engine/features.ts';
import { runSync } from '../../../src/engine/loop.ts';
import { saturatedRate } from '../../../src/engine/saturation.ts';
import { VirtualExecutor } from '../../../src/engine/virtual-executor.ts';
import { findStrategy, strategies } from '../../../src/strategies/index.ts';
import { openLoop } from '../../../src/workloads/arrivals.ts';
import { atOnce, LIMITS, unitSteps } from './serve.ts';

const cost = costModels.get('illustrative') ?? unitSteps();
const requests = atOnce([40, 6], [3, 9], [130, 4], [17, 1], [64, 12], [16, 3]);
const planner = (id: string) => {
  const found = findStrategy(id);
  if (!found) throw new Error(`no strategy ${id}`);
  return unwrap(found.strategy.make({}, LIMITS)).planner;
};

describe('features of a trace', () => {
  it.each([...strategies.keys()])('are those of the batches: %s', (id) => {
    const executor = new VirtualExecutor({ cost, ...LIMITS, seed: 1, lookahead: 0 });
    const seen: StepFeatures[] = [];
    const watched: Executor = {
      clock: 'virtual',
      execute: (batch, earliest) => {
        seen.push(featuresOf(batch, cost));
        return executor.execute(batch, earliest);
      },
      idle: (time) => time,
    };
    const engine = new Engine({ limits: LIMITS, planner: planner(id) });
    runSync(engine, watched, openLoop(requests));
    expect(seen.length).toBeGreaterThan(5);
    expect(traceFeatures(engine.trace, cost)).toEqual(seen);
  });
});

describe('the saturated rate', () => {
  it('is that of all requests at once, whenever they arrive', () => {
    const late = requests.map((r) => ({ ...r, arrival: 100 * r.id }));
    const rate = saturatedRate({
      planner: planner('continuous'),
      requests: late,
      limits: LIMITS,
      cost: unitSteps(),
    });
    // the longest answer takes 12 steps of a second, and all six fit beside it
    expect(rate.requests).toBeCloseTo(6 / 12, 9);
    expect(rate.tokens).toBeCloseTo(35 / 12, 9);
  });
});
