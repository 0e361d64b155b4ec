// The doors of a lesson: why somebody waited, a test that must find nothing, inside a step, the other lessons.

import { meanBound, type RunBound } from '../../measure/bound.ts';
import { boundName } from '../../views/batching/bound-name.ts';
import { asking, pin, playedTo, startPlace, tracks } from './cursor.ts';
import { goInside } from './inside.ts';
import { DISAGREEMENTS, disagreementOf } from './lesson.ts';
import { lessons } from './lessons.ts';
import { factsOf, isWhole } from './question.tsx';
import type { Shown } from './shown.ts';
import { batching } from './view.ts';
import { lesson, ofLesson, ofNullTest } from './wanted.ts';

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

/** What a lesson runs, as it is looked at first. */
const asItIs = {
  from: 'recorded',
  tracks: [],
  work: '',
  pages: 0,
  page: 0,
  ahead: '0',
  door: '',
  at: '',
  zoom: [],
  request: 0,
  lane: 0,
  result: '',
} satisfies Partial<typeof batching.view.value>;

/** Another lesson, from its question on. */
const openLesson = (id: string): void => batching.go({ ...asItIs, lesson: id, guess: [] });

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

/** What bounds the runs of a comparison, all strategies alike; null where that is not known. */
const boundOf = ({ lanes }: Shown): RunBound | null => meanBound(lanes.flatMap((lane) => lane.bound ?? []));

function Explanation({ shown }: { readonly shown: Shown }) {
  const open = lesson.value;
  if (!open) return null;
  if (!ofLesson.value)
    return (
      <div class="panel door-text" data-testid="explanation">
        <h2>{open.title}</h2>
        <p>
          You have changed what runs, and this lesson explains its own run. The page map and the reasons above
          speak of yours.
        </p>
        <BackToLesson />
      </div>
    );
  if (!isWhole(shown, open))
    return (
      <div class="panel door-text" data-testid="explanation">
        <h2>{open.title}</h2>
        <p>
          This comparison was cut before every strategy had a whole run, and this lesson explains whole runs.
        </p>
        <BackToLesson />
      </div>
    );
  const bound = boundOf(shown);
  return (
    <div class="panel door-text" data-testid="explanation">
      <h2>{open.title}</h2>
      {open.explanation(factsOf(shown)).map((text) => (
        <p key={text}>{text}</p>
      ))}
      <details>
        <summary>Your GPU disagrees?</summary>
        <p>
          {bound === null
            ? 'Nothing says yet what bounds a step here: these are the cases. '
            : `This run is ${boundName(bound)}. `}
          Look at what bounds your run. A GPU is free to disagree; the number of steps is not, because the
          same plans run on it.
        </p>
        <ul>
          {(bound ? [disagreementOf(bound)] : DISAGREEMENTS).map((one) => (
            <li key={one}>{open.disagree[one]}</li>
          ))}
        </ul>
      </details>
    </div>
  );
}

function NullTest({ shown }: { readonly shown: Shown }) {
  const open = lesson.value;
  if (!open) return null;
  return (
    <div class="panel door-text" data-testid="null-test">
      <h2>A test that must find nothing</h2>
      <p>
        {ofNullTest.value
          ? open.nullTest.explain(factsOf(shown))
          : 'You have changed what runs: as the test has it, the difference must vanish.'}
      </p>
      <p>{open.nullTest.next}</p>
      <BackToLesson />
    </div>
  );
}

const BackToLesson = () => (
  <button type="button" onClick={() => batching.go(asItIs)}>
    Back to the lesson’s own run
  </button>
);
