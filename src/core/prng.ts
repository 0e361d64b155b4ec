// Seeded random numbers: the same seed gives the same stream on every machine.

import { assert, at } from './assert.ts';

/**
 * A 32-bit mixing hash (Wellons, "lowbias32", https://nullprogram.com/blog/2018/07/31/). Used wherever a
 * value must depend on a key and not on the order of calls; shaders/lib/hash.wgsl holds the same function.
 */
export function hash32(x: number): number {
  let h = x | 0;
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Combines keys into one hash, order included. */
export function hashKeys(...keys: readonly number[]): number {
  let h = 0x9e3779b9;
  for (const key of keys) h = hash32(h ^ hash32(key));
  return h >>> 0;
}

export interface Prng {
  /** Uniform in [0, 1), 32 bits of it. */
  next(): number;
  /** Uniform integer in [low, high], both ends included. */
  int(low: number, high: number): number;
  /** Standard normal (Box–Muller, one of the pair). */
  normal(): number;
  /** Gamma with the given shape and scale (Marsaglia & Tsang 2000). */
  gamma(shape: number, scale: number): number;
  /** Exponential with the given mean. */
  exponential(mean: number): number;
  /** An independent stream named by `key`. */
  fork(key: number): Prng;
}

/** sfc32 (Doty-Humphrey), seeded through hash32. Period about 2^127. */
export function prng(seed: number): Prng {
  let a = hashKeys(seed, 1) | 0;
  let b = hashKeys(seed, 2) | 0;
  let c = hashKeys(seed, 3) | 0;
  let d = 1;
  const u32 = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) u32();
  const self: Prng = {
    next: () => u32() / 4294967296,
    int: (low, high) => low + Math.floor(self.next() * (high - low + 1)),
    normal: () => Math.sqrt(-2 * Math.log(1 - self.next())) * Math.cos(2 * Math.PI * self.next()),
    gamma: (shape, scale) => {
      if (shape < 1) return self.gamma(shape + 1, scale) * (1 - self.next()) ** (1 / shape);
      const d0 = shape - 1 / 3;
      const c0 = 1 / Math.sqrt(9 * d0);
      for (;;) {
        const x = self.normal();
        const v = (1 + c0 * x) ** 3;
        if (v > 0 && Math.log(1 - self.next()) < 0.5 * x * x + d0 - d0 * v + d0 * Math.log(v))
          return d0 * v * scale;
      }
    },
    exponential: (mean) => -mean * Math.log(1 - self.next()),
    fork: (key) => prng(hashKeys(seed, key, 0x5eed)),
  };
  return self;
}

/** `count` different members in random order, every choice equally likely; all of them when there are not more. */
export function pickSome<T>(random: Prng, from: readonly T[], count: number): T[] {
  const left = [...from];
  return Array.from({ length: Math.min(count, left.length) }, () => {
    const [one] = left.splice(random.int(0, left.length - 1), 1);
    assert(one !== undefined, 'pickSome: a list of undefined');
    return one;
  });
}

/**
 * Every order equally likely; sorting by random numbers drawn in the comparison is not. In quadratic time, and kept because the
 * corpus depends on its draws.
 */
export const shuffle = <T>(random: Prng, list: readonly T[]): T[] => pickSome(random, list, list.length);

/** 0 … count − 1, each once, in a seeded order, in linear time (Fisher & Yates 1938). */
export function permutation(random: Prng, count: number): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.int(0, i);
    [order[i], order[j]] = [at(order, j), at(order, i)];
  }
  return order;
}
