// The strategies there are: every file of this folder that defines one. Adding one edits no list.

import { collect } from '../core/collect.ts';
import type { Preset, RegisteredStrategy } from './contract.ts';

export const strategies: ReadonlyMap<string, RegisteredStrategy> = collect(
  import.meta.glob<{ default: RegisteredStrategy }>(['./*.ts', '!./index.ts', '!./contract.ts'], {
    eager: true,
  }),
);

/** A strategy by its own name or by the name of one of its presets. */
export function findStrategy(
  name: string,
): { readonly strategy: RegisteredStrategy; readonly preset: Preset | undefined } | undefined {
  const strategy = strategies.get(name);
  if (strategy) return { strategy, preset: undefined };
  for (const candidate of strategies.values()) {
    const preset = candidate.presets.find((p) => p.id === name);
    if (preset) return { strategy: candidate, preset };
  }
  return undefined;
}
