// Instructions that touch memory or registers by a computed address. They run over the active lanes only.
// Indices are checked where an address is formed: out of bounds is reported, then clamped (robust access).

import { bitsOfF16, f16OfBits } from '../front/numbers.ts';
import type { Op } from './machine.ts';
import { halfTable } from './memory.ts';

/** How long an array is: known when compiling, or given by the bound buffer. */
export type Length =
  | { readonly kind: 'fixed'; readonly count: number }
  | { readonly kind: 'runtime'; readonly memory: number; readonly offset: number; readonly stride: number };

/** address = clamp(index) × stride (+ base register). */
export function indexOp(
  d: number,
  index: number,
  length: Length,
  stride: number,
  base: number | undefined,
  site: number,
): Op {
  return (m) => {
    const { I, off, L, n } = m;
    const count = lengthOf(m, length);
    for (let j = 0; j < n; j++) {
      const l = off + (L[j] as number);
      let i = I[index + l] as number;
      if (i >>> 0 >= count) {
        m.outOfBounds(l - off, i, count, site);
        i = count - 1;
      }
      I[d + l] = i * stride + (base === undefined ? 0 : (I[base + l] as number));
    }
  };
}

type Memories = { readonly mem: readonly { readonly size: number }[] };

function lengthOf(m: Memories, length: Length): number {
  if (length.kind === 'fixed') return length.count;
  const size = m.mem[length.memory]?.size ?? 0;
  return Math.max(1, Math.floor((size - length.offset) / length.stride));
}

export const arrayLengthOp =
  (d: number, length: Length): Op =>
  (m) => {
    m.I.fill(lengthOf(m, length), m.off + d + m.lo, m.off + d + m.hi);
  };

/** Loads a 32-bit word at clamp(index) × 4 + offset: the frequent case of indexOp and loadOp in one. */
export function loadElementOp(
  d: number,
  memory: number,
  index: number,
  length: Length,
  stride: number,
  offset: number,
  site: number,
): Op {
  const shift = stride >> 2;
  const first = offset >> 2;
  return (m) => {
    const { I, off, L, n } = m;
    const from = m.mem[memory]?.I as Int32Array;
    const count = lengthOf(m, length);
    for (let j = 0; j < n; j++) {
      const l = off + (L[j] as number);
      let i = I[index + l] as number;
      if (i >>> 0 >= count) {
        m.outOfBounds(l - off, i, count, site);
        i = count - 1;
      }
      I[d + l] = from[i * shift + first] as number;
    }
  };
}

/** Loads words: register `d[i]` from byte `bytes[i]` past the address. */
export function loadOp(
  d: readonly number[],
  memory: number,
  address: number | undefined,
  bytes: readonly number[],
): Op {
  const words = bytes.map((b) => b >> 2);
  if (address === undefined) {
    return (m) => {
      const { I, off, lo, hi } = m;
      const from = m.mem[memory]?.I as Int32Array;
      for (let w = 0; w < words.length; w++) {
        const x = from[words[w] as number] as number;
        const at = off + (d[w] as number);
        for (let l = at + lo, e = at + hi; l < e; l++) I[l] = x;
      }
    };
  }
  return (m) => {
    const { I, off, L, n } = m;
    const from = m.mem[memory]?.I as Int32Array;
    for (let w = 0; w < words.length; w++) {
      const word = words[w] as number;
      const to = d[w] as number;
      for (let j = 0; j < n; j++) {
        const l = off + (L[j] as number);
        I[to + l] = from[((I[address + l] as number) >> 2) + word] as number;
      }
    }
  };
}

/** Begins an argument of select: reads out of bounds in it wait for the condition. */
export const beginSelectOp: Op = (m) => {
  m.current.selects.push(false);
};
export const trueSideOp: Op = (m) => {
  const { selects } = m.current;
  selects[selects.length - 1] = true;
};
/** Ends what beginSelectOp began: reads that the condition chooses are reported, the others only counted. */
export const endSelectOp =
  (conditions: readonly number[]): Op =>
  (m) => {
    const s = m.current;
    const depth = s.selects.length;
    s.selects.pop();
    if (s.pending.length === 0) return;
    const own = s.pending.filter((p) => p.depth === depth);
    s.pending = s.pending.filter((p) => p.depth !== depth);
    for (const { lane, index, length, site, side } of own) {
      const used = conditions.some((c) => (m.I[m.off + c + lane] !== 0) === side);
      if (used) m.outOfBounds(lane, index, length, site);
      else m.guarded++;
    }
  };

