import { describe, expect, it } from 'vitest';
import { collect } from '../../src/core/collect.ts';
import { hash32, pickSome, prng, shuffle } from '../../src/core/prng.ts';
import { deviation, mean, median, quantile, spread, student95 } from '../../src/core/stats.ts';

describe('stats', () => {
  it('has the quantiles of Student’s t that tables print', () => {
    const table = { 1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 9: 2.262, 29: 2.045, 1000: 1.962 };
    for (const [freedom, t] of Object.entries(table)) {
      expect(Math.abs(student95(Number(freedom)) - t), freedom).toBeLessThan(
        Number(freedom) < 5 ? 0.01 : 0.001,
      );
    }
  });
  it('interpolates percentiles linearly (type 7, as numpy does)', () => {
    expect(quantile([1, 2, 3, 4], 0.25)).toBe(1.75);
    expect(median([3, 1, 2])).toBe(2);
    expect(spread([10, 20, 30, 40, 50])).toEqual({ median: 30, p10: 14, p90: 46, n: 5 });
  });
});

describe('prng', () => {
  it('repeats from its seed and differs between seeds', () => {
    const draw = (seed: number) => Array.from({ length: 5 }, prng(seed).next);
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });
  it('hash32 has the published values of lowbias32', () => {
    expect([0, 1, 2].map(hash32)).toEqual([0, 1753845952, 3507691905]);
  });
  it('gamma has the mean and deviation of its parameters', () => {
    for (const shape of [0.25, 1, 4]) {
      const r = prng(11);
      const xs = Array.from({ length: 40_000 }, () => r.gamma(shape, 2));
      expect(mean(xs) / (shape * 2)).toBeCloseTo(1, 1);
      expect(deviation(xs) / (Math.sqrt(shape) * 2)).toBeCloseTo(1, 1);
    }
  });
});

describe('shuffle', () => {
  it('gives every order equally often, where sorting by a coin does not', () => {
    const random = prng(4);
    const list = ['a', 'b', 'c'];
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = shuffle(random, list).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba']);
    // five standard deviations of a binomial count of 1 in 6
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(145);
    expect(list).toEqual(['a', 'b', 'c']);
  });
  it('repeats from its seed; some of a list are different members of it', () => {
    const list = Array.from({ length: 20 }, (_, i) => i);
    expect(shuffle(prng(9), list)).toEqual(shuffle(prng(9), list));
    const some = pickSome(prng(9), list, 5);
    expect(new Set(some).size).toBe(5);
    expect(pickSome(prng(9), list, 99).toSorted((a, b) => a - b)).toEqual(list);
    expect(pickSome(prng(9), [], 3)).toEqual([]);
  });
});

describe('collect', () => {
  it('keys by id, and a folder names its op.ts', () => {
    const found = collect({
      './matmul/op.ts': { default: { id: 'matmul' } },
      './a.ts': { default: { id: 'a' } },
    });
    expect([...found.keys()]).toEqual(['a', 'matmul']);
  });
  it('names both paths of a duplicate, and a missing or misnamed default', () => {
    expect(() =>
      collect({ './x/a.ts': { default: { id: 'a' } }, './y/a.ts': { default: { id: 'a' } } }),
    ).toThrow('./y/a.ts and ./x/a.ts both have the id "a"');
    expect(() => collect({ './b.ts': {} })).toThrow('./b.ts has no default export');
    expect(() => collect({ './b.ts': { default: { id: 'c' } } })).toThrow(
      'it must equal the file\'s name, "b"',
    );
  });
});
