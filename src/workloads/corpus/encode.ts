// Documents as token ids, with the places of their answers. The tokenizer is the models' own tokenizer.json, read through
// the library; pages load this file only when they need it.

import { Tokenizer } from '@huggingface/tokenizers';
import { type Document, documents } from './index.ts';

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

export function encodeDocument(document: Document, tokens: Tokens): EncodedDocument {
  const ids = [tokens.begin];
  const answers: Answer[] = [];
  const stated = new Map<string, number>();
  for (const segment of document.segments) {
    const from = ids.length;
    ids.push(...tokens.encode(segment.text));
    if (segment.states) stated.set(segment.states, ids.length);
    if (segment.answers)
      answers.push({ from, to: ids.length, distance: from - (stated.get(segment.answers) ?? from) });
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
