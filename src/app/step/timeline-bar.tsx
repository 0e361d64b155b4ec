// The bottom of the page: what just happened in a sentence, the whole run as one axis, and every way to move.

import { useComputed } from '@preact/signals';
import { activeIn } from '../../stepper/index.ts';
import { happened, waiting } from '../../views/step/caption.ts';
import { type Direction, type Goal, type LaneRef, travel } from '../../views/step/navigate.ts';
import { Scrubber, type Ticks } from '../../views/step/scrubber.tsx';
import { tipOn } from '../ui/index.ts';
import { allStops } from './breaks.ts';
import { shownStep, touchedNow } from './now.ts';
import { origin, picked } from './origin.ts';
import { frame, phase, seek, session, time } from './session.ts';
import { step } from './view.ts';

const marksOf = (kinds: 'barrier' | 'finding'): Int32Array =>
  Int32Array.from(
    (session.value?.opened.marks ?? [])
      .filter((m) => (kinds === 'barrier' ? m.kind === 'barrier' : m.kind !== 'barrier' && m.kind !== 'nan'))
      .map((m) => m.step),
  );

/** Moves the cursor by a goal. */
export function go(goal: Goal, direction: Direction): void {
  const now = session.value;
  if (now) seek(travel(now.recording, time.value, goal, direction));
}

export const toBarrier = (direction: Direction): void =>
  go({ kind: 'among', steps: marksOf('barrier') }, direction);
export const toFinding = (direction: Direction): void =>
  go({ kind: 'among', steps: marksOf('finding') }, direction);
export const toBreak = (direction: Direction): void =>
  go({ kind: 'among', steps: allStops.value }, direction);
const focusLane = (): LaneRef => ({
  lane: step.view.value.lane,
  width: session.value?.opened.subgroupSize ?? 32,
});
export const toLane = (direction: Direction): void => go({ kind: 'lane', ...focusLane() }, direction);

/** While a lane is followed, single steps, over and out are that lane's, through all divergence. */
const following = (): boolean => step.view.value.follow === 1;
export const toggleFollow = (): void => {
  step.adjust({ follow: following() ? 0 : 1 });
  // nothing is followed from a statement that the lane had no part in
  const lane = focusLane();
  const bit = lane.lane % lane.width;
  const now = session.value;
  if (!following() || !now || time.value === 0) return;
  const { steps } = now.recording;
  const mine = steps.subgroup[time.value - 1] === Math.floor(lane.lane / lane.width);
  if (!mine || !activeIn(steps, time.value - 1, bit)) toLane('forward');
};
export const toStatement = (direction: Direction): void =>
  following() ? toLane(direction) : go({ kind: 'statement' }, direction);
export const toOver = (direction: Direction): void =>
  go({ kind: 'over', ...(following() && { follow: focusLane() }) }, direction);
export const toOut = (direction: Direction): void =>
  go({ kind: 'out', ...(following() && { follow: focusLane() }) }, direction);

/** The sentence at the cursor. */
export function useSentence(): string {
  return useComputed(() => {
    const f = frame.value;
    const now = session.value;
    if (!f || !now) return phase.value.kind === 'opening' ? 'Recording …' : '';
    if (f.time === 0) return 'Nothing has run yet: every lane stands at the first statement.';
    const shown = shownStep.value;
    if (!f.caption || !shown) return '';
    const text =
      now.subject.source.slice(shown.statement.span.start, shown.statement.span.end).split('{')[0] ?? '';
    const what = happened(
      f.caption,
      touchedNow.value,
      text.trim().replace(/;$/, ''),
      f.state.subgroups.length,
    );
    if (f.time === now.opened.length) return `${what} ${now.opened.cut ?? 'The workgroup is done.'}`;
    return `${what} ${waiting(f.state)}`.trim();
  }).value;
}

interface MoveProps {
  readonly label: string;
  readonly tip: string;
  readonly run: () => void;
}

const Move = ({ label, tip, run }: MoveProps) => (
  <button type="button" class="small" aria-label={tip} onClick={run} {...tipOn(tip)}>
    {label}
  </button>
);

export function TimelineBar() {
  const sentence = useSentence();
  const ticks = useComputed((): readonly Ticks[] => [
    { kind: 'barrier', steps: marksOf('barrier') },
    { kind: 'finding', steps: marksOf('finding') },
    { kind: 'breakpoint', steps: allStops.value },
    { kind: 'lit', steps: picked.value ? (origin.value?.steps ?? []) : [] },
  ]);
  const now = session.value;
  const length = now?.opened.length ?? 0;
  // what is shown, which a fast hand on the knob may be ahead of
  const shown = frame.value?.time ?? 0;
  const barriers = now?.opened.marks.filter((m) => m.kind === 'barrier').length ?? 0;
  const where = `statement ${shown.toLocaleString('en')} of ${length.toLocaleString('en')}`;
  const phase = barriers > 0 ? ` · ${frame.value?.state.phase ?? 0} of ${barriers} barriers passed` : '';
  return (
    <section class="step-timeline panel" aria-label="The run">
      <p class="sentence" aria-live="polite">
        {sentence}
      </p>
      <Scrubber
        length={length}
        time={time.value}
        ticks={ticks.value}
        text={`${where}. ${sentence}`}
        onSeek={seek}
      />
      <div class="moves">
        <Move label="|◀" tip="To the start (Home)" run={() => seek(0)} />
        <Move label="◀ barrier" tip="To the barrier before (Shift+←)" run={() => toBarrier('back')} />
        <Move label="◀" tip="One statement back (←)" run={() => toStatement('back')} />
        <Move label="▶" tip="One statement on (→)" run={() => toStatement('forward')} />
        <Move label="barrier ▶" tip="To the next barrier (Shift+→)" run={() => toBarrier('forward')} />
        <Move label="▶|" tip="To the end (End)" run={() => seek(length)} />
        <span class="move-group">
          <Move label="over" tip="Over calls (O; back: U)" run={() => toOver('forward')} />
          <Move label="out" tip="Out of the function (I)" run={() => toOut('forward')} />
          <Move label="◀ lane" tip="The focus lane's statement before (K)" run={() => toLane('back')} />
          <Move label="lane ▶" tip="The focus lane's next statement (L)" run={() => toLane('forward')} />
          <button
            type="button"
            class="small"
            aria-pressed={following()}
            onClick={toggleFollow}
            {...tipOn('Steps, over and out move with the focus lane alone, through all divergence (F)')}
          >
            follow lane {step.view.value.lane}
          </button>
          {allStops.value.length > 0 && (
            <>
              <Move label="◀ stop" tip="To the breakpoint before (V)" run={() => toBreak('back')} />
              <Move label="stop ▶" tip="To the next breakpoint (B)" run={() => toBreak('forward')} />
            </>
          )}
        </span>
        <span class="where">
          {where}
          {phase}
        </span>
        <ul class="step-legend">
          <li>
            <span class="tick barrier">▲</span> barrier
          </li>
          <li>
            <span class="tick finding">●</span> finding
          </li>
          <li>
            <span class="tick breakpoint">◆</span> breakpoint
          </li>
        </ul>
      </div>
    </section>
  );
}
