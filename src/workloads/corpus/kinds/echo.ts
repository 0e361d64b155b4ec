// Lines said again and again, and pairs said again in another order: the plainest text in which looking back pays.
// Training has a stretch of it, because a model that has not yet learned to look back learns it here in minutes.

import { type DocumentKind, type Segment, say } from '../document.ts';
import { pickSome, shuffle } from '../random.ts';
import { people, plain } from '../words.ts';

export default {
  id: 'echo',
  about: 'A line of words repeated, or pairs of a name and a word repeated in another order.',
  weight: 0,
  make(random): Segment[] {
    const times = random.int(2, 5);
    if (random.next() < 0.4) {
      const line = pickSome(random, plain, random.int(4, 20)).join(' ');
      const again = Array.from({ length: times }, (): Segment[] => [
        { text: ` ${line}`, answers: 'echo' },
        say('.\n'),
      ]);
      return [say('Echo:'), say(` ${line}`, 'echo'), say('.\n'), ...again.flat()];
    }
    const words = pickSome(random, plain, random.int(3, 12));
    const pairs = pickSome(random, people, words.length).map((who, i) => [who.name, words[i] ?? ''] as const);
    return Array.from({ length: times + 1 }, (_, round) =>
      (round === 0 ? pairs : shuffle(random, pairs)).flatMap(([name, word]): Segment[] => [
        say(`${name}:`),
        round === 0 ? say(` ${word}`, 'echo') : { text: ` ${word}`, answers: 'echo' },
        say('\n'),
      ]),
    ).flat();
  },
} satisfies DocumentKind;
