// Random cells by key: the f64 twin of shaders/seeded_weights.

import { hash32 } from '../core/prng.ts';

/** Cell `index` of a stream: uniform in ±limit, exact in f32. */
export const seededCell = (stream: number, index: number, limit: number): number =>
  Math.fround(((hash32(stream ^ hash32(index)) >>> 8) / 16777216 - 0.5) * Math.fround(limit) * 2);
