// Every buffer that a model takes beside its weights and pages, in bytes: what program.ts makes, and what memory.ts adds up
// before anything is made.

import { type ModelConfig, qkvColumns } from './config.ts';
import type { ModelOptions, RuntimeOptions } from './contract.ts';
import { BUSY } from './versions.ts';

/** What norms and gates leave for the layers' matrices: values, or int8 cells with one scale a token, which all share. */
export type LayerInputBytes =
  | { readonly kind: 'f32'; readonly h: number; readonly gated: number }
  | { readonly kind: 'i8'; readonly cells: number; readonly scales: number };

export function layerInputBytes(
  c: ModelConfig,
  m: Pick<ModelOptions, 'activations'>,
  o: Pick<RuntimeOptions, 'maxTokens'>,
): LayerInputBytes {
  const t = o.maxTokens;
  if (m.activations !== 'i8') return { kind: 'f32', h: 4 * t * c.width, gated: 4 * t * c.hidden };
  const widest = Math.max(c.width, c.heads * c.headDim, c.hidden);
  return { kind: 'i8', cells: t * Math.ceil(widest / 16) * 16, scales: 4 * t };
}

/** Softmax partitions of 512 keys, where a lone decode is spread over them. */
function partialBytes({ heads, kvHeads, headDim }: ModelConfig, o: RuntimeOptions): number {
  const partitions = Math.ceil(o.window / 512);
  if (partitions === 1) return 16;
  return Math.min(BUSY, o.maxTokens * kvHeads) * partitions * (heads / kvHeads) * (headDim + 4) * 4;
}

/** The buffers that every model has, each by its label. */
export function activationBytes(c: ModelConfig, o: RuntimeOptions) {
  const t = 4 * o.maxTokens;
  const l = 4 * o.maxLogits;
  return {
    x: t * c.width,
    delta: t * c.width,
    qkv: t * qkvColumns(c),
    q: t * c.heads * c.headDim,
    attended: t * c.heads * c.headDim,
    gate_up: t * 2 * c.hidden,
    normed: l * c.width,
    logits: l * Math.ceil(c.vocab / 4) * 4,
    ids: l,
    partials: partialBytes(c, o),
    no_bias: 4 * qkvColumns(c),
    rotations: 4 * o.window * c.headDim,
  };
}
