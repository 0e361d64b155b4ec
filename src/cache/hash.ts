// Chained hashes of full pages: page k's hash covers tokens 0 … (k+1)·pageSize − 1 and the salt, so equal
// hashes mean equal K and V. A hash is an exact 53-bit integer kept in a number: among a million pages
// the chance that any two collide is about 1e12/2/9e15, one in 18,000; none is compared token by token.

import { hash32, hashKeys } from '../core/prng.ts';

const HIGH = 4294967296;
const HIGH_BITS = 0x1fffff;

/** Everything that K and V depend on beside the tokens. Pages of unequal salts are never shared. */
export interface CacheSalt {
  readonly model: string;
  readonly weights: string;
  readonly kv: string;
  /** The order of summation of the kernels that wrote the page. */
  readonly reduction: string;
}

const text = (s: string): number => {
  let h = s.length;
  for (let i = 0; i < s.length; i++) h = hash32(h ^ s.charCodeAt(i));
  return h;
};

/** The root of every chain under this salt; `own` separates tenants that must not share pages. */
export function saltHash(salt: CacheSalt, own = 0): number {
  const keys = [text(salt.model), text(salt.weights), text(salt.kv), text(salt.reduction), own];
  return (hashKeys(1, ...keys) & HIGH_BITS) * HIGH + hashKeys(2, ...keys);
}

/** The hash of the page that holds `tokens[from … to)` and follows the page whose hash is `parent`. */
export function pageHash(parent: number, tokens: ArrayLike<number>, from: number, to: number): number {
  let low = (parent % HIGH) | 0;
  let high = Math.floor(parent / HIGH) | 0;
  for (let i = from; i < to; i++) {
    const token = tokens[i] ?? 0;
    low = Math.imul(low ^ token, 0x9e3779b1);
    low ^= low >>> 15;
    high = Math.imul((high + token) | 0, 0x85ebca6b) ^ (low >>> 7);
    high ^= high >>> 13;
  }
  return (hash32(high) & HIGH_BITS) * HIGH + hash32(low ^ high);
}
