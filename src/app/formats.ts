// What a way of storing weights, activations or pages means, in a sentence: every page that lets one choose it shows the same.

import { type ActivationFormat, kvFormats, weightFormats } from '../model/formats.ts';
import type { Option } from './ui/index.ts';

const weights = (format: (typeof weightFormats)[number]): string | undefined =>
  format.startsWith('i8')
    ? `int8 with one scale ${format === 'i8-row' ? 'a row' : `for each ${format.slice(4)} cells`}`
    : undefined;
const kv = (format: (typeof kvFormats)[number]): string | undefined =>
  format === 'i8' ? 'int8 with one scale a token and head, kept in the page' : undefined;

export const weightOptions = weightFormats.map((value) => ({ value, label: value, about: weights(value) }));
export const kvOptions = kvFormats.map((value) => ({ value, label: value, about: kv(value) }));

export const activationOptions: readonly Option<ActivationFormat>[] = [
  { value: 'f32', label: 'f32', about: 'Inputs of the layers’ matrices as they are.' },
  {
    value: 'i8',
    label: 'i8',
    about:
      'Rounded to int8, one scale a token: int8 weights meet them in integers, other weights meet the rounded values in f32.',
  },
];
