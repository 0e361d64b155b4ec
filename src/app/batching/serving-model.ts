// Which model serves a comparison on a device, and what its requests say. No page here: recording uses it too.

import { promptLength, type Request } from '../../engine/request.ts';
import type { Limits } from '../../engine/view.ts';
import { type BuiltIn, builtIns } from '../../model/built-in.ts';
import { presets } from '../../model/presets.ts';
import { modelPageBytes, pagesForBudget } from '../../model/sizes.ts';
import type { ServedModel } from '../../worker/serving/protocol.ts';
import { endedByModel } from '../../workloads/contract.ts';
import { LISTED, limitsOnGpu, REAL_TEXT, type Wanted } from './spec.ts';

/**
 * Listed requests and real text are served by a trained model, so that their words can be read. Generated ones measure a device: a tiny model
 * shows only what starting kernels costs, so a GPU serves 135M parameters; a CPU would take minutes.
 */
export function modelFor(want: Pick<Wanted, 'workload'>, fallback: boolean): ServedModel {
  const weights = fallback ? 'f32' : 'f16';
  const options = { weights, kv: 'f32', kernels: 'auto' } as const;
  const trained = [LISTED, REAL_TEXT].includes(want.workload.id) ? builtIns.get('base') : undefined;
  if (trained) return { config: trained.config, options, builtIn: trained.name };
  return { config: fallback ? presets.nano : presets['SmolLM2-135M'], options, seed: 1 };
}

/** Bytes of KV that a pool takes when this model serves on a device. */
export function kvBytes(model: ServedModel, limits: Limits): number {
  const { pages, pageSize } = limitsOnGpu(limits, model.config);
  return pages * modelPageBytes(model, pageSize);
}

/** Pages, of the size that the limits give, that a budget of KV buys when this model serves; one at least. */
export function pagesOf(model: ServedModel, limits: Limits, bytes: number): number {
  const { pageSize } = limitsOnGpu(limits, model.config);
  const tokens = pagesForBudget([model], pageSize, bytes) * pageSize;
  return Math.max(1, Math.floor(tokens / limits.pageSize));
}

/** The requests with prompts that the model understands, where it is one that does; prompts of words end as it ends them. */
export async function promptsFor(
  model: ServedModel,
  requests: readonly Request[],
): Promise<readonly Request[]> {
  const trained = 'builtIn' in model ? builtIns.get(model.builtIn) : undefined;
  if (!trained) return requests;
  const words = requests.every(({ prompt }) => prompt.every((part) => 'tokens' in part));
  return words ? endedByModel(requests) : withStories(requests, trained);
}

/** The tokenizer of a model in the box. */
export async function tokensFor(model: BuiltIn) {
  // the library and the vocabulary come when somebody asks for words: the first picture does without
  const { tokensOf } = await import('../../workloads/corpus/encode.ts');
  return tokensOf(await model.tokenizer());
}

/** The same requests with prompts of the same lengths that are the beginnings of stories the model has not seen. */
async function withStories(requests: readonly Request[], model: BuiltIn): Promise<readonly Request[]> {
  const { heldOut, tokensOf } = await import('../../workloads/corpus/encode.ts');
  const all = heldOut(tokensOf(await model.tokenizer()), 200).filter(({ kind }) => kind === 'story');
  // many stories begin alike: one of each beginning, so that the answers differ
  const stories = [...new Map(all.map((story) => [story.ids.slice(0, 6).join(), story])).values()];
  // whole stories follow each other where a prompt is longer than one
  const from = (i: number, length: number): number[] => {
    const ids: number[] = [];
    for (let s = i; ids.length < length; s++) ids.push(...(stories[s % stories.length]?.ids ?? []));
    return ids.slice(0, length);
  };
  return requests.map((request, i) => ({
    ...request,
    prompt: [{ tokens: from(i, promptLength(request.prompt)) }],
  }));
}
