// What the ways of storing a model cost in text, in words: changes of perplexity, the sentence that reads the table, its notes.

import type { QualityRow } from '../../measure/quality.ts';
import { storedAs } from '../../measure/stored.ts';

const signed = (x: number): string => {
  const size = Math.abs(100 * x).toFixed(2);
  return `${Number(size) === 0 ? '±' : x < 0 ? '−' : '+'}${size} %`;
};
export const above = ({ overF32 }: QualityRow): string => (overF32 ? signed(overF32.ratio - 1) : '–');
export const within = ({ overF32 }: QualityRow): string =>
  overF32 ? `${signed(overF32.low - 1)} to ${signed(overF32.high - 1)}` : '–';

/** Why a way of storing costs what it costs. */
function why({ weights, activations, kv }: QualityRow): string {
  const reasons = [
    weights === 'i8-row'
      ? 'one scale serves a whole row of weights, so its largest weight sets the step of all the others'
      : '',
    weights.startsWith('i8-g')
      ? 'a scale serves a group of weights: smaller groups round finer, and take more bytes'
      : '',
    activations === 'i8'
      ? 'the inputs of each matrix have one scale a token, set by the largest of them'
      : '',
    kv === 'i8' ? 'each K and V vector of a head has one scale, set by its largest cell' : '',
    weights === 'f16' || kv === 'f16' ? 'f16 keeps 11 bits; the stored weights have no more' : '',
  ].filter(Boolean);
  return reasons.join('; ');
}

/** What the table says, in sentences: the cheapest way without a visible cost, and the worst, with its reason. */
export function reading(all: readonly QualityRow[]): string {
  const scored = all.filter((r) => r.overF32 !== null);
  if (scored.length === 0) return '';
  const free = scored
    .filter((r) => (r.overF32?.ratio ?? 2) < 1.01)
    .sort((a, b) => a.weightBytes - b.weightBytes || a.kvBytesPerToken - b.kvBytesPerToken)[0];
  const worst = scored.reduce((a, b) => ((a.overF32?.ratio ?? 0) >= (b.overF32?.ratio ?? 0) ? a : b));
  const first = free
    ? `${storedAs(free)} is the smallest that raises perplexity by less than 1 % (${above(free)}). `
    : 'Every smaller way raises perplexity by 1 % or more. ';
  if ((worst.overF32?.low ?? 0) <= 1)
    return `${first}No way costs text beyond the noise of these documents: the largest change is ${storedAs(worst)}’s, ${above(worst)} (${within(worst)} with 95 % confidence).`;
  return `${first}The most costly is ${storedAs(worst)}: ${above(worst)} (${within(worst)} with 95 % confidence), because ${why(worst)}.`;
}

/** What the four columns are, and of how many positions. */
export function divergenceNote(all: readonly QualityRow[]): string {
  const compared = Math.max(0, ...all.map(({ fromF32 }) => fromF32?.positions ?? 0));
  const tokens = all[0]?.tokens ?? 0;
  const cut =
    compared > 0 && compared < tokens
      ? ` Both are of the first ${compared.toLocaleString('en')} of ${tokens.toLocaleString('en')} positions: more logits are not kept.`
      : '';
  return `Logit errors are differences from f32 at the same position less their mean over the vocabulary, which changes no probability. KL is KL(f32 ‖ this), a position’s mean and the 99th percentile of positions.${cut}`;
}
