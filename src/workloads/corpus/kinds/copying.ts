// Words to be said again, at once or after a stretch of other text.

import { type Prng, pickSome } from '../../../core/prng.ts';
import { type DocumentKind, type Segment, say } from '../document.ts';
import { filler } from '../filler.ts';
import { drawFact, type Part, pick } from '../random.ts';
import { people, plain } from '../words.ts';

/** No word stands in two lines of a text. */
function words(random: Prng, part: Part, taken: Set<string>): string[] {
  const left = plain.filter((word) => !taken.has(word));
  const list = drawFact(
    part,
    () => pickSome(random, left, random.int(3, 12)),
    (drawn) => ['copy', ...drawn.slice(0, 3)],
  );
  for (const word of list) taken.add(word);
  return list;
}

export default {
  id: 'copying',
  about: 'A line of words, later to be repeated word by word.',
  weight: 10,
  make(random, { part, words: wanted }): Segment[] {
    const owners = pickSome(random, people, Math.max(1, Math.min(6, Math.round(wanted / 60))));
    const taken = new Set<string>();
    const lines = owners.map((who) => ({ who, list: words(random, part, taken) }));
    const segments: Segment[] = [];
    const between = Math.max(0, (wanted - lines.length * 18) / (lines.length + 1));
    for (const { who, list } of lines) {
      segments.push(say(`The words of ${who.name}: ${list.join(' ')}.\n`, who.name));
      if (lines.length > 1 && between > 20) segments.push(say(`${filler(random, between)}\n`));
    }
    if (between > 20) segments.push(say(`${filler(random, between)}\n`));
    const twice = random.next() < 0.5 ? lines : [...lines, pick(random, lines)];
    for (const { who, list } of twice) {
      segments.push(
        say(`Repeat the words of ${who.name}:`),
        { text: ` ${list.join(' ')}`, answers: who.name },
        say('.\n'),
      );
    }
    return segments;
  },
} satisfies DocumentKind;
