// Placing and showing the marks of a lesson's question: where does the reader expect a request's first token?

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { stepAt } from '../../views/batching/axis.ts';
import { placeAt, rowAt, xOf } from '../../views/batching/paint.ts';
import type { Track } from '../../views/batching/track.ts';
import { announce } from '../ui/index.ts';
import { asking, mode, range } from './cursor.ts';
import type { Geometry } from './geometry.ts';
import { batching } from './view.ts';
import { lesson } from './wanted.ts';

interface LayerProps {
  readonly track: Track;
  readonly index: number;
  readonly g: Geometry;
}

const viewOf = (g: Geometry) => ({ left: 0, width: g.plot, range: range.value });

/** Number of the mark that is asked for now; past the last when none is. */
export const nextMark = (): number => batching.view.value.guess.length;

export function placeGuess(step: number): void {
  const guess = [...batching.view.peek().guess, String(step)];
  announce(`Your mark: step ${step}.`);
  if (guess.length >= (lesson.peek()?.marks.length ?? 0)) batching.go({ guess });
  else batching.adjust({ guess });
}

export const skipGuess = (): void => batching.go({ guess: ['skip'] });

/** Asks again, from the start. */
export const askAgain = (): void =>
  batching.go({ guess: [], at: '', from: 'recorded', tracks: [], work: '', door: '', zoom: [] });

/** Over the row that the question is about: a slider, for pointer and keys alike. */
export function GuessLayer({ track, index, g }: LayerProps) {
  const mark = lesson.value?.marks[nextMark()];
  if (!asking.value || !mark || mark.track !== index) return null;
  return (
    <>
      <LengthHints track={track} besides={mark.request} g={g} />
      <GuessSlider key={nextMark()} track={track} request={mark.request} ask={mark.ask} g={g} />
    </>
  );
}

/** What is known before the run: how long each answer will be. */
function LengthHints({
  track,
  besides,
  g,
}: {
  readonly track: Track;
  readonly besides: number;
  readonly g: Geometry;
}) {
  return (
    <>
      {Array.from(track.outputs, (output, r) => {
        if (r + 1 === besides) return null;
        const row = rowAt({ rowHeight: g.rows.rowHeight, scroll: 0 }, r);
        return (
          <span
            key={track.ids[r]}
            class="length-hint"
            style={{ left: `${g.gutter + 12}px`, top: `${row.y}px`, height: `${row.height}px` }}
          >
            answers with {output} {output === 1 ? 'token' : 'tokens'}
          </span>
        );
      })}
    </>
  );
}

interface SliderProps {
  readonly track: Track;
  readonly request: number;
  readonly ask: string;
  readonly g: Geometry;
}

function GuessSlider({ track, request, ask, g }: SliderProps) {
  const ref = useRef<HTMLDivElement>(null);
  const step = useSignal(0);
  useEffect(() => ref.current?.focus({ preventScroll: true }), []);
  const row = rowAt({ rowHeight: g.rows.rowHeight, scroll: 0 }, request - 1);
  const view = viewOf(g);
  const at = (event: { readonly clientX: number; readonly currentTarget: Element }): number => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left;
    const s = stepAt(track, mode.value, placeAt(view, x));
    return (s ?? (x <= 0 ? 0 : track.steps - 1)) + 1;
  };
  const key = (event: KeyboardEvent): void => {
    const by = { ArrowRight: 1, ArrowLeft: -1, PageUp: 5, PageDown: -5 }[event.key];
    if (by !== undefined) step.value = Math.min(track.steps, Math.max(1, step.value + by));
    else if (event.key === 'Home') step.value = 1;
    else if (event.key === 'End') step.value = track.steps;
    else if (event.key === 'Enter' && step.value > 0) placeGuess(step.value);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      ref={ref}
      class="guess"
      role="slider"
      tabIndex={0}
      aria-label={`${ask} Arrows choose a step, Enter places the mark.`}
      aria-valuemin={1}
      aria-valuemax={track.steps}
      aria-valuenow={step.value || 1}
      aria-valuetext={step.value > 0 ? `step ${step.value}` : 'no step yet'}
      style={{
        left: `${g.gutter}px`,
        width: `${g.plot}px`,
        top: `${row.y - 4}px`,
        height: `${row.height + 8}px`,
      }}
      onPointerMove={(event) => {
        step.value = at(event);
      }}
      onPointerLeave={() => {
        step.value = 0;
      }}
      onClick={(event) => placeGuess(at(event))}
      onKeyDown={key}
    >
      {step.value === 0 ? (
        <span class="guess-hint">
          {g.stacked
            ? 'Click where its first word comes'
            : `Click where request ${request}’s first word comes (it answers with ${track.outputs[request - 1]} tokens)`}
        </span>
      ) : (
        <GuessMark x={xOf(view, placeOfStep(track, step.value))} text={`step ${step.value}`} />
      )}
    </div>
  );
}

/** The end of a step (from 1): that is when its token comes out. */
const placeOfStep = (track: Track, step: number): number =>
  mode.value === 'steps'
    ? step
    : (track.trace.steps.columns.end[Math.min(track.steps, step) - 1] ?? track.end);

const GuessMark = ({ x, text }: { readonly x: number; readonly text: string }) => (
  <span class="guess-mark" style={{ left: `${x}px` }}>
    {text}
  </span>
);

/** Marks that were placed stay. */
export function GuessMarks({ track, index, g }: LayerProps) {
  const { guess } = batching.view.value;
  const marks = lesson.value?.marks ?? [];
  return (
    <>
      {marks.map((mark, i) => {
        const step = Number(guess[i]);
        if (mark.track !== index || !(step >= 1)) return null;
        const row = rowAt({ rowHeight: g.rows.rowHeight, scroll: 0 }, mark.request - 1);
        return (
          <div
            key={mark.ask}
            class="guess-placed"
            style={{
              left: `${g.gutter}px`,
              width: `${g.plot}px`,
              top: `${row.y - 4}px`,
              height: `${row.height + 8}px`,
            }}
          >
            <GuessMark x={xOf(viewOf(g), placeOfStep(track, step))} text={`your guess: step ${step}`} />
          </div>
        );
      })}
    </>
  );
}
