// Distributions of lengths, in tokens.

import type { Prng } from '../../core/prng.ts';

export const LENGTH_SHAPES = {
  fixed: 'every length is the mean',
  uniform: 'uniform between half and one and a half times the mean',
  lognormal: 'lognormal with the given mean and a deviation of 0.8 of the logarithm',
  exponential: 'exponential with the given mean',
} as const;
export type LengthShape = keyof typeof LENGTH_SHAPES;

/** One length, at least 1. Lognormal: mean = exp(μ + σ²/2). */
export function drawLength(random: Prng, shape: LengthShape, mean: number): number {
  const sigma = 0.8;
  const draw = {
    fixed: () => mean,
    uniform: () => mean * (0.5 + random.next()),
    lognormal: () => Math.exp(Math.log(mean) - (sigma * sigma) / 2 + sigma * random.normal()),
    exponential: () => random.exponential(mean),
  };
  return Math.max(1, Math.round(draw[shape]()));
}

/** A distribution by its quantiles: [probability, tokens], ascending from 0 to 1. */
export type Quantiles = readonly (readonly [number, number])[];

/** One length by inverse transform; lengths are interpolated linearly between the quantiles given. */
export function drawQuantile(random: Prng, quantiles: Quantiles): number {
  const u = random.next();
  for (let i = 1; i < quantiles.length; i++) {
    const [p1, v1] = quantiles[i] as readonly [number, number];
    if (u > p1) continue;
    const [p0, v0] = quantiles[i - 1] as readonly [number, number];
    return Math.max(1, Math.round(v0 + ((v1 - v0) * (u - p0)) / (p1 - p0)));
  }
  return Math.max(1, Math.round(quantiles.at(-1)?.[1] ?? 1));
}
