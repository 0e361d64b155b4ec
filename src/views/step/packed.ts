// A 32-bit word as four signed bytes, lowest first, and the product of two of them. Pure.

export type Bytes4 = readonly [number, number, number, number];

export function unpack4(word: number): Bytes4 {
  const byte = (i: number): number => (word << (24 - 8 * i)) >> 24;
  return [byte(0), byte(1), byte(2), byte(3)];
}

export interface PackedProduct {
  readonly a: Bytes4;
  readonly b: Bytes4;
  readonly terms: Bytes4;
  readonly sum: number;
}

/** What dot4I8Packed computes, term by term. */
export function product4(x: number, y: number): PackedProduct {
  const [a, b] = [unpack4(x), unpack4(y)];
  const terms: Bytes4 = [a[0] * b[0], a[1] * b[1], a[2] * b[2], a[3] * b[3]];
  return { a, b, terms, sum: terms[0] + terms[1] + terms[2] + terms[3] };
}

export const hex = (word: number): string => `0x${(word >>> 0).toString(16).padStart(8, '0')}`;