/** Stores words of the active lanes, in lane order. */
export function storeOp(
  s: readonly number[],
  memory: number,
  address: number | undefined,
  bytes: readonly number[],
): Op {
  const words = bytes.map((b) => b >> 2);
  return (m) => {
    const { I, off, L, n } = m;
    const to = m.mem[memory]?.I as Int32Array;
    for (let w = 0; w < words.length; w++) {
      const word = words[w] as number;
      const from = s[w] as number;
      for (let j = 0; j < n; j++) {
        const l = off + (L[j] as number);
        to[(address === undefined ? 0 : (I[address + l] as number) >> 2) + word] = I[from + l] as number;
      }
    }
  };
}

export function loadHalfOp(d: number, memory: number, address: number | undefined, byte: number): Op {
  const table = halfTable(f16OfBits);
  return (m) => {
    const { I, F, off, L, n } = m;
    const from = m.mem[memory]?.H as Uint16Array;
    for (let j = 0; j < n; j++) {
      const l = off + (L[j] as number);
      const at = address === undefined ? byte : (I[address + l] as number) + byte;
      F[d + l] = table[from[at >> 1] as number] as number;
    }
  };
}

export function storeHalfOp(s: number, memory: number, address: number | undefined, byte: number): Op {
  return (m) => {
    const { I, F, off, L, n } = m;
    const to = m.mem[memory]?.H as Uint16Array;
    for (let j = 0; j < n; j++) {
      const l = off + (L[j] as number);
      const at = address === undefined ? byte : (I[address + l] as number) + byte;
      to[at >> 1] = bitsOfF16(F[s + l] as number);
    }
  };
}

/** d[i] = register (base + (address + i) × width): a register array read by a computed slot. */
export function gatherOp(d: readonly number[], base: number, address: number): Op {
  return (m) => {
    const { I, off, L, n, width } = m;
    for (let w = 0; w < d.length; w++) {
      const to = d[w] as number;
      for (let j = 0; j < n; j++) {
        const l = off + (L[j] as number);
        I[to + l] = I[base + ((I[address + l] as number) + w) * width + l] as number;
      }
    }
  };
}

export function scatterOp(s: readonly number[], base: number, address: number): Op {
  return (m) => {
    const { I, off, L, n, width } = m;
    for (let w = 0; w < s.length; w++) {
      const from = s[w] as number;
      for (let j = 0; j < n; j++) {
        const l = off + (L[j] as number);
        I[base + ((I[address + l] as number) + w) * width + l] = I[from + l] as number;
      }
    }
  };
}

/** d[i] = s[i] for the active lanes. */
export function assignOp(d: readonly number[], s: readonly number[]): Op {
  const d0 = d[0] as number;
  const s0 = s[0] as number;
  if (d.length === 1) {
    return (m) => {
      const { I, off, L, n } = m;
      for (let j = 0; j < n; j++) {
        const l = off + (L[j] as number);
        I[d0 + l] = I[s0 + l] as number;
      }
    };
  }
  return (m) => {
    const { I, off, L, n } = m;
    for (let w = 0; w < d.length; w++) {
      const to = d[w] as number;
      const from = s[w] as number;
      for (let j = 0; j < n; j++) {
        const l = off + (L[j] as number);
        I[to + l] = I[from + l] as number;
      }
    }
  };
}

/** Every active lane's registers become 0. */
export function zeroOp(d: readonly number[]): Op {
  return (m) => {
    const { I, off, L, n } = m;
    for (let w = 0; w < d.length; w++) {
      const to = off + (d[w] as number);
      for (let j = 0; j < n; j++) I[to + (L[j] as number)] = 0;
    }
  };
}
