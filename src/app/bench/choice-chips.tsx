// Chips for one field of the address that holds several of a closed set.

import { Chips, type Option } from '../ui/index.ts';

import { bench, kept } from './view.ts';

type Values = typeof bench.view.value;
type Many = { [F in keyof Values]: Values[F] extends readonly string[] ? F : never }[keyof Values];

export interface ChoiceChipsProps<F extends Many> {
  readonly field: F;
  readonly label: string;
  readonly options: readonly Option<Values[F][number]>[];
}

/** Choices whose names say all. */
export const named = <T extends string>(values: readonly T[]): readonly Option<T>[] =>
  values.map((value) => ({ value, label: value }));

export const ChoiceChips = <F extends Many>({ field, label, options }: ChoiceChipsProps<F>) => (
  <Chips
    label={label}
    options={options}
    chosen={bench.view.value[field]}
    onChange={(to) =>
      bench.adjust({
        [field]: kept(
          options.map(({ value }) => value),
          to,
        ),
      })
    }
  />
);
