// The first lesson: what a request gains when it may join a batch that is already running.

import { boundSentence, firstStepOf, type Lesson, type LessonFacts, stepsOf } from '../batching/lesson.ts';

const [early, late] = [0, 1]; // tracks: static, continuous

/** The step of request 3's first word, and all steps, in one of the tracks. */
const at = (facts: LessonFacts, track: number) => ({
  first: firstStepOf(facts, track, 3),
  steps: stepsOf(facts, track),
});

const lesson: Lesson = {
  id: 'joining',
  order: 1,
  title: 'Joining',
  lead: 'Two slots. Every prompt is 8 tokens; the answers are 2, 8, 4 and 6 tokens long.',
  tracks: ['static,slots:2', 'continuous,slots:2'],
  work: '8x2,8x8,8x4,8x6',
  pages: 10,
  pageSize: 8,
  marks: [
    {
      track: early,
      request: 3,
      ask: 'When does request 3 get its first word if the batch must finish first?',
    },
    { track: late, request: 3, ask: 'And if it may join?' },
  ],
  answer: (facts) => {
    const a = at(facts, early);
    const b = at(facts, late);
    return `Request 3 gets its first word in step ${a.first} if the batch must finish first, in step ${b.first} if it may join; all four are answered after ${a.steps} steps against ${b.steps}.`;
  },
  explanation: (facts) => {
    const a = at(facts, early);
    const b = at(facts, late);
    return [
      `Requests 1 and 2 take both slots. Request 1 is answered after step ${stepOfLast(facts, 1)}, but a static batch keeps its row until request 2 has finished too: the hatched cells are computed for nobody, and request 3 waits for them.`,
      `Continuous batching decides again at every step. Request 3 takes the free slot at once, its prompt is computed beside request 2’s next token, and nothing else changes: the same tokens come out, in ${b.steps} steps instead of ${a.steps}.`,
      boundSentence(facts),
      'The first word comes sooner at a price: the step in which a prompt joins is longer, and whoever decodes in it waits for its token. That is the longest gap in the table, and why other strategies cut prompts into chunks.',
    ];
  },
  nullTest: {
    label: 'Make the gap vanish',
    work: '8x5,8x5,8x5,8x5',
    explain: (facts) => {
      const a = stepsOf(facts, early);
      const b = stepsOf(facts, late);
      return a === b
        ? `All answers are equally long, so no row of a batch ends early and there is nothing to join: both take ${a} steps. What remains between them, if anything, is not batching.`
        : `All answers are equally long, and still the runs take ${a} and ${b} steps: look at the slots and the page pool, one of them binds.`;
    },
    next: 'Now drag the end of any row: as soon as the answers of one batch differ, somebody waits for somebody.',
  },
  disagree: {
    launch:
      'Your run is launch-bound: a step costs the same however many rows it holds, because starting its kernels takes longer than computing them. Then only the number of steps counts, and joining saves exactly those.',
    bandwidth:
      'Your run is bandwidth-bound: every step reads all weights once, whatever it decodes. A held row is nearly free, so the saving is in steps, not in rows; long prompts that join show up little.',
    compute:
      'Your run is compute-bound: a step takes longer with every token in it. Held rows then cost real time, and a joining prompt stretches the step of everyone who decodes beside it: the first word still comes sooner, but tokens per second may not rise.',
    unexplained:
      'No ceiling explains most of your run’s time: its kernels are far from every limit, or a step waits for something else. What a row costs is for your run to say: compare a short step with a long one. If steps grow with their rows, held rows cost time and joining gains less than the steps say; if not, it gains just those.',
  },
};
export default lesson;

function stepOfLast(facts: LessonFacts, request: number): number {
  const track = facts.tracks[early];
  return track ? (track.lastStep[request - 1] ?? 0) + 1 : 0;
}
