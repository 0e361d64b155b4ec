// How a model is stored, in words: every table, sentence and progress line says it the same.

export interface Stored {
  readonly weights: string;
  readonly activations: string;
  readonly kv: string;
}

/** `i8-row, activations i8, KV f32`; activations are named where they are rounded. */
export const storedAs = ({ weights, activations, kv }: Stored): string =>
  `${weights}${activations === 'f32' ? '' : `, activations ${activations}`}, KV ${kv}`;
