// Logit errors and divergences counted by hand on logits of a few tokens.

import { describe, expect, it } from 'vitest';
import { Divergence, kullbackLeibler } from '../../src/measure/divergence.ts';

const row = (...cells: number[]): Float32Array => Float32Array.from(cells);
const between = (a: Float32Array, b: Float32Array, vocabulary: number) => {
  const divergence = new Divergence();
  divergence.add(a, b, vocabulary);
  return divergence.summary;
};

describe('divergence from f32', () => {
  it('is 0 in every figure for the same logits', () => {
    const a = row(1.5, -20, 3.25, 0.1, 7, 7);
    expect(between(a, a.slice(), 3)).toEqual({ positions: 2, logitRms: 0, logitMax: 0, klMean: 0, klP99: 0 });
  });

  it('does not see what is added to a whole row', () => {
    expect(between(row(1, 2, -4), row(17, 18, 12), 3)).toMatchObject({ logitRms: 0, logitMax: 0 });
    expect(kullbackLeibler(row(1, 2, -4), row(17, 18, 12))).toBeLessThan(1e-14);
  });

  it('takes each row’s mean off, then the root of the mean square and the largest', () => {
    // differences (3, 0, 0) and (0, −6, 0): less their means (2, −1, −1) and (2, −4, 2)
    const found = between(row(0, 0, 0, 1, 1, 1), row(3, 0, 0, 1, -5, 1), 3);
    expect(found?.logitRms).toBeCloseTo(Math.sqrt((4 + 1 + 1 + 4 + 16 + 4) / 6), 12);
    expect(found?.logitMax).toBeCloseTo(4, 12);
  });

  it('is Σ p (ln p − ln q) in nats, of f32 against this and not the other way', () => {
    const [a, b] = [row(Math.log(3), 0), row(0, 0)];
    const f32 = Math.exp(a[0] ?? 0); // ln 3 as f32 holds it
    const p = f32 / (1 + f32);
    const forward = p * Math.log(2 * p) + (1 - p) * Math.log(2 * (1 - p));
    const backward = -0.5 * Math.log(2 * p) - 0.5 * Math.log(2 * (1 - p));
    expect(kullbackLeibler(a, b)).toBeCloseTo(forward, 14);
    expect(kullbackLeibler(b, a)).toBeCloseTo(backward, 14);
    expect(Math.abs(forward - backward)).toBeGreaterThan(0.01);
  });

  it('has a mean and a 99th percentile over positions, in however many pieces they come', () => {
    const divergence = new Divergence();
    expect(divergence.summary).toBeNull();
    // 1 of 101 positions is far off: it moves the mean, and lies beyond the percentile
    for (let i = 0; i < 100; i++) divergence.add(row(0, 0), row(0, 0), 2);
    divergence.add(row(0, 0), row(10, -10), 2);
    const far = kullbackLeibler(row(0, 0), row(10, -10));
    expect(far).toBeCloseTo(10 - Math.log(2), 6);
    expect(divergence.summary).toMatchObject({ positions: 101, klP99: 0, logitMax: 10 });
    expect(divergence.summary?.klMean).toBeCloseTo(far / 101, 12);
  });

  it('stays finite and above 0 where probabilities underflow', () => {
    const found = between(row(0, 900, -900), row(900, 0, -900), 3);
    expect(found?.klMean).toBeCloseTo(900, 9);
  });

  it('refuses rows of different lengths', () => {
    expect(() => between(row(1, 2), row(1), 2)).toThrow('the same positions');
  });
});
