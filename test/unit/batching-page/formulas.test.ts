// The table of all metrics: its bound is that of static against continuous batching, its costs are of what the reader has said.

import { beforeEach, describe, expect, it, vi } from 'vitest';
import { unwrap } from '../../../src/core/result.ts';
import { unitSteps } from '../engine/serve.ts';
import { stubPage } from '../page-globals.ts';

async function page(hash: string) {
  stubPage(hash);
  vi.resetModules();
  const [{ joiningOf }, { measureOptions }, { lanesOf }, spec, { serveVirtual }] = await Promise.all([
    import('../../../src/app/batching/formulas.tsx'),
    import('../../../src/app/batching/objectives.tsx'),
    import('../../../src/app/batching/lanes.ts'),
    import('../../../src/app/batching/spec.ts'),
    import('../../../src/app/batching/serve.ts'),
  ]);
  const lanes = (...tracks: string[]) => {
    const want = unwrap(
      spec.readWanted({ tracks, work: '8x2,8x8,8x4,8x6', pages: 0, pageSize: 0, lookahead: 0 }),
    );
    const runs = spec.serveRequests(want, unitSteps()).map((one) => unwrap(serveVirtual(one)));
    return lanesOf(runs, tracks);
  };
  return { joiningOf, measureOptions, lanes };
}

beforeEach(() => stubPage('#/batching'));

describe('the bound of joining', () => {
  it('is that of the static track wherever it stands, and never another track’s', async () => {
    const { joiningOf, lanes } = await page('#/batching');
    const pair = joiningOf(lanes('serial', 'continuous,slots:2', 'static,slots:2'));
    expect([pair?.fixed.key, pair?.joining.key]).toEqual(['static,slots:2', 'continuous,slots:2']);
    // 14 steps against 12; the longest of two answers of 2, 8, 4, 6 is 6.25 on average, and their mean is 5
    expect(pair?.reached).toBeCloseTo(14 / 12, 9);
    expect(pair?.bound).toBeCloseTo(6.25 / 5, 9);
  });
  it('is not there without the two in as many slots', async () => {
    const { joiningOf, lanes } = await page('#/batching');
    expect(joiningOf(lanes('serial', 'continuous,slots:2'))).toBeNull();
    expect(joiningOf(lanes('static,slots:2', 'continuous,slots:4'))).toBeNull();
    expect(joiningOf(lanes('static,slots:2', 'unified,slots:2'))).toBeNull();
  });
});

describe('costs', () => {
  it.each([
    ['', {}],
    ['?goals=price:0.4', { perHour: 0.4 }],
    ['?goals=watts:65', { watts: 65 }],
    ['?goals=price:0.4~watts:65', { perHour: 0.4, watts: 65 }],
  ])('are of what was given: %s', async (goals, price) => {
    const { measureOptions } = await page(`#/batching${goals}`);
    expect(measureOptions().price).toEqual(price);
  });
});
