import { describe, expect, it } from 'vitest';
import { collect } from '../../src/core/collect.ts';
import { hash32, prng } from '../../src/core/prng.ts';
import { deviation, mean, median, quantile, spread } from '../../src/core/stats.ts';

describe('stats', () => {
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
