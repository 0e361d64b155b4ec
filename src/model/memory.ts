// What a model takes in bytes, before anything is allocated, and how many pages a budget buys.

import type { ModelConfig } from './config.ts';
import { qkvColumns } from './config.ts';
import type { MemoryEstimate, ModelOptions, RuntimeOptions } from './contract.ts';
import { pageBytes } from './formats.ts';
import { layerInputs } from './roles.ts';
import { weightBytes } from './weights.ts';

/** Bytes of what int8 activations take beside f32 ones: their cells, their scales, and the rounded values as f32. */
export function roundingBytes(c: ModelConfig, o: Pick<RuntimeOptions, 'maxTokens'>) {
  const widest = Math.max(...Object.values(layerInputs(c)));
  const t = o.maxTokens;
  return { cells: t * Math.ceil(widest / 16) * 16, scales: t * 4, rounded: t * Math.ceil(widest / 4) * 16 };
}

/** Bytes of a model's activations for the largest step. */
export function activationBytes(
  c: ModelConfig,
  m: Pick<ModelOptions, 'activations'>,
  o: RuntimeOptions,
): number {
  const row = 3 * c.width + qkvColumns(c) + 2 * c.heads * c.headDim + 3 * c.hidden;
  const { cells, scales, rounded } = roundingBytes(c, o);
  const rounding = m.activations === 'i8' ? cells + scales + rounded : 0;
  return rounding + 4 * (o.maxTokens * row + o.maxLogits * (c.width + c.vocab + 1) + o.window * c.headDim);
}

/** Bytes of one page of all layers of a model. */
export const modelPageBytes = (c: ModelConfig, m: Pick<ModelOptions, 'kv'>, pageSize: number): number =>
  c.layers * pageBytes(m.kv, c.kvHeads, c.headDim, pageSize);

/** Bytes that a model would take in a runtime of these options. */
export function estimateMemory(c: ModelConfig, m: ModelOptions, o: RuntimeOptions): MemoryEstimate {
  const weights = weightBytes(c, m.weights);
  const kv = o.pages * modelPageBytes(c, m, o.pageSize);
  const step = activationBytes(c, m, o);
  return { weights, kv, step, total: weights + kv + step };
}

/**
 * Pages that `bytes` of KV buy when these models share one page space: a page id takes its bytes in every model.
 * No more than a layer's pages may hold in one binding of `largestBinding` bytes.
 */
export function pagesForBudget(
  models: readonly { readonly config: ModelConfig; readonly options: Pick<ModelOptions, 'kv'> }[],
  pageSize: number,
  bytes: number,
  largestBinding = Number.POSITIVE_INFINITY,
): number {
  const perPage = models.reduce(
    (sum, { config, options }) => sum + modelPageBytes(config, options, pageSize),
    0,
  );
  const widest = Math.max(
    ...models.map(({ config, options }) => pageBytes(options.kv, config.kvHeads, config.headDim, pageSize)),
  );
  return Math.max(0, Math.floor(Math.min(bytes / perPage, largestBinding / widest)));
}
