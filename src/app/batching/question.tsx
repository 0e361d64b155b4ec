// The lesson at the head of the page: its question, then its answer.

import { continuousOverStatic } from '../../engine/metrics/bounds.ts';
import { seconds } from '../../views/batching/axis.ts';
import { wholeRuns } from '../../views/batching/summary.ts';
import { figure } from '../../views/format.ts';
import { asking, playedTo, playing, playReplay, replaySpeed, stopReplay } from './cursor.ts';
import { askAgain, nextMark, skipGuess } from './guess.tsx';
import type { Lesson, LessonFacts } from './lesson.ts';
import type { Shown } from './shown.ts';
import { batching } from './view.ts';
import { lesson, ofLesson } from './wanted.ts';

export const factsOf = (shown: Shown): LessonFacts => {
  const [first] = shown.lanes;
  return {
    tracks: shown.lanes.map((lane) => lane.track),
    bound: first ? continuousOverStatic([...first.track.outputs], first.track.slots) : 1,
  };
};

/** Whether every track of the lesson has a run that reached its end: of less, its text says nothing that is true. */
export const isWhole = ({ lanes }: Shown, { tracks }: Lesson): boolean =>
  lanes.length >= tracks.length && lanes.every((lane) => wholeRuns(lane).length > 0);

export function Question({ shown }: { readonly shown: Shown }) {
  const open = lesson.value;
  if (!open) return null;
  if (asking.value) {
    const mark = open.marks[nextMark()];
    return (
      <div class="question" data-testid="question">
        <p class="question-text">
          <span class="question-count">
            {nextMark() + 1} of {open.marks.length}
          </span>
          {mark?.ask}
        </p>
        <p class="quiet-text">
          Click in its row, where you expect it.
          <span class="by-keys">
            {' '}
            <kbd>←</kbd> <kbd>→</kbd> and <kbd>Enter</kbd> do the same.
          </span>
        </p>
        <button type="button" onClick={skipGuess}>
          Skip, show me
        </button>
      </div>
    );
  }
  if (playedTo.value !== null) return <Replaying />;
  if (!ofLesson.value || shown.running || !isWhole(shown, open)) return null;
  return (
    <div class="question answered" data-testid="answer">
      <p class="question-text">{open.answer(factsOf(shown))}</p>
      <div class="question-actions">
        <button type="button" class="small" onClick={playReplay}>
          Replay
        </button>
        {batching.view.value.from === 'recorded' && (
          <button type="button" class="small quiet" onClick={askAgain}>
            Ask me again
          </button>
        )}
      </div>
    </div>
  );
}

/** The replay's state, and its speed against the run's own clock. */
function Replaying() {
  const speed = replaySpeed.value;
  const text =
    speed >= 1 ? `${figure(speed)}× faster than it ran` : `${figure(1 / speed)}× slower than it ran`;
  return (
    <div class="question" data-testid="replaying">
      <p class="question-text">
        Replaying: {seconds(playedTo.value ?? 0)}{' '}
        <span class="quiet-text">({text}; all tracks start together at 0)</span>
      </p>
      <div class="question-actions">
        <button type="button" class="small" onClick={stopReplay}>
          To the end
        </button>
        {!playing.value && (
          <button type="button" class="small" onClick={playReplay}>
            Play on
          </button>
        )}
      </div>
    </div>
  );
}
