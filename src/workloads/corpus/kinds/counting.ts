// How often a word stands in a line.

import { pickSome, shuffle } from '../../../core/prng.ts';
import { ask, type DocumentKind, type Segment } from '../document.ts';
import { drawFact } from '../random.ts';
import { things } from '../words.ts';

export default {
  id: 'counting',
  about: 'A box with a few sorts of things; how many of one sort?',
  weight: 6,
  make(random, { part }): Segment[] {
    const segments: Segment[] = [];
    const rounds = random.int(2, 5);
    for (let i = 0; i < rounds; i++) {
      const { line, counts } = drawFact(
        part,
        () => {
          const counts = pickSome(random, things, random.int(2, 3)).map((thing) => ({
            thing,
            count: random.int(1, 6),
          }));
          return {
            counts,
            line: shuffle(
              random,
              counts.flatMap((c) => Array<string>(c.count).fill(c.thing)),
            ),
          };
        },
        (d) => ['box', ...d.line.slice(0, 4)],
      );
      segments.push({ text: `In the box: ${line.join(' ')}\n`, states: 'box' });
      for (const { thing, count } of shuffle(random, counts))
        segments.push(...ask(`How many times ${thing}?`, String(count), 'box'));
    }
    return segments;
  },
} satisfies DocumentKind;
