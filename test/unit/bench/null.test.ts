// `--null`: the comparison tested on itself, on a device with noise, as the command and as the page compare.

import { describe, expect, it } from 'vitest';
import { nullTestOn, nullText } from '../../../bench/batching/null.ts';
import { prng } from '../../../src/core/prng.ts';
import { FACTS } from '../../../src/views/batching/summary.ts';
import { fakeServing, options, request } from './fake-serving.ts';

const wanted = request(['workload.requests=8', 'workload.output=8']);

describe('the null test', () => {
  it('finds what was planted and nothing else, figure by figure', async () => {
    const random = prng(2);
    const noise = () => Math.exp(0.005 * random.normal());
    const test = await nullTestOn(fakeServing(noise), wanted, options, 85);
    const { page } = test;
    expect(page).toMatchObject({ turns: 10, comparisons: 8 });
    expect(Object.keys(page.equal)).toEqual(FACTS.map(({ id }) => id));
    expect(page.falseAlarms).toBeLessThanOrEqual(1);
    for (const id of ['worst-ttft', 'longest-gap', 'throughput', 'last-answer'])
      expect(page.slower[id], id).toEqual(Array(8).fill('worse'));
    // longer steps waste no more of their slots
    expect(page.slower['wasted']).toEqual(Array(8).fill('no difference'));
    expect(test.slower.every(({ verdict }) => verdict === 'slower')).toBe(true);
    expect(test.identical).toBe(true);
    const text = nullText(test);
    expect(text).toMatch(/calls a difference in [01] of 8 \(\d+ %\) null comparisons/);
    expect(text).toMatch(/Longest gap: \d of 8 .* against itself; the planted 5 % found in 8 of 8 \(100 %\)/);
  });

  it('says so when there are too few turns for a page', async () => {
    const test = await nullTestOn(
      fakeServing(() => 1),
      wanted,
      options,
      8,
    );
    expect(test.page.comparisons).toBe(0);
    expect(nullText(test)).toContain('too few turns for a page, which compares 10 of each');
  });
});
