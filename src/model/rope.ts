// Inverse frequencies of the rotary embedding, with the scalings that configs name.

import { unreachable } from '../core/assert.ts';
import type { ModelConfig, RopeScaling } from './config.ts';

/** Radians a position by which each pair of cells of a head turns: [headDim / 2]. */
export function ropeFrequencies(c: ModelConfig): Float64Array {
  return Float64Array.from({ length: c.headDim / 2 }, (_, i) =>
    scaled(c.ropeTheta ** ((-2 * i) / c.headDim), c.ropeScaling),
  );
}

function scaled(frequency: number, scaling: RopeScaling): number {
  switch (scaling.kind) {
    case 'none':
      return frequency;
    case 'linear':
      return frequency / scaling.factor;
    case 'llama3': {
      // Meta's reference implementation (llama-models, apply_scaling), also in transformers' modeling_rope_utils
      const wavelength = (2 * Math.PI) / frequency;
      const { originalWindow: window, factor, lowFrequencyFactor: low, highFrequencyFactor: high } = scaling;
      if (wavelength < window / high) return frequency;
      if (wavelength > window / low) return frequency / factor;
      const smooth = (window / wavelength - low) / (high - low);
      return (1 - smooth) * (frequency / factor) + smooth * frequency;
    }
    default:
      return unreachable(scaling, 'rope scaling');
  }
}
