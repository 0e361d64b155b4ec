// What a model takes in bytes, before anything is allocated, and how many pages a budget buys.

import type { ModelConfig } from './config.ts';
import { qkvColumns } from './config.ts';
import type { MemoryEstimate, ModelOptions, RuntimeOptions } from './contract.ts';
import { pageBytes } from './formats.ts';
import { weightBytes } from './weights.ts';

/** Bytes of a model's activations for the largest step. */
export function activationBytes(c: ModelConfig, o: RuntimeOptions): number {
  const row = 3 * c.width + qkvColumns(c) + 2 * c.heads * c.headDim + 3 * c.hidden;
  return 4 * (o.maxTokens * row + o.maxLogits * (c.width + c.vocab + 1) + o.window * c.headDim);
}

/** Bytes of one page of all layers of a model. */
export const modelPageBytes = (c: ModelConfig, m: Pick<ModelOptions, 'kv'>, pageSize: number): number =>
  c.layers * pageBytes(m.kv, c.kvHeads, c.headDim, pageSize);

/** Bytes that a model would take in a runtime of these options. */
export function estimateMemory(c: ModelConfig, m: ModelOptions, o: RuntimeOptions): MemoryEstimate {
  const weights = weightBytes(c, m.weights);
  const kv = o.pages * modelPageBytes(c, m, o.pageSize);
  const step = activationBytes(c, o);
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
