// What the address of the Model page holds: the model, how it is loaded, the prompt, how tokens are drawn, what is inspected.
// The first model is a trained one from the box; the shapes after it have weights from a seed.

import { builtIns } from '../../model/built-in.ts';
import { activationFormats, kvFormats, weightFormats } from '../../model/formats.ts';
import { numericsModes } from '../../model/numerics.ts';
import { presets } from '../../model/presets.ts';
import { oneOf, type Param, text, whole } from '../codec.ts';
import { pageView } from '../router.ts';

/** A number within [low, high]; anything else reads as `initial`. */
const real = (initial: number, low: number, high: number): Param<number> => ({
  read: (t) => {
    const value = t === null || t.trim() === '' ? Number.NaN : Number(t);
    return value >= low && value <= high ? value : initial;
  },
  write: (value) => (value === initial ? null : String(value)),
});

export const trainedNames: readonly string[] = [...builtIns.keys()];
export const shapeNames: readonly string[] = Object.keys(presets);
const [first = 'nano', ...rest] = [...trainedNames, ...shapeNames];
export const windows = ['512', '128', '256', '1024', '2048', '4096', '8192', '16384', '32768'] as const;

export const model = pageView('model', {
  config: oneOf([first, ...rest]),
  weights: oneOf(weightFormats),
  activations: oneOf(activationFormats),
  kv: oneOf(kvFormats),
  numerics: oneOf(numericsModes),
  /** Longest sequence in tokens. */
  window: oneOf(windows),
  page: oneOf(['16', '8', '32', '64']),
  /** MiB that KV pages may take; 0: pages for one whole context. */
  kvmib: whole(0, 0, 2 ** 20),
  /** Seed of generated weights. */
  wseed: whole(1, 0, 2 ** 31),
  prompt: text('Once upon a time there was a girl named Mia. She lived near the'),
  /** Whether the prompt is text or token ids. */
  form: oneOf(['text', 'ids']),
  max: whole(400, 1, 32768),
  /** Answers to the one prompt. */
  answers: whole(1, 1, 8),
  temperature: real(0.8, 0, 5),
  topK: whole(0, 0, 1000),
  topP: real(1, 0.01, 1),
  seed: whole(0, 0, 2 ** 31),
  pace: oneOf(['flow', 'await']),
  /** The inspected dispatch: `0 attention`. */
  look: text(),
  /** The binding in view, and whether before or after the dispatch. */
  tensor: text(),
  when: oneOf(['after', 'before']),
});
