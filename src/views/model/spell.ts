// Token ids as text and text as token ids, for models without a tokenizer: an id below 256 is a byte, any other id is
// itself in angle brackets. Pure.

const encoder = new TextEncoder();

/** The UTF-8 bytes of a text as ids; bytes that the vocabulary lacks are left out. */
export const bytesAsIds = (text: string, vocabulary: number): number[] =>
  [...encoder.encode(text)].filter((byte) => byte < vocabulary);

/** How one id is shown: printable ASCII as itself, everything else in brackets, so that noise stays readable. */
export function spellId(id: number): string {
  if (id === 10) return '↵';
  return id >= 32 && id < 127 ? String.fromCharCode(id) : `⟨${id}⟩`;
}

/** `1, 2 3` as ids; null when a part is no whole number from 0. */
export function parseIds(text: string): number[] | null {
  const parts = text.split(/[\s,]+/).filter(Boolean);
  const ids = parts.map(Number);
  return ids.every((id) => Number.isInteger(id) && id >= 0) ? ids : null;
}

/** Spells a stream of ids whose tokenizer may need several of them for one character. */
export class StreamSpeller {
  readonly #decode: (ids: number[]) => string;
  #held: number[] = [];
  #context: number[] = [];

  constructor(decode: (ids: number[]) => string) {
    this.#decode = decode;
  }

  /** The text that `id` adds; empty while a character is unfinished. */
  next(id: number): string {
    this.#held.push(id);
    // a tokenizer may drop a leading space, so pieces are told with a few ids before them
    const before = this.#decode(this.#context);
    const after = this.#decode([...this.#context, ...this.#held]);
    if (after.endsWith('\u{fffd}') && this.#held.length < 4) return '';
    this.#context = [...this.#context, ...this.#held].slice(-6);
    this.#held = [];
    return after.startsWith(before) ? after.slice(before.length) : after;
  }
}
