import { describe, expect, it } from 'vitest';
import { prng } from '../../src/core/prng.ts';
import { quantumOf } from '../../src/gpu/quantum.ts';

/** Stamps of a clock that ticks every `period` ns, at moments some µs apart, as whole nanoseconds; `batches` are a millisecond apart. */
function stamps(period: number, { count = 32, batches = 1, mask = 1n, seed = 0 } = {}): bigint[] {
  const random = prng(seed);
  const out: bigint[] = [];
  let now = 7_654_321_987 + random.int(0, 1e6);
  for (let batch = 0; batch < batches; batch++) {
    for (let i = 0; i < count; i++) {
      now += random.int(300, 4000);
      out.push((BigInt(Math.floor(Math.floor(now / period) * period)) / mask) * mask);
    }
    now += random.int(900_000, 2_600_000);
  }
  return out;
}

describe('the step of timestamps', () => {
  it.each([1, 10, 32, 80, 100, 1000])('is exact where it is %i whole nanoseconds', (period) => {
    for (let seed = 0; seed < 50; seed++) expect(quantumOf(stamps(period, { seed }))).toBe(period);
  });
  it.each([
    ['24 MHz', 1e3 / 24],
    ['19.2 MHz', 1e3 / 19.2],
    ['12 MHz', 1e3 / 12],
    ['54 MHz', 1e3 / 54],
  ])('is found at %s, where stamps are rounded to nanoseconds', (_, period) => {
    for (let seed = 0; seed < 50; seed++) expect(quantumOf(stamps(period, { seed }))).toBeCloseTo(period, 1);
  });
  it('is the mask where the browser masks bits, whatever ticks behind it', () => {
    for (let seed = 0; seed < 50; seed++) {
      for (const period of [1, 10, 1e3 / 24])
        expect(quantumOf(stamps(period, { seed, batches: 12, mask: 65_536n }))).toBe(65_536);
      expect(quantumOf(stamps(1, { seed, batches: 12, mask: 100_000n }))).toBe(100_000);
    }
  });
  it('does not depend on where the clock began', () => {
    expect(quantumOf(stamps(10).map((stamp) => stamp + 3n))).toBe(10);
  });
  it('is not said where too few different stamps were seen', () => {
    expect(quantumOf([])).toBeNull();
    expect(quantumOf(Array.from({ length: 32 }, () => 65_536n * 9n))).toBeNull();
    expect(quantumOf(stamps(1, { count: 4 }))).toBeNull();
  });
});
