// Facts about people, each with the questions that it answers.

import type { Prng } from '../../core/prng.ts';
import { article, drawFact, type Part, pick } from './random.ts';
import { colors, foods, people, places, things } from './words.ts';

export interface Fact {
  readonly key: string;
  readonly told: string;
  /** Ways of asking for it. */
  readonly asked: readonly string[];
  readonly answer: string;
}

/**
 * No two facts of a text share a person or a thing, so every question has one answer. Answers are whole sentences that
 * begin as the fact does: a small model finds the rest of a sentence that it has begun long before it can go from a
 * question straight to the word.
 */
export function drawNew(random: Prng, part: Part, taken: Set<string>): Fact {
  const { form, who, word, color } = drawFact(
    part,
    () => {
      for (;;) {
        const form = pick(random, ['has', 'has', 'lives', 'likes'] as const);
        const word = pick(random, { has: things, lives: places, likes: foods }[form]);
        const who = pick(random, people);
        if (!taken.has(word) && !taken.has(who.name)) return { form, who, word, color: pick(random, colors) };
      }
    },
    (d) => [d.form, d.who.name, d.word],
  );
  taken.add(word).add(who.name);
  const n = who.name;
  switch (form) {
    case 'has': {
      const fact = `${n} has ${article(color)} ${word}`;
      return { key: n, told: `${fact}.`, asked: [`What does ${n} have?`], answer: fact };
    }
    case 'lives': {
      const fact = `${n} lives near the ${word}`;
      return { key: n, told: `${fact}.`, asked: [`Where does ${n} live?`], answer: fact };
    }
    case 'likes': {
      const fact = `${n} likes ${word}`;
      return { key: n, told: `${fact}.`, asked: [`What does ${n} like?`], answer: fact };
    }
  }
}
