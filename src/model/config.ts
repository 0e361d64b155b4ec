// The shape of a Llama-style decoder: every number that its mathematics depends on, and nothing else. The
// presets are in presets.ts; reading a config.json, with refusals by name, is in config-json.ts.

import type { Failure, Result } from '../core/result.ts';
import { err, failure, ok } from '../core/result.ts';

/** How rotary frequencies are stretched beyond the window that the model was first trained on. */
export type RopeScaling =
  | { readonly kind: 'none' }
  /** Every position divided by `factor` (Chen et al. 2023, position interpolation). */
  | { readonly kind: 'linear'; readonly factor: number }
  /** Low frequencies divided by `factor`, high ones kept, the rest blended (Llama 3.1 model card). */
  | {
      readonly kind: 'llama3';
      readonly factor: number;
      readonly lowFrequencyFactor: number;
      readonly highFrequencyFactor: number;
      readonly originalWindow: number;
    };

export interface ModelConfig {
  readonly name: string;
  readonly layers: number;
  /** Width of the residual stream. */
  readonly width: number;
  readonly heads: number;
  /** Heads of K and V; `heads / kvHeads` query heads share one. */
  readonly kvHeads: number;
  readonly headDim: number;
  /** Width between the gate/up and the down projection. */
  readonly hidden: number;
  readonly vocab: number;
  /** Longest sequence in tokens. */
  readonly window: number;
  readonly normEpsilon: number;
  readonly ropeTheta: number;
  readonly ropeScaling: RopeScaling;
  /** Whether the Q, K and V projections add a bias (Qwen2). */
  readonly qkvBias: 'none' | 'present';
  /** Whether the output projection is the embedding itself. */
  readonly embeddings: 'tied' | 'separate';
}

/** Head sizes that the attention kernels are tested with; 16 serves the smallest test models. */
export const headDims = [16, 32, 48, 64, 96, 128] as const;

/** Refuses a config that no kernel computes, naming the field. */
export function checkConfig(config: ModelConfig): Result<ModelConfig, Failure<'bad-config'>> {
  const bad = (field: string, value: unknown, hint: string) =>
    err(failure('bad-config', `${config.name}: ${field} is ${String(value)}.`, hint));
  for (const field of [
    'layers',
    'width',
    'heads',
    'kvHeads',
    'headDim',
    'hidden',
    'vocab',
    'window',
  ] as const) {
    const value = config[field];
    if (!Number.isInteger(value) || value < 1) return bad(field, value, 'It must be a whole number above 0.');
  }
  if (!headDims.some((d) => d === config.headDim))
    return bad('headDim', config.headDim, `The attention kernels take ${headDims.join(', ')}.`);
  if (config.heads % config.kvHeads !== 0)
    return bad('kvHeads', config.kvHeads, `It must divide heads (${config.heads}).`);
  if (config.heads / config.kvHeads > 8)
    return bad(
      'heads / kvHeads',
      config.heads / config.kvHeads,
      'At most 8 query heads may share a KV head.',
    );
  for (const field of ['width', 'hidden'] as const)
    if (config[field] % 4 !== 0) return bad(field, config[field], 'It must be a multiple of 4.');
  if (!(config.normEpsilon > 0)) return bad('normEpsilon', config.normEpsilon, 'It must be above 0.');
  if (!(config.ropeTheta > 1)) return bad('ropeTheta', config.ropeTheta, 'It must be above 1.');
  return ok(config);
}

/** Columns of the fused Q, K, V projection. */
export const qkvColumns = (c: ModelConfig): number => (c.heads + 2 * c.kvHeads) * c.headDim;

/** Cells of one layer's matrices. */
export const matrixParameters = (c: ModelConfig): number =>
  qkvColumns(c) * c.width + c.width * c.heads * c.headDim + 3 * c.width * c.hidden;

/** Parameters of the model, tied embeddings counted once. */
export function parameterCount(c: ModelConfig): number {
  const bias = c.qkvBias === 'present' ? qkvColumns(c) : 0;
  const layer = matrixParameters(c) + bias + 2 * c.width;
  return c.layers * layer + c.width + c.vocab * c.width * (c.embeddings === 'tied' ? 1 : 2);
}
