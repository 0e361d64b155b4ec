// Prompts of real words from the held-out corpus: what a trained model answers, and ends, by itself.

import { type Prng, prng } from '../core/prng.ts';
import { err, failure, ok } from '../core/result.ts';
import { drawLength, LENGTH_SHAPES } from './blocks/lengths.ts';
import { arrivalTimes, closedOf, pacingKnobs, rateOf } from './blocks/pacing.ts';
import { defineWorkload, noCapacity, type TextPrompt, type TextSource } from './contract.ts';

const draws = {
  stories: (text: TextSource, random: Prng, length: number): TextPrompt => text.story(random, length),
  questions: (text: TextSource, random: Prng, length: number): TextPrompt => text.question(random, length),
  mixed: (text: TextSource, random: Prng, length: number): TextPrompt =>
    random.next() < 0.5 ? text.story(random, length) : text.question(random, length),
};

export default defineWorkload({
  id: 'real-text',
  title: 'Real text',
  about: 'Beginnings of stories and questions from held-out text; a trained model ends its answers itself.',
  knobs: {
    requests: { kind: 'int', default: 16, min: 1, max: 10_000, doc: 'How many requests.' },
    kind: {
      kind: 'choice',
      default: 'mixed',
      options: {
        stories: 'beginnings of stories, to be told to their end',
        questions: 'texts up to a question, to be answered in one line',
        mixed: 'half stories, half questions',
      },
      doc: 'What the prompts are.',
    },
    prompt: { kind: 'int', default: 64, min: 2, max: 1500, unit: 'tokens', doc: 'Mean length of prompts.' },
    promptShape: { kind: 'choice', default: 'uniform', options: LENGTH_SHAPES, doc: 'Shape of lengths.' },
    cap: {
      kind: 'int',
      default: 256,
      min: 1,
      max: 2048,
      unit: 'tokens',
      doc: 'Longest answer; what requests declare.',
    },
    ...pacingKnobs('burst', 4),
  },
  generate: (knobs, context) => {
    const rate = rateOf(knobs, context);
    if (rate === undefined) return noCapacity('real-text');
    const { text, limits } = context;
    if (!text)
      return err(
        failure('no-text', 'The text of this workload is not loaded yet.', 'Wait for the tokenizer.'),
      );
    if (limits.vocabulary < text.vocabulary)
      return err(
        failure(
          'vocabulary',
          `Real text has ${text.vocabulary} token ids; this model knows ${limits.vocabulary}.`,
          'Choose a trained model of the box (--model base).',
        ),
      );
    const random = prng(context.seed);
    const [lengths, words] = [random.fork(1), random.fork(3)];
    const times = arrivalTimes(random.fork(2), knobs.requests, rate, knobs);
    const longest = Math.min(limits.window, limits.pages * limits.pageSize);
    let cut = 0;
    const requests = times.map((arrival, id) => {
      const wanted = drawLength(lengths, knobs.promptShape, knobs.prompt);
      const { tokens, rest, stop } = draws[knobs.kind](text, words, wanted);
      const kept = tokens.slice(0, longest - 1);
      if (kept.length < tokens.length) cut++;
      const maxTokens = Math.min(knobs.cap, longest - kept.length);
      return {
        id,
        arrival,
        prompt: [{ tokens: kept }],
        maxTokens,
        endsAfter: Math.min(rest, maxTokens),
        stop,
      };
    });
    const notes = [
      'A trained model ends its answers itself; elsewhere they end where the held-out text does.',
      ...(cut > 0 ? [`${cut} of ${requests.length} prompts are cut to fit ${longest} tokens.`] : []),
    ];
    return ok({ requests, notes, ...closedOf(knobs) });
  },
});
