// How one access of a subgroup falls on a memory: the 32 banks of workgroup memory, the sectors and lines of
// storage. A model, not a measurement. The rule for banks is the one that NVIDIA documents: a pass serves one word of
// each bank, lanes that read one word share it, and the lanes served together are 32, of 8 bytes a lane 16, of 16 bytes
// 8. So a row that vec4 reads is as free of conflicts as one read word by word.

export const bankCount = 32;

/** Most bytes of a lane that one pass serves; what is wider goes in parts. */
export const WIDEST = 16;

/** Lanes that are served together when each asks for so many bytes (at most WIDEST). */
export const lanesTogether = (bytes: number): number => (bytes <= 4 ? 32 : bytes <= 8 ? 16 : 8);

export interface LaneAddress {
  /** Local invocation index. */
  readonly lane: number;
  /** Relative to the variable. */
  readonly byte: number;
}

export interface BankLoad {
  /** Distinct words asked of each bank by the worst of the lanes served together. */
  readonly perBank: readonly number[];
  /** The largest of them: 1 is free of conflicts, n an n-way conflict. */
  readonly ways: number;
  /** Groups of lanes that are served together, and the passes that they take: as many when there is no conflict. */
  readonly groups: number;
  readonly passes: number;
  /** Distinct words that several of the lanes served together ask for. */
  readonly shared: number;
}

/** An access of `bytes` bytes a lane. With `pad`, every row of `rowBytes` is followed by so many words. */
export function bankLoad(
  access: readonly LaneAddress[],
  bytes: number,
  rowBytes = Number.POSITIVE_INFINITY,
  pad = 0,
): BankLoad {
  const perBank = new Array<number>(bankCount).fill(0);
  let groups = 0;
  let passes = 0;
  const shared = new Set<number>();
  for (let part = 0; part < bytes; part += WIDEST) {
    const size = Math.min(WIDEST, bytes - part);
    for (const together of served(access, lanesTogether(size))) {
      const words = new Map<number, number>(); // with the first lane that asks for each
      for (const { lane, byte } of together)
        for (let at = byte + part; at < byte + part + size; at += 4) {
          const word = (at >> 2) + Math.floor(at / Math.max(4, rowBytes)) * pad;
          if ((words.get(word) ?? lane) !== lane) shared.add(word);
          else words.set(word, lane);
        }
      const counts = new Array<number>(bankCount).fill(0);
      for (const word of words.keys()) counts[word % bankCount] = (counts[word % bankCount] ?? 0) + 1;
      groups++;
      passes += Math.max(...counts);
      counts.forEach((n, bank) => {
        perBank[bank] = Math.max(perBank[bank] ?? 0, n);
      });
    }
  }
  return { perBank, ways: Math.max(...perBank), groups, passes, shared: shared.size };
}

/** The lanes that are served together, as they are numbered. */
function served(access: readonly LaneAddress[], count: number): readonly (readonly LaneAddress[])[] {
  const groups = new Map<number, LaneAddress[]>();
  for (const one of access) {
    const group = Math.floor(one.lane / count);
    groups.set(group, [...(groups.get(group) ?? []), one]);
  }
  return [...groups.values()];
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
