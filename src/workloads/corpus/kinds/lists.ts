// A numbered or plain list, and questions about its order.

import { pickSome, shuffle } from '../../../core/prng.ts';
import { ask, type DocumentKind, type Segment, say } from '../document.ts';
import { drawFact, pick } from '../random.ts';
import { people, plain } from '../words.ts';

export default {
  id: 'lists',
  about: 'A list of words; what is first, last, before and after?',
  weight: 7,
  make(random, { part }): Segment[] {
    const segments: Segment[] = [];
    const rounds = random.int(1, 3);
    for (let i = 0; i < rounds; i++) {
      const { who, list } = drawFact(
        part,
        () => ({ who: pick(random, people), list: pickSome(random, plain, random.int(3, 9)) }),
        (d) => ['list', d.who.name, ...d.list.slice(0, 2)],
      );
      segments.push(say(`The list of ${who.name}: ${list.join(', ')}.\n`, 'list'));
      const first = ask('What comes first?', list[0] ?? '', 'list');
      const last = ask('What comes last?', list.at(-1) ?? '', 'list');
      const neighbours = list.slice(1).flatMap((word, j) => {
        const before = list[j] ?? '';
        return [
          ask(`What comes after ${before}?`, word, 'list'),
          ask(`What comes before ${word}?`, before, 'list'),
        ];
      });
      const asked = shuffle(random, [first, last, ...neighbours]).slice(0, random.int(2, 6));
      segments.push(...asked.flat());
    }
    return segments;
  },
} satisfies DocumentKind;
