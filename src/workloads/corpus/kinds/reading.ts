// A story, then questions about it.

import { shuffle } from '../../../core/prng.ts';
import { ask, type DocumentKind, type Segment, say } from '../document.ts';
import { drawCast, plots } from '../plots.ts';
import { pick } from '../random.ts';

export default {
  id: 'reading',
  about: 'A short story and questions about what happened in it.',
  weight: 12,
  make(random, { part }): Segment[] {
    const { plot } = pick(random, plots);
    const { paragraphs, asked } = plot(random, drawCast(random, part));
    const text = `${paragraphs.map((lines) => lines.join(' ')).join('\n\n')}\n\n`;
    const questions = shuffle(random, asked).slice(0, random.int(2, 4));
    return [say(text, 'story'), ...questions.flatMap(([question, answer]) => ask(question, answer, 'story'))];
  },
} satisfies DocumentKind;
