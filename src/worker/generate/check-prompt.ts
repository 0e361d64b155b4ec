// Refuses a prompt that the loaded model or its pages cannot hold, saying what would fit.

import { pagesForAnswers } from '../../cache/shared-prompt.ts';
import { err, failure, ok, type Result } from '../../core/result.ts';
import type { WorkerFailure } from '../protocol.ts';
import { mostAnswers } from './answers.ts';
import type { GeneratePrompt } from './protocol.ts';

export interface Room {
  readonly vocab: number;
  /** Longest sequence in tokens. */
  readonly window: number;
  readonly pages: number;
  readonly pageSize: number;
}

export function checkPrompt(prompt: GeneratePrompt, room: Room): Result<true, WorkerFailure> {
  const { tokens, maxTokens, answers } = prompt;
  const { vocab, window, pages, pageSize } = room;
  const bad = (message: string, hint: string) => err(failure('bad-request', message, hint));
  if (tokens.length === 0) return bad('The prompt is empty.', 'Give at least one token.');
  const strange = tokens.find((id) => !Number.isInteger(id) || id < 0 || id >= vocab);
  if (strange !== undefined)
    return bad(`The prompt has token ${strange}.`, `Ids of this model are 0 to ${vocab - 1}.`);
  if (!Number.isInteger(maxTokens) || maxTokens < 1)
    return bad(`${maxTokens} tokens are wanted.`, 'Ask for at least one.');
  if (tokens.length + maxTokens > window)
    return bad(
      `${tokens.length} tokens of prompt and ${maxTokens} to generate do not fit ${window}.`,
      'Shorten the prompt, ask for fewer tokens, or load with a larger context.',
    );
  if (!Number.isInteger(answers) || answers < 1 || answers > mostAnswers)
    return bad(`${answers} answers are wanted.`, `Ask for 1 to ${mostAnswers}.`);
  const need = pagesForAnswers(tokens.length, maxTokens, answers, pageSize);
  if (need > pages)
    return bad(
      `${answers} answers of ${maxTokens} tokens need ${need} pages; there are ${pages}.`,
      'Ask for fewer answers or tokens, or load with a larger context.',
    );
  return ok(true);
}
