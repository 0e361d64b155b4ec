// Facts and nothing but questions about them: recall at its densest, for a stretch of training.

import { shuffle } from '../../../core/prng.ts';
import { ask, type DocumentKind, type Segment, say } from '../document.ts';
import { drawNew } from '../facts.ts';
import { pick } from '../random.ts';

export default {
  id: 'quiz',
  about: 'Facts about people, then every fact asked for, twice and in any order.',
  weight: 0,
  make(random, { part, words }): Segment[] {
    const taken = new Set<string>();
    const most = Math.max(3, Math.min(24, Math.round(words / 20)));
    const facts = Array.from({ length: random.int(2, most) }, () => drawNew(random, part, taken));
    const told = facts.map((fact) => say(` ${fact.told}`, fact.key));
    const asked = shuffle(random, [...facts, ...facts]).flatMap((fact) => {
      return ask(pick(random, fact.asked), fact.answer, fact.key);
    });
    return [say('Facts:'), ...told, say('\n'), ...asked];
  },
} satisfies DocumentKind;
