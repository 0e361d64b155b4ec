// Single-digit sums, bare and told as a little story.

import { pickSome } from '../../../core/prng.ts';
import { ask, type DocumentKind, type Segment, say } from '../document.ts';
import { drawFact, pick } from '../random.ts';
import { foods, people } from '../words.ts';

export default {
  id: 'sums',
  about: 'Single-digit sums, written as sums or told with people and food.',
  weight: 8,
  make(random, { part }): Segment[] {
    const segments: Segment[] = [];
    const rounds = random.int(3, 9);
    for (let i = 0; i < rounds; i++) {
      if (part === 'train' && random.next() < 0.5) {
        const [a, b] = [random.int(0, 9), random.int(0, 9)];
        segments.push(say(`${a} + ${b} =`), { text: ` ${a + b}`, answers: 'sum' }, say('\n'));
        continue;
      }
      const { a, b, who, other, what } = drawFact(
        part,
        () => {
          const [who, other] = pickSome(random, people, 2);
          if (!who || !other) throw new Error('sums: two people are needed.');
          return { a: random.int(2, 9), b: random.int(1, 9), who, other, what: pick(random, foods) };
        },
        (d) => ['sum', d.who.name, d.what, String(d.a), String(d.b)],
      );
      const told = pick(random, [
        `${who.name} has ${a} ${what}. ${other.name} gives ${who.them} ${b} more.`,
        `${who.name} picks ${a} ${what}. Then ${who.they} picks ${b} more ${what}.`,
        `There are ${a} ${what} in the basket. ${who.name} puts in ${b} more.`,
      ]);
      const question = told.startsWith('There')
        ? `How many ${what} are in the basket?`
        : `How many ${what} does ${who.name} have?`;
      segments.push(say(`${told}\n`), ...ask(question, String(a + b), 'sum'));
    }
    return segments;
  },
} satisfies DocumentKind;
