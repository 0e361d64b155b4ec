// Byte-pair encoding as GPT-2 does it: learns merges from a text, and writes them as a tokenizer.json.

import { BEGIN, END } from '../src/workloads/corpus/encode.ts';

/** GPT-2's printable stand-in of each byte, in the order of its vocabulary. */
const printable = (byte: number): boolean =>
  (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
const symbols: readonly string[] = (() => {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(printable(byte) ? byte : next++));
})();
const symbolOf = (byte: number): string => symbols[byte] ?? '';

interface Word {
  parts: string[];
  readonly count: number;
}

/** Merges learned from pieces with their counts, the most frequent pair first; ties go to the earlier in order of text. */
export function learnMerges(counts: ReadonlyMap<string, number>, merges: number): [string, string][] {
  const encoder = new TextEncoder();
  const words: Word[] = [...counts].map(([piece, count]) => ({
    parts: [...encoder.encode(piece)].map(symbolOf),
    count,
  }));
  const learned: [string, string][] = [];
  while (learned.length < merges) {
    const pairs = new Map<string, number>();
    for (const { parts, count } of words)
      for (let i = 1; i < parts.length; i++) {
        const pair = `${parts[i - 1]} ${parts[i]}`;
        pairs.set(pair, (pairs.get(pair) ?? 0) + count);
      }
    const best = [...pairs].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0];
    if (!best) break;
    const [left = '', right = ''] = best[0].split(' ');
    learned.push([left, right]);
    for (const word of words) word.parts = joined(word.parts, left, right);
  }
  return learned;
}

function joined(parts: string[], left: string, right: string): string[] {
  const out: string[] = [];
  for (const part of parts) {
    if (part === right && out.at(-1) === left) out[out.length - 1] = left + right;
    else out.push(part);
  }
  return out;
}

/** A tokenizer.json in Hugging Face's format: begin and end, the 256 bytes, then the merges in order. */
export function tokenizerJson(merges: readonly (readonly [string, string])[]): object {
  const special = [BEGIN, END];
  const vocab = [...special, ...symbols, ...merges.map(([left, right]) => left + right)];
  const begin = { SpecialToken: { id: BEGIN, type_id: 0 } };
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: {
      type: 'TemplateProcessing',
      single: [begin, { Sequence: { id: 'A', type_id: 0 } }],
      pair: [begin, { Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 1 } }],
      special_tokens: { [BEGIN]: { id: BEGIN, ids: [0], tokens: [BEGIN] } },
    },
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      vocab: Object.fromEntries(vocab.map((token, id) => [token, id])),
      merges: merges.map((pair) => pair.join(' ')),
    },
  };
}
