// Drawing from a list, and the split of facts into a training and a held-out part.

import { hashKeys, type Prng } from '../../core/prng.ts';

/** `heldout` facts never occur in training text, and the other way round. */
export type Part = 'train' | 'heldout';

/** One fact in eight is held out. A fact is the words that make it: who, what and where. */
export function partOf(fact: readonly string[]): Part {
  let hash = 0xfac7;
  for (const word of fact)
    for (let i = 0; i <= word.length; i++) hash = hashKeys(hash, i < word.length ? word.charCodeAt(i) : 0);
  return hash % 8 === 0 ? 'heldout' : 'train';
}

export function pick<T>(random: Prng, from: readonly T[]): T {
  const one = from[random.int(0, from.length - 1)];
  if (one === undefined) throw new Error('pick: the list is empty.');
  return one;
}

/** Draws until the fact of what was drawn belongs to `part`. */
export function drawFact<T>(part: Part, draw: () => T, factOf: (drawn: T) => readonly string[]): T {
  for (;;) {
    const drawn = draw();
    if (partOf(factOf(drawn)) === part) return drawn;
  }
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
export const article = (word: string): string => (/^[aeiou]/.test(word) ? `an ${word}` : `a ${word}`);
