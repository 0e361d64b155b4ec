// A short story of one plot.

import { type DocumentKind, type Segment, say } from '../document.ts';
import { drawCast, plots } from '../plots.ts';
import { pick } from '../random.ts';

export default {
  id: 'story',
  about: 'A short story whose people, things and places stay the same to its end.',
  weight: 24,
  make(random, { part }): Segment[] {
    const { plot } = pick(random, plots);
    const { paragraphs } = plot(random, drawCast(random, part));
    return [say(`${paragraphs.map((lines) => lines.join(' ')).join('\n\n')}\n`)];
  },
} satisfies DocumentKind;
