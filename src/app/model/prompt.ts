// The prompt as it would be sent, and ids spelled as the text that they add.

import { computed } from '@preact/signals';
import { longestAnswers } from '../../cache/shared-prompt.ts';
import { err, type Failure, failure, ok, type Result } from '../../core/result.ts';
import type { GeneratePrompt } from '../../worker/generate/protocol.ts';
import { vocabulary } from './choice.ts';
import { type Loaded, loaded, type Piece } from './state.ts';
import { model } from './view.ts';
import { promptIds, type Vocabulary } from './vocabulary.ts';

/** The prompt's ids, by the chosen model; null when there are none. */
export const typedIds = computed(() =>
  promptIds(vocabulary.value, model.view.value.form, model.view.value.prompt),
);

/** Tokens that each answer to a prompt of `length` tokens may have at most; 0 when the prompt alone is too long. */
function room({ window, pages, choice }: Loaded, length: number): number {
  const { answers } = model.view.value;
  return Math.min(Math.max(0, window - length), longestAnswers(length, answers, choice.pageSize, pages));
}

/** The same for what is typed and loaded; 0 without either. */
export const answerRoom = computed((): number => {
  const [ready, ids] = [loaded.value, typedIds.value];
  return ready && ids ? room(ready, ids.length) : 0;
});

/** What is typed, as a prompt of the loaded model. */
export function promptFor(ready: Loaded): Result<GeneratePrompt, Failure> {
  const v = model.view.value;
  const ids = promptIds(ready.vocabulary, v.form, v.prompt);
  if (!ids || ids.length === 0)
    return err(
      failure('bad-prompt', 'There is no prompt.', 'Write a text, or token ids with commas between them.'),
    );
  const most = room(ready, ids.length);
  if (most < 1)
    return err(
      failure(
        'bad-prompt',
        `The prompt has ${ids.length} tokens; the context is ${ready.window}.`,
        'Shorten it, ask for fewer answers, or load the model with a longer context.',
      ),
    );
  return ok({
    tokens: ids,
    sampling: { temperature: v.temperature, topK: v.topK, topP: v.topP, seed: v.seed },
    maxTokens: Math.min(v.max, most),
    answers: v.answers,
    stops: ready.vocabulary.stops,
  });
}

export const spelled = (ids: readonly number[], vocabulary: Vocabulary): Piece[] => {
  const spell = vocabulary.speller();
  return ids.map((id) => ({ id, text: spell(id) }));
};

/** A speller that has seen what a text already holds. */
export function spellerAfter(vocabulary: Vocabulary, text: readonly Piece[]): (id: number) => string {
  const spell = vocabulary.speller();
  for (const { id } of text.slice(-8)) spell(id);
  return spell;
}
