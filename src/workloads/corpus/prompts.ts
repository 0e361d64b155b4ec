// Prompts of real text, drawn from the held-out part of the corpus at wanted lengths, with what ends their answers.

import type { Prng } from '../../core/prng.ts';
import type { TextPrompt, TextSource } from '../contract.ts';
import { type EncodedDocument, encodeDocument, type Tokens, tokensOf } from './encode.ts';
import { documentOf, kinds } from './index.ts';
import { pick } from './random.ts';

/** Kinds whose questions are answered on one line. */
const asking = ['recall', 'reading', 'lists', 'copying', 'counting'];
/** A rest of a prompt too short to begin another story in. */
const tooShort = 12;
/** Documents looked through for a question at about the wanted place. */
const tries = 12;

/** Draws through the tokenizer.json of the models in the box. */
export function textSource(tokenizer: object): TextSource {
  const tokens = tokensOf(tokenizer);
  const draw = (random: Prng, kind: string, words: number): EncodedDocument => {
    const found = kinds.get(kind);
    if (!found) throw new Error(`The corpus has no kind "${kind}".`);
    return encodeDocument(documentOf(found, random, { part: 'heldout', words }), tokens);
  };
  const newline = tokens.encode('\n')[0] ?? tokens.end;
  return {
    vocabulary: tokens.vocabulary,
    end: tokens.end,
    decode: tokens.decode,
    story: (random, length) => story(length, tokens, () => draw(random, 'story', length)),
    question: (random, length) =>
      question(length, newline, tokens.end, () =>
        draw(random, pick(random, asking), Math.max(16, length * 0.6)),
      ),
  };
}

/** The beginning of a story, after whole ones where the length asks for more than one has. */
function story(length: number, { end }: Tokens, next: () => EncodedDocument): TextPrompt {
  const prompt: number[] = [];
  for (;;) {
    const { ids } = next();
    const room = length - prompt.length;
    if (ids.length > room)
      return {
        tokens: [...prompt, ...ids.slice(0, room)],
        rest: ids.length - room,
        stop: { endToken: end },
      };
    if (room - ids.length >= tooShort) prompt.push(...ids);
  }
}

/** A text up to "A:", as near to the length as some draws come; the answer is the rest of its line. */
function question(length: number, newline: number, end: number, next: () => EncodedDocument): TextPrompt {
  let best: { readonly ids: readonly number[]; readonly at: number } | undefined;
  for (let i = 0; i < tries; i++) {
    const { ids, answers } = next();
    for (const { from } of answers)
      if (!best || Math.abs(from - length) < Math.abs(best.at - length)) best = { ids, at: from };
  }
  if (!best) throw new Error('A document that asks had no answer.');
  const { ids, at } = best;
  const line = ids.indexOf(newline, at);
  return {
    tokens: ids.slice(0, at),
    rest: (line < 0 ? ids.length : line + 1) - at,
    stop: { endToken: end, sequences: [[newline]] },
  };
}
