// How long starts took, from either state of the installation: the report of `first-picture`, `first-word` and `first-comparison`. Pure.

import { type Spread, spread } from '../src/core/stats.ts';

/** What the installation leaves, or that with the dependencies' bundles lost, as after an update of one. */
export const states = ['installed', 'bundles lost'] as const;
export type State = (typeof states)[number];

export interface StartReport {
  readonly schema: 'lockstep-start';
  readonly version: 1;
  /** The command's name. */
  readonly what: string;
  readonly date: string;
  readonly commit: string | null;
  readonly command: string;
  /** Processors and system: starting is work of the CPU for the most part. */
  readonly machine: string;
  /** The adapter that the page was offered, and whether it runs on the CPU; null without one. */
  readonly device: { readonly name: string; readonly fallback: boolean } | null;
  readonly browser: string;
  readonly flags: readonly string[];
  /** What each key of the seconds stands for. */
  readonly names: Readonly<Record<string, string>>;
  readonly results: readonly StartRow[];
}

export interface StartRow {
  readonly state: State;
  /** Of every start, in order. */
  readonly seconds: Readonly<Record<string, readonly number[]>>;
  readonly spread: Readonly<Record<string, Spread>>;
}

export function startRow(
  state: State,
  starts: readonly Readonly<Record<string, number>>[],
  keys: readonly string[],
): StartRow {
  const seconds = Object.fromEntries(keys.map((key) => [key, starts.map((s) => s[key] ?? Number.NaN)]));
  return {
    state,
    seconds,
    spread: Object.fromEntries(Object.entries(seconds).map(([key, values]) => [key, spread(values)])),
  };
}

export function startText({ machine, device, browser, names, results }: StartReport): string {
  const adapter = device ? `${device.name}${device.fallback ? ', a CPU' : ''}` : 'no adapter';
  return [
    `${machine}; ${browser}; ${adapter}`,
    ...results.map(({ state, spread: of, seconds }) => {
      const parts = Object.entries(of).map(
        ([key, { median, p10, p90 }]) =>
          `${names[key] ?? key} ${median.toFixed(2)} s (p10–p90 ${p10.toFixed(2)}–${p90.toFixed(2)})`,
      );
      return `${state}: ${parts.join(', ')}; ${Object.values(seconds)[0]?.length ?? 0} starts`;
    }),
  ].join('\n');
}
