// The lessons there are: every file of src/app/lessons. Adding one edits no list.

import { collect } from '../../core/collect.ts';
import type { Lesson } from './lesson.ts';

export const lessons: ReadonlyMap<string, Lesson> = collect(
  import.meta.glob<{ default: Lesson }>('../lessons/*.ts', { eager: true }),
);
