// How often a comparison of the page serves each track. Pure.

/**
 * Turns that find a difference of 5 % in nine of ten comparisons on a quiet machine, judged with all that the page shows beside
 * it (test/unit/together.test.ts): the more tracks share the promise, the more turns it takes. What a turn serves is sized so that all of
 * them together last as long. On a CPU adapter, too: fewer turns would find that difference in two of three comparisons.
 */
export const turnsFor = (tracks: number): number => 8 + tracks;
