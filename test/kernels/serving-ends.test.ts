// Comparisons that do not reach their end, or are measured to a budget: a lost device, a cancel, a tab that goes away, a pool that
// is too small, ten seconds, a planted difference.

import { describe, expect, it } from 'vitest';
import { unwrap } from '../../src/core/result.ts';
import { median } from '../../src/core/stats.ts';
import type { Request } from '../../src/engine/request.ts';
import type { Limits } from '../../src/engine/view.ts';
import { presets } from '../../src/model/presets.ts';
import { connectWorker } from '../../src/worker/client.ts';
import type { ServedModel, ServedRun, ServeEvent, ServeRequest } from '../../src/worker/serving/protocol.ts';
import { fewestRequests } from '../../src/worker/serving/turns.ts';

const limits: Limits = { pages: 512, pageSize: 16, window: 256, vocabulary: presets.nano.vocab };
const model: ServedModel = {
  config: presets.nano,
  options: { weights: 'f32', kv: 'f32', kernels: 'auto' },
  seed: 1,
};
const requests = (count: number, output: number): Request[] =>
  Array.from({ length: count }, (_, id) => ({
    id,
    arrival: 0,
    prompt: [{ seed: id + 1, length: 8 }],
    maxTokens: output,
    endsAfter: output,
  }));
const comparison = (rest: Partial<ServeRequest> = {}): ServeRequest => ({
  model,
  limits,
  contenders: [
    { label: 'static', strategy: 'static', knobs: {} },
    { label: 'continuous', strategy: 'continuous', knobs: {} },
  ],
  requests: requests(8, 24),
  workload: { id: 'test', knobs: {} },
  lookahead: 0,
  repeats: 40,
  seed: 1,
  ...rest,
});

/** Runs of two hundred steps, each of which takes longer than a second. */
const long = (): ServeRequest => comparison({ requests: requests(8, 200) });

/** Calls `when` once, in the middle of the third run that counts when runs are long. */
function afterTwo(when: () => void): (event: ServeEvent) => void {
  let runs = 0;
  return (event) => {
    if (event.type !== 'run' || ++runs !== 2) return;
    setTimeout(when, 400); // behind the pause between turns, which is a quarter of a second at most
  };
}

/** The one run that did not serve all its tokens, and nothing else, says so. */
function cutRun(runs: readonly ServedRun[]): ServedRun | undefined {
  const cut = runs.filter(({ tokens }) => tokens < 8 * 200);
  expect(cut).toHaveLength(1);
  expect(runs.filter(({ file }) => file.header.incomplete !== undefined)).toEqual(cut);
  return cut[0];
}

describe('a comparison that ends early', () => {
  it('keeps what was measured when the device is lost, and says so', async () => {
    const client = connectWorker();
    unwrap(await client.api.open('auto'));
    const report = unwrap(
      await client.serve(
        long(),
        afterTwo(() => void client.api.loseDevice()),
      ),
    );
    expect(report.runs.length).toBeGreaterThanOrEqual(2);
    expect(report.runs.length).toBeLessThan(80);
    expect(report.runs.slice(0, 2).every((run) => run.file.header.incomplete === undefined)).toBe(true);
    expect(report.invalid.join(' ')).toContain('lost');
    expect(cutRun(report.runs)?.file.header.incomplete).toContain('lost');
    expect(report.identical).toMatchObject({ verdict: 'same' });
    const again = unwrap(await client.serve(comparison({ repeats: 1 }), () => undefined));
    expect(again.runs).toHaveLength(2);
    expect(again.invalid).toEqual([]);
    client.terminate();
  });

  it('keeps what was measured when it is cancelled, the interrupted run marked incomplete', async () => {
    const client = connectWorker();
    unwrap(await client.api.open('auto'));
    const report = unwrap(
      await client.serve(
        long(),
        afterTwo(() => void client.api.cancel()),
      ),
    );
    expect(report.runs.length).toBeGreaterThanOrEqual(2);
    expect(report.runs.length).toBeLessThan(80);
    expect(report.invalid.length).toBeGreaterThan(0);
    expect(report.invalid.join(' ')).toContain('cancel');
    expect(cutRun(report.runs)?.file.header.incomplete).toContain('cancel');
    expect(report.identical).toMatchObject({ verdict: 'same' });
    client.terminate();
  });

  it('has handed over every finished run when the tab or the worker goes away', async () => {
    const client = connectWorker();
    unwrap(await client.api.open('auto'));
    const kept: ServedRun[] = [];
    const kill = afterTwo(() => client.terminate('closed'));
    const answer = client.serve(comparison(), (event) => {
      if (event.type === 'run') kept.push(event.run);
      kill(event);
    });
    await expect(answer).rejects.toThrow();
    expect(kept.length).toBeGreaterThanOrEqual(2);
    for (const { file, tokens } of kept) {
      expect(file.header.incomplete).toBeUndefined();
      expect(tokens).toBe(8 * 24);
    }
  });

  it('refuses a pool that the device has no memory for, before the driver sees it', async () => {
    const client = connectWorker();
    unwrap(await client.api.open('auto'));
    const huge = await client.serve(comparison({ limits: { ...limits, pages: 2 ** 26 } }), () => undefined);
    expect(huge.ok ? '' : huge.error.code).toBe('refused');
    const after = unwrap(await client.serve(comparison({ repeats: 1 }), () => undefined));
    expect(after.invalid).toEqual([]);
    client.terminate();
  });
});

