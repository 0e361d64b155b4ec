// Documents cut into steps of a model: what the quality benchmark computes one after another. Pure.

/** A run of tokens of one document. */
export interface Stretch {
  readonly document: number;
  readonly start: number;
  readonly count: number;
}

/** Cuts documents into steps: document after document, a step full of tokens, each of `most` documents at most. */
export function stepsOf(
  documents: readonly { readonly ids: ArrayLike<number> }[],
  tokens: number,
  most: number,
  longest: number,
): Stretch[][] {
  const steps: Stretch[][] = [];
  let step: Stretch[] = [];
  let room = tokens;
  for (const [document, { ids }] of documents.entries()) {
    // the last token predicts nothing
    const length = Math.min(ids.length - 1, longest);
    for (let start = 0; start < length; ) {
      const count = Math.min(room, length - start);
      step.push({ document, start, count });
      start += count;
      room -= count;
      if (room > 0 && step.length < most) continue;
      steps.push(step);
      [step, room] = [[], tokens];
    }
  }
  return step.length > 0 ? [...steps, step] : steps;
}
