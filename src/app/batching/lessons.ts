// The lessons there are: every file of src/app/lessons. Adding one edits no list.

import { collect } from '../../core/collect.ts';
import type { Lesson } from './lesson.ts';

const found = collect(import.meta.glob<{ default: Lesson }>('../lessons/*.ts', { eager: true }));

/** By id, in their order. */
export const lessons: ReadonlyMap<string, Lesson> = new Map(
  [...found].sort(([, a], [, b]) => a.order - b.order),
);
