// Knobs: the typed, documented settings of strategies and workloads, as data that pages and commands show.

import { err, type Failure, failure, ok, type Result } from './result.ts';

export type Knob =
  | {
      readonly kind: 'int' | 'number';
      readonly default: number;
      readonly min: number;
      readonly max: number;
      readonly unit?: string;
      readonly doc: string;
    }
  | {
      readonly kind: 'choice';
      readonly default: string;
      readonly options: Readonly<Record<string, string>>;
      readonly doc: string;
    }
  | { readonly kind: 'boolean'; readonly default: boolean; readonly doc: string }
  /** Numbers separated by commas; may be empty. */
  | { readonly kind: 'list'; readonly default: string; readonly doc: string };

export type Knobs = Readonly<Record<string, Knob>>;
export type KnobValue = number | string | boolean;

/** The values that a set of knobs takes: choices as a union of their options. */
export type KnobValues<K extends Knobs> = {
  readonly [Name in keyof K]: K[Name] extends { readonly kind: 'int' | 'number' }
    ? number
    : K[Name] extends { readonly kind: 'boolean' }
      ? boolean
      : K[Name] extends { readonly kind: 'choice'; readonly options: infer Options }
        ? keyof Options & string
        : string;
};

export function defaultsOf<K extends Knobs>(knobs: K): KnobValues<K> {
  return Object.fromEntries(
    Object.entries(knobs).map(([name, knob]) => [name, knob.default]),
  ) as KnobValues<K>;
}

/** The numbers of a list knob, ascending. */
export const listOf = (text: string): number[] =>
  text
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number)
    .sort((a, b) => a - b);

const refuse = (owner: string, name: string, problem: string, hint: string): Result<never, Failure<'knob'>> =>
  err(failure('knob', `${owner}: ${name} ${problem}.`, hint));

/** One value, given as text or as itself, checked against its knob. */
export function readKnob(
  owner: string,
  name: string,
  knob: Knob,
  given: KnobValue,
): Result<KnobValue, Failure> {
  switch (knob.kind) {
    case 'int':
    case 'number': {
      const value = typeof given === 'number' ? given : Number(String(given).trim() || Number.NaN);
      if (Number.isNaN(value) || (knob.kind === 'int' && !Number.isInteger(value)))
        return refuse(
          owner,
          name,
          `cannot be "${given}"`,
          `Give ${knob.kind === 'int' ? 'a whole number' : 'a number'}.`,
        );
      if (value < knob.min || value > knob.max)
        return refuse(owner, name, `cannot be ${value}`, `It lies between ${knob.min} and ${knob.max}.`);
      return ok(value);
    }
    case 'boolean':
      if (given === true || given === 'true') return ok(true);
      if (given === false || given === 'false') return ok(false);
      return refuse(owner, name, `cannot be "${given}"`, 'Give true or false.');
    case 'choice':
      if (typeof given === 'string' && Object.hasOwn(knob.options, given)) return ok(given);
      return refuse(
        owner,
        name,
        `cannot be "${given}"`,
        `Choose one of ${Object.keys(knob.options).join(', ')}.`,
      );
    case 'list':
      if (listOf(String(given)).every((n) => Number.isFinite(n) && n > 0)) return ok(String(given));
      return refuse(owner, name, `cannot be "${given}"`, 'Give positive numbers separated by commas.');
  }
}

/** All values: what is given over the defaults. An unknown name is refused with those there are. */
export function readKnobs<K extends Knobs>(
  owner: string,
  knobs: K,
  given: Readonly<Record<string, KnobValue>>,
): Result<KnobValues<K>, Failure> {
  const values: Record<string, KnobValue> = { ...defaultsOf(knobs) };
  for (const [name, value] of Object.entries(given)) {
    const knob = knobs[name];
    if (!knob)
      return refuse(owner, name, 'is not one of its knobs', `It has ${Object.keys(knobs).join(', ')}.`);
    const read = readKnob(owner, name, knob, value);
    if (!read.ok) return read;
    values[name] = read.value;
  }
  return ok(values as KnobValues<K>);
}
