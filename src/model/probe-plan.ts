// Which steps the probe of batch invariance runs: as few as take every kernel that a step of this runtime can choose, each beside
// another way of computing the same tokens. Pure: it asks the model which kernels serve which sizes, and runs nothing.

import type { ModelConfig } from './config.ts';
import type { LoadedModel, RuntimeOptions } from './contract.ts';
import type { StepSizes } from './kernels.ts';
import { itemTokensOf } from './roles.ts';
import { BUSY } from './versions.ts';

/** A step that computes the last tokens of a sequence, again and again the same. */
export interface Tail {
  readonly own: number;
  /** Of these, the last ones whose logits are compared. */
  readonly logits: number;
  /** Lone tokens of other sequences in the same step. */
  readonly beside: number;
}

/** Tails of one sequence after `before` keys, the longest first: all must give the logits that it gave. */
export interface ProbeStage {
  readonly before: number;
  readonly tails: readonly [Tail, ...Tail[]];
}

export interface ProbePlan {
  /** Pages that are computed once; the keys before all tails are made of them. */
  readonly filled: number;
  /** One past the first 512 keys where window and pool reach so far; one before them unless it would take no other kernel. */
  readonly stages: readonly ProbeStage[];
  /** Whether the first stage's longest tail runs once more in chunks beside another sequence, on other pages. */
  readonly moved: 'yes' | 'no room';
}

/** Rows of the plainest tail, and rows that are enough for every kernel: one more than the columns kernel takes of logits. */
const [PLAIN, ROWS] = [8, 33];
/** Full tiles and what a decode has come first, then every other number of rows: what takes no other kernel is left out. */
const owns = [PLAIN, 1, ROWS, 16, 4, ...Array.from({ length: ROWS }, (_, i) => ROWS - i)];
/** Tokens of a step between what the columns kernel takes and what fills wide tiles. */
const MIDDLE = 65;
/** Keys before a tail: a tile of 64, or a partition of 512. Multiples of every page size. */
const [NEAR, FAR] = [64, 512];
/** Tokens that are computed to be keys, two pages at least: the same page over and over would make all tiles equal. */
const FILLED = 32;

export type ProbeLimits = Omit<RuntimeOptions, 'inFlight' | 'largestBinding'>;

/** What a step of this tail is to the model. */
export function sizesOf({ own, logits, beside }: Tail, before: number, config: ModelConfig): StepSizes {
  const itemTokens = itemTokensOf(own + beside, 1 + beside, config);
  const items = Math.ceil(own / itemTokens) + beside;
  return { t: own + beside, logits, items, itemTokens, longest: before + own };
}

export function planProbe(
  limits: ProbeLimits,
  { config, choose }: Pick<LoadedModel, 'config' | 'choose'>,
): ProbePlan {
  const { pages, pageSize, maxTokens, maxLogits, sampleSlots, rows } = limits;
  const window = Math.min(limits.window, config.window, pages * pageSize);
  const seen = new Set<string>();
  const isNew = (tail: Tail, before: number): boolean => {
    const known = seen.size;
    choose(sizesOf(tail, before, config)).forEach((kernel, role) => {
      if (kernel !== null) seen.add(`${role} ${kernel}`);
    });
    return seen.size > known;
  };
  /** Null when it would take no kernel that was not taken before. */
  const stageAfter = (before: number): ProbeStage | null => {
    const room = Math.min(maxTokens, window - before);
    const plain = Math.min(PLAIN, room);
    const tail = (own: number, beside = 0): Tail => ({
      own,
      beside,
      logits: Math.min(own, maxLogits, sampleSlots),
    });
    const crowd = tail(1, Math.min(maxTokens, BUSY) - 1);
    const smaller = tail(1, Math.min(maxTokens, MIDDLE) - 1);
    const all = [...[plain, ...owns].filter((own) => own <= room).map((own) => tail(own)), crowd, smaller];
    const found = all.filter((t) => isNew(t, before));
    if (found.length === 0) return null;
    // where one kernel serves every row count it is held against itself
    const usual = [tail(plain), plain > 1 ? tail(1) : crowd].filter(
      (t) => !found.some(({ own, beside }) => own === t.own && beside === t.beside),
    );
    const [first, ...others] = [...found, ...usual].sort((a, b) => b.own - a.own || a.beside - b.beside);
    return first ? { before, tails: [first, ...others] } : null;
  };
  const far = window > FAR ? stageAfter(FAR) : null;
  const near = stageAfter(window >= NEAR + ROWS ? NEAR : 0);
  const stages = [far, near].filter((stage) => stage !== null);

  const region = (stage: ProbeStage | undefined): number => Math.ceil((stage?.tails[0].own ?? 0) / pageSize);
  const wanted = stages.some(({ before }) => before > 0) ? Math.max(2, Math.ceil(FILLED / pageSize)) : 0;
  // its own pages and those that are copied for it, and one for the neighbour
  const [moving] = stages;
  const spare = Math.floor((pages - 2 * region(moving) - 1) / 2);
  if (rows > 1 && maxTokens > 1 && spare >= Math.min(1, wanted))
    return { filled: Math.min(wanted, spare, pages - Math.max(...stages.map(region))), stages, moved: 'yes' };
  return { filled: Math.min(wanted, pages - Math.max(...stages.map(region))), stages, moved: 'no room' };
}
