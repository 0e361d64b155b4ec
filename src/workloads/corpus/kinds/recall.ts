// Facts about people, then other text, then questions: what was stated must be found again.

import { shuffle } from '../../../core/prng.ts';
import { ask, type DocumentKind, type Segment, say } from '../document.ts';
import { drawNew } from '../facts.ts';
import { filler } from '../filler.ts';
import { pick } from '../random.ts';

export default {
  id: 'recall',
  about: 'Facts about people, some other text, then questions about them.',
  weight: 26,
  make(random, { part, words }): Segment[] {
    const taken = new Set<string>();
    const facts = Array.from(
      { length: random.int(2, Math.max(3, Math.min(22, Math.round(words / 12)))) },
      () => drawNew(random, part, taken),
    );
    const questions = random.int(2, Math.min(10, facts.length + 2));
    const rest = Math.max(0, words - facts.length * 7 - questions * 12);
    // half of the texts keep the facts together, the others spread them
    const spread = random.next() < 0.5 ? rest / (facts.length + 1) : 0;
    const segments: Segment[] = [say('Facts:')];
    for (const fact of facts) {
      segments.push(say(` ${fact.told}`, fact.key));
      if (spread > 6) segments.push(say(` ${filler(random, spread)}`));
    }
    if (spread <= 6 && rest > 6) segments.push(say(` ${filler(random, rest)}`));
    segments.push(say('\n'));
    const asked = shuffle(random, [...facts, ...facts]).slice(0, questions);
    for (const fact of asked) {
      segments.push(...ask(pick(random, fact.asked), fact.answer, fact.key));
    }
    return segments;
  },
} satisfies DocumentKind;
