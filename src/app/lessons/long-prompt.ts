// The second lesson: what a long prompt does to those who are in the middle of their answers, and what cutting it up costs.

import { seconds } from '../../views/batching/axis.ts';
import { tokenTimes } from '../../views/batching/summary.ts';
import { firstStepOf, type Lesson, type LessonFacts, stepsOf } from '../batching/lesson.ts';

const [whole, cut] = [0, 1]; // tracks: continuous, chunked
/** Tokens a step of the second track, and of request 3's prompt. */
const BUDGET = 16;
const PROMPT = 96;
/** Who decodes while request 3's prompt is computed. */
const DECODING = 2;

/** The longest time that request 2 waits between two of its words. */
function longestGap(facts: LessonFacts, track: number): number {
  const found = facts.tracks[track];
  if (!found) return 0;
  const times = tokenTimes(found, DECODING - 1);
  return Math.max(0, ...times.slice(1).map((time, i) => time - (times[i] ?? 0)));
}

const first = (facts: LessonFacts, track: number): number => firstStepOf(facts, track, 3);

/** Seconds from the start to request 3's first word. */
const firstWord = (facts: LessonFacts, track: number): number => facts.tracks[track]?.firstToken[2] ?? 0;

const lesson: Lesson = {
  id: 'long-prompt',
  order: 2,
  title: 'A long prompt joins',
  lead: `Two slots. Requests 1 and 2 have prompts of 8 tokens; request 3 waits with a prompt of ${PROMPT}.`,
  tracks: ['continuous,slots:2', `chunked,slots:2,budget:${BUDGET}`],
  work: `8x3,8x14,${PROMPT}x4`,
  pages: 20,
  pageSize: 8,
  marks: [
    {
      track: whole,
      request: 3,
      ask: 'Request 1 ends after 3 steps. When does request 3 get its first word if its prompt is computed at once?',
    },
    { track: cut, request: 3, ask: `And if a step may hold ${BUDGET} tokens in all?` },
  ],
  answer: (facts) =>
    `Request 3 gets its first word in step ${first(facts, whole)} with its prompt computed at once, in step ${first(facts, cut)} with its prompt cut. What that buys is request 2’s: its longest wait between two words is ${seconds(longestGap(facts, whole))} against ${seconds(longestGap(facts, cut))}.`,
  explanation: (facts) => [
    `Request 3 takes the slot of request 1 as soon as it is free. Continuous batching computes all ${PROMPT} tokens of its prompt in that step, and request 2, which wanted one more word, gets it only when that step has ended: ${seconds(longestGap(facts, whole))} later. Its other words come one short step apart.`,
    `Chunked prefill fills each step up to ${BUDGET} tokens: first one for everybody who decodes, then as much of a prompt as is left. No decode ever waits for a prompt; request 3 pays with ${first(facts, cut) - first(facts, whole)} more steps to its first word, which comes after ${seconds(firstWord(facts, cut))} instead of ${seconds(firstWord(facts, whole))}.`,
    `The bound: with one row decoding, ${BUDGET - 1} tokens of the prompt fit into a step, so ${PROMPT} of them need ${Math.ceil(PROMPT / (BUDGET - 1))} steps at least. Here it took ${first(facts, cut) - first(facts, whole) + 1}. Both answer everything in ${stepsOf(facts, whole)} and ${stepsOf(facts, cut)} steps.`,
    'Which one is better depends on who you ask: who waits for a first word wants the prompt at once, who reads along wants it cut. The size of the chunk is the price of the one in the coin of the other: change “budget” below.',
  ],
  nullTest: {
    label: 'Make the stall vanish',
    work: '8x3,8x14,8x4',
    explain: (facts) => {
      const [a, b] = [first(facts, whole), first(facts, cut)];
      return a === b
        ? `Request 3’s prompt now fits into one step beside request 2’s token: nothing is cut, and both strategies plan the same ${stepsOf(facts, whole)} steps.`
        : `The prompt is short, and still the first words come in steps ${a} and ${b}: look at the budget, it binds.`;
    },
    next: 'Now make the prompt of request 3 longer again, below: the stall comes back as soon as it no longer fits into one step.',
  },
  disagree: {
    launch:
      'Your run is launch-bound: a step with a hundred tokens takes hardly longer than a step with two, so there is no stall to remove, and cutting only adds steps. Chunks should be as large as a step takes for nothing.',
    bandwidth:
      'Your run is bandwidth-bound: reading the weights takes most of a step, and the tokens of a prompt ride along. The stall is short, and each further chunk reads all weights again: larger chunks, up to where arithmetic takes over, cost nothing.',
    compute:
      'Your run is compute-bound: a step takes as long as it has tokens. That is the case this was made for: the stall is as long as the prompt, and cutting it spreads the same work over the steps of everyone.',
    unexplained:
      'No ceiling explains most of your run’s time: its kernels are far from every limit, or a step waits for something else. Look at the step that holds the whole prompt: if it is much longer than the others, cutting it helps those who decode, whatever keeps it from a limit; if it is not, there is no stall to remove here.',
  },
};
export default lesson;
