// How one access of a subgroup falls on a memory: the 32 banks of workgroup memory, the sectors and lines of
// storage. A model with its rule in sight, not a measurement: one pass serves each bank once, lanes that read
// one word share it, up to 32 lanes are served together. Pure.

export const bankCount = 32;

export interface BankLoad {
  /** Distinct words asked of each bank by the worst group of 32 lanes. */
  readonly perBank: readonly number[];
  /** Passes that the access takes: 1 is conflict-free. */
  readonly passes: number;
  /** Words that several lanes share. */
  readonly shared: number;
}

/**
 * `addresses`: byte addresses of the active lanes, in lane order, relative to the variable, 4 bytes each. With
 * `pad`, every row of `rowBytes` is followed by so many words.
 */
export function bankLoad(addresses: readonly number[], rowBytes: number, pad: number): BankLoad {
  const perBank = new Array<number>(bankCount).fill(0);
  let passes = 0;
  let shared = 0;
  for (let from = 0; from < addresses.length; from += 32) {
    const words = new Set<number>();
    for (const address of addresses.slice(from, from + 32)) {
      const word = (address >> 2) + Math.floor(address / Math.max(4, rowBytes)) * pad;
      if (words.has(word)) shared++;
      words.add(word);
    }
    const counts = new Array<number>(bankCount).fill(0);
    for (const word of words) counts[word % bankCount] = (counts[word % bankCount] ?? 0) + 1;
    const worst = Math.max(0, ...counts);
    passes += worst;
    counts.forEach((n, bank) => {
      perBank[bank] = Math.max(perBank[bank] ?? 0, n);
    });
  }
  return { perBank, passes, shared };
}

export interface Sectors {
  /** Distinct units touched, ascending. */
  readonly touched: readonly number[];
  /** Units that the same bytes would need if they lay together. */
  readonly ideal: number;
  /** Distinct bytes asked for ÷ bytes moved. */
  readonly used: number;
}

/** The distinct units of `unit` bytes that an access of `bytes` bytes a lane touches. */
export function sectors(addresses: readonly number[], bytes: number, unit: number): Sectors {
  const touched = new Set<number>();
  const distinct = new Set<number>();
  for (const address of addresses) {
    distinct.add(address);
    for (let s = Math.floor(address / unit); s <= Math.floor((address + bytes - 1) / unit); s++)
      touched.add(s);
  }
  const asked = distinct.size * bytes;
  return {
    touched: [...touched].sort((a, b) => a - b),
    ideal: Math.max(1, Math.ceil(asked / unit)),
    used: touched.size === 0 ? 1 : asked / (touched.size * unit),
  };
}
