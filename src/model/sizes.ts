// How many KV pages a budget buys. Pure, so that the page can say it before there is a device. A budget is turned into pages
// where it is said: links, run files and the engine know pages alone, and so mean the same on every device.

import type { ModelConfig } from './config.ts';
import { type KvFormat, pageBytes } from './formats.ts';

/** A model whose pages are counted: what it keeps K and V in. */
export interface Paged {
  readonly config: ModelConfig;
  readonly options: { readonly kv: KvFormat };
}

/** Bytes of one page of one layer. */
export const layerPageBytes = ({ config, options }: Paged, pageSize: number): number =>
  pageBytes(options.kv, config.kvHeads, config.headDim, pageSize);

/** Bytes of one page of all layers of a model. */
export const modelPageBytes = (model: Paged, pageSize: number): number =>
  model.config.layers * layerPageBytes(model, pageSize);

/** Pages that `bytes` of KV buy when these models share one page space: a page id takes its bytes in every model. */
export const pagesForBudget = (models: readonly Paged[], pageSize: number, bytes: number): number =>
  Math.max(0, Math.floor(bytes / models.reduce((sum, model) => sum + modelPageBytes(model, pageSize), 0)));
