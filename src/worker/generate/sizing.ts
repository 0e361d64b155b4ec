// What loading a model for generating takes: its runtime's sizes, the pool that a KV budget buys, and whether all of it fits.

import { type Failure, ok, type Result } from '../../core/result.ts';
import { type ModelConfig, parameterCount } from '../../model/config.ts';
import type { RuntimeOptions } from '../../model/contract.ts';
import { checkMemory, estimateMemory, poolFor, type Room } from '../../model/memory.ts';
import { mostAnswers } from './answers.ts';
import type { GenerateEstimate, GenerateModel } from './protocol.ts';

/** Most tokens of a prompt in one step: a step stays short enough to be stopped after. */
const longestChunk = 64;

export interface Sized {
  readonly options: RuntimeOptions;
  readonly estimate: Omit<GenerateEstimate, 'budget'>;
}

/** Sizes for a device that has `room`. Fails where not even one page fits. */
export function sizesFor(wanted: GenerateModel, config: ModelConfig, room: Room): Result<Sized, Failure> {
  const { pageSize, kvBudget } = wanted;
  const window = Math.min(wanted.window, config.window);
  const sizes = {
    pageSize,
    rows: mostAnswers,
    window,
    maxTokens: Math.min(longestChunk, window),
    maxLogits: mostAnswers,
    sampleSlots: 2 * mostAnswers,
    inFlight: 2,
  };
  const pool =
    kvBudget === undefined
      ? ok({ pages: Math.ceil(window / pageSize), limit: null })
      : poolFor(config, wanted.options, sizes, kvBudget, room);
  if (!pool.ok) return pool;
  const { pages, limit } = pool.value;
  const options = { ...sizes, pages };
  const fits = checkMemory(config, wanted.options, options, room);
  const estimate = {
    config,
    parameters: parameterCount(config),
    window,
    pages,
    poolLimit: limit,
    memory: estimateMemory(config, wanted.options, options),
    misfit: fits.ok ? null : fits.error,
  };
  return ok({ options, estimate });
}
