// Documents as token ids, with the places of their answers. The tokenizer is the models' own tokenizer.json, read through
// the library; pages load this file only when they need it.

import { Tokenizer } from '@huggingface/tokenizers';
import { type Document, documents, textOf } from './index.ts';

/** GPT-2's pre-tokenizer: merges never cross these pieces. */
const pieces = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;
export const piecesOf = (text: string): readonly string[] => text.match(pieces) ?? [];

/** A tokenizer as the corpus needs it. */
export interface Tokens {
  readonly vocabulary: number;
  /** Ids that begin and end a document. */
  readonly begin: number;
  readonly end: number;
  /** Without begin and end. */
  encode(text: string): readonly number[];
  decode(ids: readonly number[]): string;
}

export const BEGIN = '<|begin|>';
export const END = '<|end|>';

/** Reads a tokenizer.json. Every piece is encoded once: the corpus has few. */
export function tokensOf(json: object): Tokens {
  const tokenizer = new Tokenizer(json, {});
  const known = new Map<string, readonly number[]>();
  const idOf = (token: string): number => {
    const id = tokenizer.token_to_id(token);
    if (id === undefined) throw new Error(`tokenizer.json has no ${token}.`);
    return id;
  };
  return {
    vocabulary: tokenizer.get_vocab().size,
    begin: idOf(BEGIN),
    end: idOf(END),
    encode: (text) =>
      piecesOf(text).flatMap((piece) => {
        const found = known.get(piece) ?? tokenizer.encode(piece, { add_special_tokens: false }).ids;
        known.set(piece, found);
        return found;
      }),
    decode: (ids) =>
      ids.length === 0
        ? ''
        : tokenizer.decode([...ids], { skip_special_tokens: true, clean_up_tokenization_spaces: false }),
  };
}

/** Tokens from … to − 1 of a document answer a question. */
export interface Answer {
  readonly from: number;
  readonly to: number;
  /** Tokens between the end of the fact and the answer. */
  readonly distance: number;
}

export interface EncodedDocument {
  readonly kind: string;
  readonly ids: readonly number[];
  readonly answers: readonly Answer[];
}

/**
 * The whole text is encoded at once, as a reader's own text would be: encoded apart, a name at the start of a segment
 * would lose its space and be another token than the same name in a question. A piece over a segment's end belongs
 * to the segment in which it ends.
 */
export function encodeDocument(document: Document, tokens: Tokens): EncodedDocument {
  const ids = [tokens.begin];
  const ends: number[] = []; // of each token, in characters of the text
  let length = 0;
  for (const piece of piecesOf(textOf(document.segments))) {
    length += piece.length;
    for (const id of tokens.encode(piece)) {
      ids.push(id);
      ends.push(length);
    }
  }
  const answers: Answer[] = [];
  const stated = new Map<string, number>();
  let [at, chars] = [0, 0];
  for (const segment of document.segments) {
    const from = at + 1;
    chars += segment.text.length;
    while (at < ends.length && (ends[at] ?? 0) <= chars) at++;
    const to = at + 1;
    if (segment.states) stated.set(segment.states, to);
    if (segment.answers) answers.push({ from, to, distance: from - (stated.get(segment.answers) ?? from) });
  }
  ids.push(tokens.end);
  return { kind: document.kind, ids, answers };
}

/** The held-out documents that models are scored on, always the same ones in the same order. */
export const HELD_OUT = { seed: 20261219, documents: 1200, from: 40, to: 860 } as const;

export function heldOut(tokens: Tokens, count: number = HELD_OUT.documents): EncodedDocument[] {
  const drawn = documents(HELD_OUT.seed, { part: 'heldout', from: HELD_OUT.from, to: HELD_OUT.to });
  return Array.from({ length: count }, () => encodeDocument(drawn.next().value, tokens));
}
