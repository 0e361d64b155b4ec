// The shape of a Llama-style decoder: every number that its mathematics depends on, and nothing else. The
// presets are in presets.ts; reading a config.json, with refusals by name, is in config-json.ts.

import type { Failure, Result } from '../core/result.ts';
import { err, failure, ok } from '../core/result.ts';
import { show } from './strict-json.ts';

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

/**
 * The most of each size: several times the largest published decoder of this family (Llama 3.1 405B: 126 layers, width 16,384,
 * hidden 53,248, 128 heads; a vocabulary of 262,144 in Gemma 3, a window of 10 M tokens in Llama 4). What is larger is a broken or
 * hostile file. Within these bounds lists of tensors stay short and byte counts are exact.
 */
const most = {
  layers: 1024,
  width: 2 ** 16,
  heads: 1024,
  kvHeads: 1024,
  hidden: 2 ** 18,
  vocab: 2 ** 20,
  window: 2 ** 24,
} as const satisfies Partial<Record<keyof ModelConfig, number>>;

/** A field that no kernel computes with its value. */
export interface ConfigFault {
  readonly field: keyof typeof most | 'headDim' | 'normEpsilon' | 'ropeTheta' | 'ropeScaling';
  readonly value: unknown;
  readonly hint: string;
}

/** The first field of a config that no kernel computes. */
export function configFault(config: ModelConfig): ConfigFault | undefined {
  const fault = (field: ConfigFault['field'], hint: string): ConfigFault => ({
    field,
    value: config[field],
    hint,
  });
  const { headDim, heads, kvHeads, normEpsilon, ropeTheta, ropeScaling: scaling } = config;
  for (const field of Object.keys(most) as (keyof typeof most)[]) {
    const value = config[field];
    if (!Number.isInteger(value) || value < 1 || value > most[field])
      return fault(field, `It must be a whole number from 1 to ${most[field]}.`);
  }
  if (!headDims.some((d) => d === headDim))
    return fault('headDim', `The attention kernels take ${headDims.join(', ')}.`);
  if (heads % kvHeads !== 0) return fault('kvHeads', `It must divide the number of heads, ${heads}.`);
  if (heads / kvHeads > 8)
    return fault('kvHeads', `At most 8 of the ${heads} query heads may share a head of K and V.`);
  for (const field of ['width', 'hidden'] as const)
    if (config[field] % 4 !== 0) return fault(field, 'It must be a multiple of 4.');
  // kernels hold it in f32
  if (!(Math.fround(normEpsilon) > 0 && Number.isFinite(Math.fround(normEpsilon))))
    return fault('normEpsilon', 'It must be above 0 and finite in f32.');
  if (!(ropeTheta > 1 && Number.isFinite(ropeTheta)))
    return fault('ropeTheta', 'It must be above 1 and finite.');
  const { kind, ...factors } = scaling;
  if (!Object.values(factors).every((x) => Number.isFinite(x) && x > 0))
    return fault('ropeScaling', 'Its numbers must be above 0 and finite.');
  if (scaling.kind === 'llama3' && scaling.highFrequencyFactor <= scaling.lowFrequencyFactor)
    return fault('ropeScaling', 'Its factor of high frequencies must be above that of low ones.');
  return undefined;
}

/** Refuses a config that no kernel computes, naming the field. */
export function checkConfig(config: ModelConfig): Result<ModelConfig, Failure<'bad-config'>> {
  const fault = configFault(config);
  if (!fault) return ok(config);
  const { field, value, hint } = fault;
  return err(failure('bad-config', `${config.name}: ${field} is ${show(value)}.`, hint));
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
