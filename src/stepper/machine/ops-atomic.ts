// Atomic instructions: one active lane after the other.

import type { Op } from './machine.ts';

export type AtomicName =
  | 'atomicAdd'
  | 'atomicSub'
  | 'atomicMax'
  | 'atomicMin'
  | 'atomicAnd'
  | 'atomicOr'
  | 'atomicXor'
  | 'atomicExchange'
  | 'atomicStore';

const combine: Readonly<Record<AtomicName, (old: number, x: number, unsigned: boolean) => number>> = {
  atomicAdd: (a, b) => (a + b) | 0,
  atomicSub: (a, b) => (a - b) | 0,
  atomicMax: (a, b, u) => ((u ? a >>> 0 > b >>> 0 : a > b) ? a : b),
  atomicMin: (a, b, u) => ((u ? a >>> 0 < b >>> 0 : a < b) ? a : b),
  atomicAnd: (a, b) => a & b,
  atomicOr: (a, b) => a | b,
  atomicXor: (a, b) => a ^ b,
  atomicExchange: (_, b) => b,
  atomicStore: (_, b) => b,
};

/** One lane after the other: old = memory; memory = f(old, value). */
export function atomicOp(
  name: AtomicName,
  d: number,
  memory: number,
  address: number | undefined,
  byte: number,
  value: number,
  unsigned: boolean,
): Op {
  const f = combine[name];
  return (m) => {
    const { I, off, L, n } = m;
    const words = m.mem[memory]?.I as Int32Array;
    for (let j = 0; j < n; j++) {
      const l = off + (L[j] as number);
      const at = (byte + (address === undefined ? 0 : (I[address + l] as number))) >> 2;
      const old = words[at] as number;
      words[at] = f(old, I[value + l] as number, unsigned);
      I[d + l] = old;
    }
  };
}

export function compareExchangeOp(
  old: number,
  exchanged: number,
  memory: number,
  address: number | undefined,
  byte: number,
  compare: number,
  value: number,
): Op {
  return (m) => {
    const { I, off, L, n } = m;
    const words = m.mem[memory]?.I as Int32Array;
    for (let j = 0; j < n; j++) {
      const l = off + (L[j] as number);
      const at = (byte + (address === undefined ? 0 : (I[address + l] as number))) >> 2;
      const before = words[at] as number;
      const same = before === I[compare + l];
      if (same) words[at] = I[value + l] as number;
      I[old + l] = before;
      I[exchanged + l] = same ? 1 : 0;
    }
  };
}
