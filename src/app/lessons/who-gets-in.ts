// The third lesson: memory decides who gets in, and what giving it out page by page gains over reserving it.

import { firstStepOf, type Lesson, type LessonFacts, stepsOf } from '../batching/lesson.ts';

const [reserved, paged] = [0, 1]; // tracks: continuous with pages reserved, with pages as tokens come
const PROMPT = 8;
const LONGEST = 10;
const PAGES = 8;
const PAGE = 8;
/** Pages of a request whose answer might be the longest. */
const RESERVED = Math.ceil((PROMPT + LONGEST) / PAGE);
/** Requests that a pool of reservations holds. */
const TOGETHER = Math.floor(PAGES / RESERVED);

/** Steps that each way needs at least, and what this run made of them. */
function least(facts: LessonFacts): string {
  const outputs = [...(facts.tracks[paged]?.outputs ?? [])];
  const tokens = outputs.reduce((sum, n) => sum + n, 0);
  const pagesHeld = (n: number): number[] =>
    Array.from({ length: n }, (_, i) => Math.ceil((PROMPT + i) / PAGE));
  const held = outputs.flatMap(pagesHeld).reduce((sum, n) => sum + n, 0);
  const longest = Math.max(0, ...outputs);
  const [slow, fast] = [Math.ceil(tokens / TOGETHER), Math.ceil(held / PAGES)];
  const why = longest > fast ? `, because the longest answer alone takes ${longest}` : '';
  return `What memory allows: ${TOGETHER} at a time, ${tokens} tokens take ${slow} steps at least; page by page, the answers hold ${held} pages for a step each, which ${PAGES} pages give in ${fast}. The runs took ${stepsOf(facts, reserved)} and ${stepsOf(facts, paged)}${why}.`;
}

const first = (facts: LessonFacts, track: number, request: number): number =>
  firstStepOf(facts, track, request);

const lesson: Lesson = {
  id: 'who-gets-in',
  order: 3,
  title: 'Who gets in',
  lead: `Four slots, and KV memory of ${PAGES} pages of ${PAGE} tokens. Every prompt is ${PROMPT} tokens; the answers are 4, ${LONGEST}, 8 and 6 tokens long.`,
  tracks: ['continuous,slots:4', 'continuous,slots:4,memory:paged'],
  work: `${PROMPT}x4,${PROMPT}x${LONGEST},${PROMPT}x8,${PROMPT}x6`,
  pages: PAGES,
  pageSize: PAGE,
  marks: [
    {
      track: reserved,
      request: 4,
      ask: `When does request 4 get its first word if everybody’s memory is reserved for an answer of ${LONGEST} tokens?`,
    },
    { track: paged, request: 4, ask: 'And if a page is taken when a token needs it?' },
  ],
  answer: (facts) =>
    `Request 4 gets its first word in step ${first(facts, reserved, 4)} with reserved memory, in step ${first(facts, paged, 4)} with pages as tokens come; all four are answered after ${stepsOf(facts, reserved)} steps against ${stepsOf(facts, paged)}. Slots were never short: memory was.`,
  explanation: (facts) => [
    `How long an answer will be is known when it ends. A scheduler that must never run out of memory reserves for the longest answer allowed: ${RESERVED} of the ${PAGES} pages each, so ${TOGETHER} requests get in and the others wait, though a prompt of ${PROMPT} tokens fills one page. The page map shows it: taken, and empty.`,
    `With paged memory a request takes a page when its next token has no place. All four get in at once, because together they hold ${PAGES} pages at most while they run; the same tokens come out, in ${stepsOf(facts, paged)} steps instead of ${stepsOf(facts, reserved)}.`,
    least(facts),
    'The price comes when many answers turn out long: pages run out in the middle, somebody is sent back to the queue, and its tokens are computed a second time. In servers for real traffic a reserved cache was found to hold tokens in 20 to 38 % of its memory (Kwon et al., SOSP 2023), which is why they take that risk.',
  ],
  nullTest: {
    label: 'Make the gap vanish',
    work: `${PROMPT}x8,${PROMPT}x8,${PROMPT}x8,${PROMPT}x8`,
    explain: (facts) => {
      const [a, b] = [stepsOf(facts, reserved), stepsOf(facts, paged)];
      return a === b
        ? `No answer is shorter than the longest: what is reserved is what is used, two pages each, and all four get in either way. Both take ${a} steps.`
        : `All answers are as long as the longest, and still the runs take ${a} and ${b} steps: look at the reasons of those who wait.`;
    },
    next: 'Now make all four answers 12 tokens long, below: paged memory lets everybody in, runs out of pages, and sends somebody back.',
  },
  disagree: {
    launch:
      'Your run is launch-bound: a step with four rows takes hardly longer than a step with two, so every request that memory keeps out costs its whole time. The gain is as large as the steps say.',
    bandwidth:
      'Your run is bandwidth-bound: a step reads all weights once, however many rows share it. Rows that memory keeps out would have been nearly free, so paged memory gains almost what the steps say.',
    compute:
      'Your run is compute-bound: four rows in a step take longer than two, so letting everybody in shortens the wait for a first word more than it raises tokens per second.',
    unexplained:
      'No ceiling explains most of your run’s time: its kernels are far from every limit, or a step waits for something else. Compare a step of four rows with one of two: what it takes longer is what a request let in costs the others, and only the rest of the steps saved is gained.',
  },
};
export default lesson;