describe('a comparison to a budget', () => {
  it('serves as many requests as let it last about as long as was asked', async () => {
    const client = connectWorker();
    unwrap(await client.api.open('auto'));
    unwrap(await client.serve(comparison({ repeats: 1 }), () => undefined)); // loads the model
    const started = performance.now();
    const report = unwrap(
      await client.serve(comparison({ requests: requests(512, 8), repeats: 6, seconds: 4 }), () => undefined),
    );
    const took = (performance.now() - started) / 1e3;
    expect(report.requests).toBeGreaterThanOrEqual(fewestRequests);
    expect(report.requests).toBeLessThan(512);
    for (const { file } of report.runs) expect(file.requests).toHaveLength(report.requests);
    console.log(`${report.requests} requests, ${took.toFixed(1)} s`);
    // the plan itself is held against simulated devices (test/unit/serving/turns.test.ts): here it only has to meet a real one, whose
    // speed other programs change while it is measured
    expect(took).toBeGreaterThan(2.5);
    expect(took).toBeLessThan(8);
    client.terminate();
  });

  it('finds a planted slow-down that no noise hides', async () => {
    const client = connectWorker();
    unwrap(await client.api.open('auto'));
    const contenders = [
      { label: 'a', strategy: 'continuous', knobs: {} },
      { label: 'slowed', strategy: 'continuous', knobs: {}, slowdown: 1 },
    ];
    const report = unwrap(await client.serve(comparison({ contenders, repeats: 8 }), () => undefined));
    expect(report.versus[0]).toBeNull();
    expect(report.versus[1]?.verdict).toBe('slower');
    expect(report.versus[1]?.ratio).toBeLessThan(0.7);
    expect(report.identical).toMatchObject({ verdict: 'same' });
    client.terminate();
  });
});

describe('the host', () => {
  it('plans, commits and traces a step of 64 requests in less than 0.3 ms', async () => {
    const client = connectWorker();
    unwrap(await client.api.open('auto'));
    const report = unwrap(
      await client.serve(
        comparison({
          contenders: ['continuous', 'unified'].map((strategy) => ({
            label: strategy,
            strategy,
            knobs: { slots: 64 },
          })),
          requests: requests(64, 24),
          repeats: 5,
        }),
        () => undefined,
      ),
    );
    for (const index of [0, 1]) {
      const own = report.runs.filter((run) => run.contender === index);
      // the median of five: on two cores that others use, the mean of one run doubled (0.48 ms beside 0.21 and 0.25)
      const between = median(own.map((run) => run.between.mean));
      const each = own.map((run) => (1e3 * run.between.mean).toFixed(3));
      console.log(
        `${own[0]?.file.header.strategy}: ${(1e3 * between).toFixed(3)} ms a step (${each.join(', ')})`,
      );
      expect(between).toBeGreaterThan(0);
      expect(between).toBeLessThan(0.3e-3);
    }
    client.terminate();
  });
});
