// Compares outputs with the double-precision reference. No figure is shown for a run that fails here.

import { assert, at } from '../core/assert.ts';
import type { Expected, Tolerance } from './op.ts';

export interface Mismatch {
  /** Flat index of the worst cell. */
  readonly index: number;
  readonly got: number;
  readonly want: number;
}

export interface Verdict {
  readonly verified: boolean;
  /**
   * Largest |got − want| / (magnitude + absolute / relative), which is at most tolerance.relative where all passes; with a
   * relative tolerance of 0, largest |got − want| / magnitude.
   */
  readonly maxError: number;
  /** How many cells were compared. */
  readonly cells: number;
  readonly failed: number;
  readonly worst?: Mismatch;
}

/** Compares cell by cell. NaN must meet NaN, an infinity itself. */
export function verify(got: Float64Array, want: Expected, tolerance: Tolerance): Verdict {
  assert(got.length === want.value.length, `${got.length} cells compared with ${want.value.length}`);
  let maxError = 0;
  let failed = 0;
  let worst: Mismatch | undefined;
  const { relative, absolute } = tolerance;
  const floor = relative > 0 ? absolute / relative : 0;
  for (let i = 0; i < got.length; i++) {
    const g = at(got, i);
    const w = at(want.value, i);
    if (Object.is(g, w) || g === w || (Number.isNaN(g) && Number.isNaN(w))) continue;
    const difference = Math.abs(g - w);
    const magnitude = at(want.magnitude, i);
    const scale = magnitude + floor;
    const error = Number.isFinite(difference) && scale > 0 ? difference / scale : Number.POSITIVE_INFINITY;
    if (!(Number.isFinite(difference) && difference <= relative * magnitude + absolute)) failed++;
    if (error > maxError || !worst) {
      maxError = Math.max(maxError, error);
      worst = { index: i, got: g, want: w };
    }
  }
  return { verified: failed === 0, maxError, cells: got.length, failed, ...(worst && { worst }) };
}

/** ‖got − ideal‖ / ‖ideal‖ over finite cells: what quantization costs. 0 when both are all zero. */
export function relativeRms(got: Float64Array, ideal: Float64Array): number {
  let error = 0;
  let norm = 0;
  for (let i = 0; i < got.length; i++) {
    const d = at(got, i) - at(ideal, i);
    if (!Number.isFinite(d)) continue;
    error += d * d;
    norm += at(ideal, i) ** 2;
  }
  return norm > 0 ? Math.sqrt(error / norm) : error > 0 ? Number.POSITIVE_INFINITY : 0;
}
