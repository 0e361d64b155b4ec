// The lesson at the head of the page: its question, then its answer, then the doors that lead on.

import { continuousOverStatic } from '../../engine/metrics/bounds.ts';
import type { Bound } from '../../measure/schema.ts';
import { seconds } from '../../views/batching/axis.ts';
import { figure } from '../../views/format.ts';
import {
  asking,
  pin,
  playedTo,
  playing,
  playReplay,
  replaySpeed,
  startPlace,
  stopReplay,
  tracks,
} from './cursor.ts';
import { askAgain, nextMark, skipGuess } from './guess.tsx';
import { goInside } from './inside.ts';
import type { LessonFacts } from './lesson.ts';
import { lessons } from './lessons.ts';
import type { Shown } from './shown.ts';
import { batching } from './view.ts';
import { lesson } from './wanted.ts';

export const factsOf = (shown: Shown): LessonFacts => {
  const [first] = shown.lanes;
  return {
    tracks: shown.lanes.map((lane) => lane.track),
    bound: first ? continuousOverStatic([...first.track.outputs], first.track.slots) : 1,
  };
};

/** True when what is shown is the lesson's own run, or its null test. */
const ofLesson = (): boolean => {
  const { tracks: keys, work } = batching.view.value;
  return keys.length === 0 && (work === '' || work === lesson.value?.work);
};

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
          Click in its row, where you expect it. <kbd>←</kbd> <kbd>→</kbd> and <kbd>Enter</kbd> do the same.
        </p>
        <button type="button" onClick={skipGuess}>
          Skip, show me
        </button>
      </div>
    );
  }
  if (playedTo.value !== null) return <Replaying />;
  if (!ofLesson() || shown.running) return null;
  return (
    <div class="question answered" data-testid="answer">
      <p class="question-text">{open.answer(factsOf(shown))}</p>
      <div class="question-actions">
        <button type="button" class="small" onClick={playReplay}>
          Replay
        </button>
        {shown.source === 'recorded' && (
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

/** Opens the explanation with the cursor in the middle of the wait that it is about. */
function openWait(): void {
  const request = lesson.value?.marks[0]?.request ?? 1;
  const track = tracks.value[lesson.value?.marks[0]?.track ?? 0];
  const w = track?.waits.offset[request - 1];
  if (track && w !== undefined && w < (track.waits.offset[request] ?? 0)) {
    const from = track.waits.from[w] ?? 0;
    const to = track.waits.to[w] ?? 0;
    pin(startPlace(track, from + (to - from) * 0.8));
  }
  batching.go({ door: 'wait', request });
}

const openGap = (work: string): void =>
  batching.go({ door: 'gap', from: 'virtual', work, at: '', zoom: [], request: 0, result: '' });

/** Another lesson, from its question on. */
const openLesson = (id: string): void =>
  batching.go({
    lesson: id,
    from: 'recorded',
    tracks: [],
    work: '',
    pages: 0,
    page: 0,
    guess: [],
    door: '',
    at: '',
    zoom: [],
    request: 0,
    lane: 0,
    result: '',
  });

export function Doors({ shown }: { readonly shown: Shown }) {
  const open = lesson.value;
  const { door } = batching.view.value;
  if (!open || asking.value || playedTo.value !== null || shown.running) return null;
  const current = (name: typeof door): 'true' | undefined => (door === name ? 'true' : undefined);
  return (
    <section class="doors" aria-label="Go on">
      <div class="door-row">
        <button
          type="button"
          aria-pressed={door === 'wait'}
          aria-current={current('wait')}
          onClick={openWait}
        >
          Why did request {open.marks[0]?.request ?? 1} wait?
        </button>
        <button
          type="button"
          aria-pressed={door === 'gap'}
          aria-current={current('gap')}
          onClick={() => openGap(open.nullTest.work)}
        >
          {open.nullTest.label}
        </button>
        <button
          type="button"
          aria-pressed={door === 'step'}
          aria-current={current('step')}
          onClick={goInside}
        >
          See inside a step
        </button>
        {[...lessons.values()]
          .filter((other) => other.id !== open.id)
          .map((other) => (
            <button key={other.id} type="button" class="quiet" onClick={() => openLesson(other.id)}>
              Lesson {other.order}: {other.title}
            </button>
          ))}
      </div>
      {door === 'wait' && <Explanation shown={shown} />}
      {door === 'gap' && <NullTest shown={shown} />}
    </section>
  );
}

function Explanation({ shown }: { readonly shown: Shown }) {
  const open = lesson.value;
  if (!open) return null;
  return (
    <div class="panel door-text" data-testid="explanation">
      <h2>{open.title}</h2>
      {open.explanation(factsOf(shown)).map((text) => (
        <p key={text}>{text}</p>
      ))}
      <details>
        <summary>Your GPU disagrees?</summary>
        <p>
          {shown.bound === null && 'Nothing says yet what bounds a step here: these are the three cases. '}
          Look at what bounds your run. A GPU is free to disagree; the number of steps is not, because the
          same plans run on it.
        </p>
        <ul>
          {(Object.keys(open.disagree) as Bound[])
            .filter((bound) => shown.bound === null || shown.bound === bound)
            .map((bound) => (
              <li key={bound}>{open.disagree[bound]}</li>
            ))}
        </ul>
      </details>
    </div>
  );
}

function NullTest({ shown }: { readonly shown: Shown }) {
  const open = lesson.value;
  if (!open) return null;
  const lessons = batching.view.value.work === open.nullTest.work;
  return (
    <div class="panel door-text" data-testid="null-test">
      <h2>A test that must find nothing</h2>
      <p>
        {lessons
          ? open.nullTest.explain(factsOf(shown))
          : 'You have changed the lengths: with equal ones the difference must vanish.'}
      </p>
      <p>
        Now drag the end of any row: as soon as the answers of one batch differ, somebody waits for somebody.
      </p>
      <button type="button" onClick={() => batching.go({ door: '', from: 'recorded', work: '', at: '' })}>
        Back to the four requests
      </button>
    </div>
  );
}
