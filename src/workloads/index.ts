// The workloads there are: every file of this folder that defines one. Adding one edits no list.

import { collect } from '../core/collect.ts';
import type { RegisteredWorkload } from './contract.ts';

export const workloads: ReadonlyMap<string, RegisteredWorkload> = collect(
  import.meta.glob<{ default: RegisteredWorkload }>(
    ['./*.ts', '!./index.ts', '!./contract.ts', '!./arrivals.ts'],
    { eager: true },
  ),
);
