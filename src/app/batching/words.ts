// Words instead of token ids: the tokenizer of the model that served the runs in view. Runs on the virtual clock and runs of
// seeded weights have no words.

import { computed, signal } from '@preact/signals';
import { shown } from './shown.ts';

/** How the ids of one model are spelled. */
export interface Words {
  /** Ids that follow each other, as text. */
  decode(ids: readonly number[]): string;
  /** One id by itself, without the space before it; a line's end is shown. */
  piece(id: number): string;
}

const known = signal<ReadonlyMap<string, Words>>(new Map());

/** Of the runs in view; null while there are none, or before the tokenizer is there. */
export const words = computed((): Words | null => known.value.get(shown.value?.model ?? '') ?? null);

/** Models that have none, or whose tokenizer could not be fetched. */
const without = signal<ReadonlySet<string>>(new Set());

/** Words are on their way: recorded runs are of models that have them. Their place is kept, so that nothing moves when they come. */
export const awaited = computed((): boolean => {
  const { source, model = null } = shown.value ?? {};
  return source === 'recorded' && model !== null && words.value === null && !without.value.has(model);
});

/** Fetches the tokenizer of the model in view, if it has one. */
export async function loadWords(model: string | null): Promise<void> {
  if (model === null || known.peek().has(model)) return;
  const found = await wordsOf(model).catch(() => null);
  if (found) known.value = new Map(known.peek()).set(model, found);
  else without.value = new Set(without.peek()).add(model);
}

async function wordsOf(model: string): Promise<Words | null> {
  const [{ builtIns }, { tokensFor }] = await Promise.all([
    import('../../model/built-in.ts'),
    import('./serving-model.ts'),
  ]);
  const builtIn = builtIns.get(model);
  if (!builtIn) return null;
  const { decode } = await tokensFor(builtIn);
  const piece = (id: number): string => decode([id]).replaceAll('\n', '↵').trim();
  return { decode, piece };
}
