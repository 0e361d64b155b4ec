// Open brackets of four sorts to be closed in the right order.

import type { DocumentKind, Segment } from '../document.ts';
import { drawFact, pick } from '../random.ts';

const pairs: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}', '<': '>' };

export default {
  id: 'brackets',
  about: 'A line of brackets, some of them already closed; the rest is to be closed in order.',
  weight: 8,
  make(random, { part }): Segment[] {
    const segments: Segment[] = [];
    const rounds = random.int(3, 8);
    for (let i = 0; i < rounds; i++) {
      const { line, open } = drawFact(
        part,
        () => {
          const open: string[] = [];
          const line: string[] = [];
          const depth = random.int(2, 6);
          while (open.length < depth) {
            const last = open.at(-1);
            if (last && random.next() < 0.25 && line.length < 12) {
              line.push(pairs[last] ?? '');
              open.pop();
            } else {
              const next = pick(random, Object.keys(pairs));
              open.push(next);
              line.push(next);
            }
          }
          return { line, open };
        },
        (d) => ['brackets', ...d.line],
      );
      const closing = open.reverse().map((b) => pairs[b] ?? '');
      segments.push(
        { text: `Open: ${line.join(' ')}\nClose:`, states: 'brackets' },
        { text: ` ${closing.join(' ')}`, answers: 'brackets' },
        { text: '\n' },
      );
    }
    return segments;
  },
} satisfies DocumentKind;
