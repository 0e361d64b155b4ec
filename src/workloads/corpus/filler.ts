// Sentences that state nothing anyone asks about: what stands between a fact and its question. Their words are of no
// list that facts and lines to copy are drawn from.

import type { Prng } from '../../core/prng.ts';
import { pick } from './random.ts';
import { animals, numbers } from './words.ts';

const sky = ['The sun was warm', 'The wind was cold', 'It rained a little', 'The sky was clear', 'Snow fell'];
const when = ['in the morning', 'all day', 'in the evening', 'for a while', 'that week', 'before noon'];
const did = [
  'sat on the roof',
  'slept under a tree',
  'ran along the road',
  'looked out of the window',
  'hid behind a stone',
  'waited near the door',
  'played in the grass',
  'drank some water',
];
const street = [
  'The street was quiet.',
  'Far away, someone sang a song.',
  'The leaves moved slowly.',
  'A door opened and closed again.',
  'Nobody was in a hurry.',
  'It was already late.',
  'There was a smell of fresh bread.',
  'The light in the window went out.',
  'Everything was as it should be.',
  'Somebody laughed, and then it was still.',
];

function sentence(random: Prng): string {
  const kind = random.next();
  if (kind < 0.3) return `${pick(random, sky)} ${pick(random, when)}.`;
  if (kind < 0.7) {
    const count = random.int(1, 5);
    const animal = pick(
      random,
      animals.filter((a) => !['mouse', 'sheep', 'fox'].includes(a)),
    );
    return count === 1
      ? `A little ${animal} ${pick(random, did)} ${pick(random, when)}.`
      : `${['', '', 'Two', 'Three', 'Four', 'Five'][count] ?? numbers[count]} ${animal}s ${pick(random, did)}.`;
  }
  return pick(random, street);
}

/** About `words` words of sentences. */
export function filler(random: Prng, words: number): string {
  const out: string[] = [];
  for (let length = 0; length < words; ) {
    const next = sentence(random);
    out.push(next);
    length += next.split(' ').length + 1;
  }
  return out.join(' ');
}
