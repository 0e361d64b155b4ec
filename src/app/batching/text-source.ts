// Where a workload of real text takes its words from: the held-out corpus through the tokenizer of the models in the box,
// loaded when such a workload is chosen.

import { signal } from '@preact/signals';
import { builtIns } from '../../model/built-in.ts';
import type { TextSource } from '../../workloads/contract.ts';

export const textSource = signal<TextSource | null>(null);
let asked = false;

/** Loads it once; without a model in the box there is none. */
export async function loadText(): Promise<void> {
  const model = builtIns.get('base');
  if (asked || !model) return;
  asked = true;
  try {
    const { textSource: make } = await import('../../workloads/corpus/prompts.ts');
    textSource.value = make(await model.tokenizer());
  } catch {
    asked = false; // offline before the first whole visit: the workload says that it has no text
  }
}
