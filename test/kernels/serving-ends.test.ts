// Comparisons that do not reach their end: a lost device, a cancel, a tab that goes away, a pool that is too small; and a planted
// difference.

import { describe, expect, it } from 'vitest';
import { unwrap } from '../../src/core/result.ts';
import { connectWorker } from '../../src/worker/client.ts';
import type { ServedRun, ServeEvent, ServeRequest } from '../../src/worker/serving/protocol.ts';
import { comparison, limits, requests } from './serving-request.ts';

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

describe('a comparison of a strategy with itself', () => {
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
