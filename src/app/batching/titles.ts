// What the tracks of a comparison are called, each by a title of its own, and which tracks of two comparisons are the same one. Pure.

import { defaultsOf, type KnobValue } from '../../core/knobs.ts';
import { findStrategy } from '../../strategies/index.ts';
import type { TrackName } from '../../views/batching/track.ts';
import { readTrack, type TrackSpec, writeNamed } from './spec.ts';

type Values = Readonly<Record<string, KnobValue>>;

/** What a track's knobs are when nothing is given. */
export const usualOf = ({ strategy, preset }: Pick<TrackSpec, 'strategy' | 'preset'>): Values => ({
  ...defaultsOf(strategy.knobs),
  ...preset?.knobs,
});

const plainTitle = ({ preset, strategy }: Pick<TrackSpec, 'strategy' | 'preset'>): string =>
  preset?.title ?? strategy.title.replace(/ batching$/, '');

/** Titles by key. Tracks of one strategy add the knobs in which they differ: `Continuous, slots 4`. */
export function titlesOf(keys: readonly string[]): ReadonlyMap<string, string> {
  const alike = new Map<string, Map<string, Values>>();
  for (const key of keys) {
    const spec = readTrack(key);
    const title = spec.ok ? plainTitle(spec.value) : key;
    const knobs = spec.ok ? { ...usualOf(spec.value), ...spec.value.given } : {};
    alike.set(title, new Map(alike.get(title)).set(key, knobs));
  }
  return new Map([...alike].flatMap(([title, tracks]) => [...toldApart(title, tracks)]));
}

function toldApart(title: string, tracks: ReadonlyMap<string, Values>): ReadonlyMap<string, string> {
  const names = new Set([...tracks.values()].flatMap((knobs) => Object.keys(knobs)));
  const differ = [...names].filter(
    (name) => new Set([...tracks.values()].map((knobs) => String(knobs[name]))).size > 1,
  );
  return new Map(
    [...tracks].map(([key, knobs]) => [
      key,
      [title, ...differ.map((name) => `${name} ${knobs[name]}`)].join(', '),
    ]),
  );
}

/** What is drawn and said of a track. `titles`: those of its comparison. */
export const trackName = (key: string, titles: ReadonlyMap<string, string>, slots: number): TrackName => ({
  key,
  title: titles.get(key) ?? key,
  rule: findStrategy(key.split(',')[0] ?? '')?.strategy.rule ?? '',
  slots,
});

/** One way to write a track: an address may order its knobs otherwise, or give one that is as usual. */
function plainKey(key: string): string {
  const spec = readTrack(key);
  if (!spec.ok) return key;
  const { strategy, preset, given } = spec.value;
  const ordered = Object.keys(strategy.knobs).flatMap((name) => (name in given ? [[name, given[name]]] : []));
  return writeNamed(preset?.id ?? strategy.id, Object.fromEntries(ordered), usualOf(spec.value));
}

export const sameTrack = (a: string, b: string): boolean => a === b || plainKey(a) === plainKey(b);
