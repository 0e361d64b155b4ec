// What a lesson is: one file in src/app/lessons with its text, its run and its question, found by itself
// (lessons.ts). Its figures come from the run that the reader sees; the file holds none.

import { BOUNDS, explainsLittle, mostOf, type RunBound } from '../../measure/bound.ts';
import type { Track } from '../../views/batching/track.ts';
import { figure } from '../../views/format.ts';

export interface LessonMark {
  /** Which track the mark is placed in, by the order of `tracks`. */
  readonly track: number;
  /** Number of the request, from 1. */
  readonly request: number;
  readonly ask: string;
}

/** What a lesson may speak of: the tracks as they ran, and their bound. */
export interface LessonFacts {
  readonly tracks: readonly Track[];
  /** Most that joining can gain in decode steps with these lengths, a full queue and steps of constant cost. */
  readonly bound: number;
}

export const DISAGREEMENTS = [...BOUNDS, 'unexplained'] as const;
export type Disagreement = (typeof DISAGREEMENTS)[number];

/** Which explanation fits a run that is bounded so. */
export const disagreementOf = (bound: RunBound): Disagreement =>
  explainsLittle(bound) ? 'unexplained' : mostOf(bound);

export interface Lesson {
  readonly id: string;
  /** Its place among the lessons, from 1: the page opens with the first. */
  readonly order: number;
  readonly title: string;
  readonly lead: string;
  /** The run: keys of tracks, lengths of requests (spec.ts), the pool. */
  readonly tracks: readonly string[];
  readonly work: string;
  readonly pages: number;
  readonly pageSize: number;
  readonly marks: readonly LessonMark[];
  /** One paragraph each; read after the replay. */
  answer(facts: LessonFacts): string;
  explanation(facts: LessonFacts): readonly string[];
  /** The same question where the effect must vanish. */
  nullTest: {
    readonly label: string;
    readonly work: string;
    explain(facts: LessonFacts): string;
    /** What to change next, and what will be seen. */
    readonly next: string;
  };
  /** What it means when the reader's own GPU shows something else, by what bounds its run; `unexplained`: no floor says much of its time. */
  readonly disagree: Readonly<Record<Disagreement, string>>;
}

/** Step (from 1) of a request's first token in one of the tracks; 0 when it has none. */
export function firstStepOf(facts: LessonFacts, track: number, request: number): number {
  const found = facts.tracks[track];
  const r = request - 1;
  return found && !Number.isNaN(found.firstToken[r] ?? Number.NaN) ? (found.firstStep[r] ?? 0) + 1 : 0;
}

export const stepsOf = (facts: LessonFacts, track: number): number => facts.tracks[track]?.steps ?? 0;

/** The bound and what this run reached of it, in a sentence. */
export function boundSentence(facts: LessonFacts): string {
  const gain = stepsOf(facts, 0) / Math.max(1, stepsOf(facts, 1));
  const slots = facts.tracks[0]?.slots ?? 1;
  return `The bound: the longest of ${slots} answers drawn at random, divided by the mean answer: ${figure(facts.bound)}×. Here the steps shrink by ${figure(gain)}×${
    gain < facts.bound * 0.995
      ? ', because the queue runs empty: the last requests have nobody to share a step with. With twenty requests a slot it comes close'
      : ''
  }.`;
}
