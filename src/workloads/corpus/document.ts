// What a document of the corpus is: text in segments, some of which state a fact or answer a question about
// one. Scores are read off the answers; the distance of a recall is counted between the two segments.

import type { Prng } from '../../core/prng.ts';
import type { Part } from './random.ts';

export interface Segment {
  readonly text: string;
  /** The fact that this segment states. */
  readonly states?: string;
  /** This segment is the answer, and rests on that fact. It starts with a space or follows a line's end. */
  readonly answers?: string;
}

export interface Document {
  readonly kind: string;
  readonly segments: readonly Segment[];
}

export interface Wanted {
  readonly part: Part;
  /** About how long, in words; a kind with a size of its own may ignore it. */
  readonly words: number;
}

export interface DocumentKind {
  readonly id: string;
  /** What it is like, in one sentence. */
  readonly about: string;
  /** Its share of the corpus is this over the sum of all kinds. */
  readonly weight: number;
  make(random: Prng, wanted: Wanted): readonly Segment[];
}

export const say = (text: string, states?: string): Segment =>
  states === undefined ? { text } : { text, states };

/** "Q: …\nA: answer.\n": the question and its scored answer. */
export const ask = (question: string, answer: string, about: string): Segment[] => [
  { text: `Q: ${question}\nA:` },
  { text: ` ${answer}`, answers: about },
  { text: '.\n' },
];

export const textOf = (segments: readonly Segment[]): string => segments.map((s) => s.text).join('');
