// Text to token ids and back, for the model in view: through its own tokenizer, or byte by byte when it has none.

import { bytesAsIds, parseIds, StreamSpeller, spellId } from '../../views/model/spell.ts';

export interface Vocabulary {
  readonly kind: 'tokenizer' | 'bytes';
  encode(text: string): number[];
  /** A speller of a new stream of ids. */
  speller(): (id: number) => string;
  /** One id by itself, spaces made visible. */
  piece(id: number): string;
  /** Ids that end a text. */
  readonly stops: readonly number[];
}

export const byteVocabulary = (size: number): Vocabulary => ({
  kind: 'bytes',
  encode: (text) => bytesAsIds(text, size),
  speller: () => spellId,
  piece: spellId,
  stops: [],
});

/** Through a tokenizer.json and a tokenizer_config.json. Throws when the library refuses them. */
export async function tokenizerVocabulary(
  tokenizer: object,
  config: object,
  stops: readonly number[],
): Promise<Vocabulary> {
  const { Tokenizer } = await import('@huggingface/tokenizers');
  const made = new Tokenizer(tokenizer, config);
  const decode = (ids: number[]): string =>
    ids.length === 0 ? '' : made.decode(ids, { clean_up_tokenization_spaces: false });
  return {
    kind: 'tokenizer',
    encode: (text) => made.encode(text).ids,
    speller: () => {
      const speller = new StreamSpeller(decode);
      return (id) => speller.next(id);
    },
    piece: (id) => decode([id]).replaceAll(' ', '␣').replaceAll('\n', '↵') || `⟨${id}⟩`,
    stops,
  };
}

/** `eos_token_id` of a config.json: a number, a list, or nothing. */
export async function stopsOf(config: Blob | undefined): Promise<readonly number[]> {
  if (!config) return [];
  const { eos_token_id: eos } = JSON.parse(await config.text()) as { readonly eos_token_id?: unknown };
  return [eos].flat().filter((id): id is number => typeof id === 'number');
}

/** What was typed as ids: a text through the vocabulary, or ids as they stand; null when they are none. */
export function promptIds(vocabulary: Vocabulary, form: 'text' | 'ids', typed: string): number[] | null {
  return form === 'ids' ? parseIds(typed) : vocabulary.encode(typed);
}
