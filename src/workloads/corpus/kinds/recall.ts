// Facts about people, then other text, then questions: what was stated must be found again.

import type { Prng } from '../../../core/prng.ts';
import { ask, type DocumentKind, type Segment, say } from '../document.ts';
import { filler } from '../filler.ts';
import { article, drawFact, type Part, pick, shuffle } from '../random.ts';
import { colors, foods, people, places, things } from '../words.ts';

interface Fact {
  readonly key: string;
  readonly told: string;
  readonly asked: readonly { readonly question: string; readonly answer: string }[];
}

/** No two facts of a text share a thing, and nobody has two of a sort: every question has one answer. */
function drawNew(random: Prng, part: Part, taken: Set<string>): Fact {
  const { form, who, word, color } = drawFact(
    part,
    () => {
      for (;;) {
        const form = pick(random, ['has', 'has', 'lives', 'likes'] as const);
        const word = pick(random, { has: things, lives: places, likes: foods }[form]);
        const who = pick(random, people);
        if (!taken.has(word) && !taken.has(`${who.name} ${form}`))
          return { form, who, word, color: pick(random, colors) };
      }
    },
    (d) => [d.form, d.who.name, d.word],
  );
  taken.add(word).add(`${who.name} ${form}`);
  const n = who.name;
  const key = `${n} ${form}`;
  switch (form) {
    case 'has': {
      const what = `${article(color)} ${word}`;
      const told = [
        `${n} has ${what}.`,
        `${n} got ${what} from ${who.their} mother.`,
        `${n} keeps ${what} at home.`,
      ];
      return {
        key,
        told: pick(random, told),
        asked: [
          { question: `What does ${n} have?`, answer: what },
          { question: `Who has the ${word}?`, answer: n },
          { question: `What color is the ${word}?`, answer: color },
        ],
      };
    }
    case 'lives':
      return {
        key,
        told: pick(random, [`${n} lives near the ${word}.`, `The house of ${n} is near the ${word}.`]),
        asked: [
          { question: `Where does ${n} live?`, answer: `near the ${word}` },
          { question: `Who lives near the ${word}?`, answer: n },
        ],
      };
    case 'likes':
      return {
        key,
        told: pick(random, [`${n} likes ${word}.`, `${n} eats ${word} every day.`]),
        asked: [
          { question: `What does ${n} like?`, answer: word },
          { question: `Who likes ${word}?`, answer: n },
        ],
      };
  }
}

export default {
  id: 'recall',
  about: 'Facts about people, some other text, then questions about them.',
  weight: 26,
  make(random, { part, words }): Segment[] {
    const taken = new Set<string>();
    const facts = Array.from(
      { length: random.int(2, Math.max(3, Math.min(22, Math.round(words / 12)))) },
      () => drawNew(random, part, taken),
    );
    const questions = random.int(2, Math.min(10, facts.length + 2));
    const rest = Math.max(0, words - facts.length * 7 - questions * 12);
    // half of the texts keep the facts together, the others spread them
    const spread = random.next() < 0.5 ? rest / (facts.length + 1) : 0;
    const segments: Segment[] = [];
    for (const fact of facts) {
      segments.push(say(`${fact.told} `, fact.key));
      if (spread > 6) segments.push(say(`${filler(random, spread)} `));
    }
    if (spread <= 6 && rest > 6) segments.push(say(filler(random, rest)));
    segments.push(say('\n'));
    const asked = shuffle(random, [...facts, ...facts]).slice(0, questions);
    for (const fact of asked) {
      const { question, answer } = pick(random, fact.asked);
      segments.push(...ask(question, answer, fact.key));
    }
    return segments;
  },
} satisfies DocumentKind;
