// What a trained model answered in a run, as text.

import { outputsOf } from '../../src/engine/outputs.ts';
import type { Request } from '../../src/engine/request.ts';
import type { TextSource } from '../../src/workloads/contract.ts';
import type { MeasuredFile } from './measured.ts';

export interface AnswerText {
  readonly id: number;
  readonly prompt: string;
  readonly answer: string;
  /** Tokens of the answer. */
  readonly tokens: number;
}

const idsOf = ({ prompt }: Request): readonly number[] =>
  prompt.flatMap((part) => ('tokens' in part ? part.tokens : []));

/** Every answer of a run whose prompts are words. */
export function answersOf({ file, trace }: MeasuredFile, text: TextSource): readonly AnswerText[] {
  const outputs = outputsOf(trace);
  return file.requests.map((request) => {
    const ids = outputs.get(request.id) ?? [];
    return {
      id: request.id,
      prompt: text.decode(idsOf(request)),
      answer: text.decode(ids),
      tokens: ids.length,
    };
  });
}

/** The ends of the prompts with the beginnings of the answers, a request a line. */
export function answerLines(answers: readonly AnswerText[], most = 12): string {
  const flat = (text: string): string => text.replaceAll('\n', ' ↵ ').trim();
  const lines = answers.slice(0, most).map(({ id, prompt, answer, tokens }) => {
    const [before, after] = [flat(prompt), flat(answer)];
    const head = before.length > 60 ? `…${before.slice(-60)}` : before;
    const tail = after.length > 90 ? `${after.slice(0, 90)}…` : after;
    return `  ${id}: ${head} ▸ ${tail} (${tokens} tokens)`;
  });
  const left = answers.length - lines.length;
  return [...lines, ...(left > 0 ? [`  and ${left} more in --json`] : [])].join('\n');
}
