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

/** Fetches the tokenizer of the model in view, if it has one. */
export async function loadWords(model: string | null): Promise<void> {
  if (model === null || known.peek().has(model)) return;
  const [{ builtIns }, { tokensFor }] = await Promise.all([
    import('../../model/built-in.ts'),
    import('./serving-model.ts'),
  ]);
  const builtIn = builtIns.get(model);
  if (!builtIn) return;
  const { decode } = await tokensFor(builtIn);
  const piece = (id: number): string => decode([id]).replaceAll('\n', '↵').trim();
  known.value = new Map(known.peek()).set(builtIn.name, { decode, piece });
}
