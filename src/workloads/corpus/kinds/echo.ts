// Lines said again and again, and facts or pairs said again in another order: the plainest text in which looking back
// pays. Training begins with it, because looking back is most of its loss.

import { type Prng, pickSome, shuffle } from '../../../core/prng.ts';
import { type DocumentKind, type Segment, say } from '../document.ts';
import { drawNew } from '../facts.ts';
import type { Part } from '../random.ts';
import { people, plain } from '../words.ts';

function line(random: Prng, times: number): Segment[] {
  const words = pickSome(random, plain, random.int(4, 30)).join(' ');
  const again = Array.from({ length: times }, (): Segment[] => [
    { text: ` ${words}`, answers: 'echo' },
    say('.\n'),
  ]);
  return [say('Echo:'), say(` ${words}`, 'echo'), say('.\n'), ...again.flat()];
}

/** Keys and what follows them, first in one order and then in others. */
function shuffled(random: Prng, times: number, end: string, pairs: readonly (readonly [string, string])[]) {
  const round = (order: typeof pairs, again: boolean): Segment[] =>
    order.flatMap(([key, word]) => [
      say(` ${key}`),
      again ? { text: ` ${word}`, answers: 'echo' } : say(` ${word}`, 'echo'),
      say(end),
    ]);
  const rounds = Array.from({ length: times }, () => [
    say('\nAgain:'),
    ...round(shuffle(random, pairs), true),
  ]);
  return [say('Pairs:'), ...round(pairs, false), ...rounds.flat(), say('\n')];
}

function facts(random: Prng, part: Part, count: number): (readonly [string, string])[] {
  const taken = new Set<string>();
  return Array.from({ length: count }, () => {
    const { key, answer } = drawNew(random, part, taken);
    return [key, answer.slice(key.length + 1)];
  });
}

export default {
  id: 'echo',
  about: 'A line of words repeated, or facts or pairs of a name and a word repeated in another order.',
  weight: 0,
  make(random, { part }): Segment[] {
    const times = random.int(3, 8);
    const form = random.next();
    if (form < 0.35) return line(random, times);
    const count = random.int(3, 12);
    if (form < 0.6) {
      const words = pickSome(random, plain, count);
      const names = pickSome(random, people, count);
      return shuffled(
        random,
        times,
        ',',
        names.map((who, i) => [who.name, words[i] ?? ''] as const),
      );
    }
    return shuffled(random, times, '.', facts(random, part, count));
  },
} satisfies DocumentKind;
