// A device for the batching command without a GPU: it serves on the virtual clock, steps being as long as a test says, and its runs
// look like measured ones.

import { type GpuOptions, limitsFor, type Serving } from '../../../bench/batching/gpu.ts';
import { pairs, Settings } from '../../../bench/batching/options.ts';
import type { BatchingRequest } from '../../../bench/batching/run.ts';
import { unwrap } from '../../../src/core/result.ts';
import type { CostModel } from '../../../src/engine/cost-model.ts';
import { answersIn, identical } from '../../../src/engine/outputs.ts';
import { recordRun } from '../../../src/engine/record.ts';
import { runVirtual } from '../../../src/engine/virtual-run.ts';
import type {
  Calibration,
  ServedRun,
  ServeReport,
  ServeRequest,
} from '../../../src/worker/serving/protocol.ts';
import { makePlanner } from '../../../src/worker/serving/run-one.ts';
import { orderOf, turnTimes, versusFirst } from '../../../src/worker/serving/turns.ts';
import { arrivalsOf } from '../../../src/workloads/contract.ts';
import { unitSteps } from '../engine/serve.ts';
import { device } from '../views-rows.ts';

/** Steps of 10 ms. */
export const cost: CostModel = { ...unitSteps(), seconds: { ...unitSteps().seconds, step: 0.01 } };

export const slower = (factor: number): CostModel => ({
  ...cost,
  seconds: { ...cost.seconds, step: factor * cost.seconds.step },
});

/** `speed`: how long each run's steps take, of those that the fit promises. */
export const fakeServing = (speed: () => number): Serving => ({
  device: { ...device, fallback: true },
  limits: async (asked, model) => ({ limits: limitsFor(model, asked), notes: [] }),
  calibrate: async () => calibration,
  serve: async (request) => served(request, speed),
});

const exact = { median: 0, p90: 0, n: 1 };
const calibration: Calibration = {
  ...{ device, cost, residuals: exact, served: exact, took: 1 },
  steps: [{ features: {} as Calibration['steps'][number]['features'], seconds: 0.01 }],
  capacity: { requests: 1, tokens: 1 },
};

function served(request: ServeRequest, speed: () => number): ServeReport {
  const traces: Parameters<typeof answersIn>[0][] = [];
  const runs: ServedRun[] = [];
  for (let repeat = 0; repeat < request.repeats; repeat++)
    for (const contender of orderOf(request.contenders.length, repeat)) {
      const entry = request.contenders[contender] ?? { label: '', strategy: '', knobs: {} };
      const { limits, lookahead, seed, workload } = request;
      const { planner, id, knobs, preset } = unwrap(makePlanner(entry, limits));
      const arrivals = arrivalsOf({ ...request, notes: [] });
      const run = runVirtual({
        ...{ planner, arrivals, limits, lookahead, seed },
        cost: slower(speed() * (1 + (entry.slowdown ?? 0))),
      });
      traces.push(run.trace);
      const file = recordRun(run.trace, run.requests, {
        ...{
          date: '2026-11-28',
          device: 'fake',
          clock: 'wall',
          lookahead,
          strategy: id,
          knobs,
          limits,
          workload,
        },
        ...(preset ? { preset } : {}),
        settings: planner.settings,
        numerics: { model: 'nano' },
        tuned: {},
        seeds: { run: seed },
      });
      runs.push({
        ...{ contender, repeat, file, refused: null, lag: { waits: 0, mean: 0, max: 0 } },
        wall: run.end.time,
        tokens: run.trace.tokens.length,
        encode: { mean: 0.001, p90: 0.001 },
        between: { mean: 0.0001, p90: 0.0001 },
      });
    }
  return {
    ...{ device, runs, requests: request.requests.length, invalid: [] },
    versus: versusFirst(turnTimes(runs, request.contenders.length)),
    identical: identical(traces.map(answersIn)),
  };
}

export const options: GpuOptions = {
  ...{ gpu: 'swiftshader', model: {}, repeats: 8, kvMib: undefined, calibrate: true },
  ...{ seconds: undefined, precision: undefined },
};

export const request = (settings: string[], strategies = ['continuous']): BatchingRequest => ({
  strategies,
  workload: 'synthetic',
  settings: new Settings(unwrap(pairs(settings))),
  limits: { pages: 256, pageSize: 16, window: 512, vocabulary: 512 },
  cost,
  lookahead: 0,
  seed: 1,
  slo: undefined,
  price: undefined,
});
