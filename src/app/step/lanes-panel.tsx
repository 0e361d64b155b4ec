// The lane grid with its legend: who runs, who waits, who is masked, who is done.

import { useComputed } from '@preact/signals';
import { LaneGrid, type LaneState, laneStates } from '../../views/step/lane-grid.tsx';
import { Panel, Term } from '../ui/index.ts';
import { ringedLanes } from './lit.ts';
import { lanes } from './now.ts';
import { frame, session } from './session.ts';
import { step } from './view.ts';

const words: Readonly<Record<LaneState, string>> = {
  active: 'running',
  ready: 'ready',
  barrier: 'at the barrier',
  masked: 'masked',
  done: 'done',
};

/** A lane in words: who it is, what it does, where it goes next. */
export function describeLane(lane: number): string {
  const now = session.value;
  const f = frame.value;
  if (!now || !f) return '';
  const [x, y] = now.opened.workgroupSize;
  const width = now.opened.subgroupSize;
  const group = Math.floor(lane / width);
  const local = [lane % x, Math.floor(lane / x) % y, Math.floor(lane / (x * y))];
  const state = laneStates[lanes.value[lane] ?? 0] ?? 'ready';
  const stands = f.state.subgroups[group];
  const line = stands?.barrier?.line ?? stands?.span?.line;
  const next =
    state === 'done' || line === undefined
      ? ''
      : state === 'barrier'
        ? `, line ${line}`
        : `, next line ${line}`;
  return `lane ${lane} · local (${local.join(', ')}) · subgroup ${group}, its lane ${lane % width} · ${words[state]}${next}`;
}

export function LanesPanel() {
  const counts = useComputed(() => {
    const all = new Array<number>(laneStates.length).fill(0);
    for (const state of lanes.value) all[state] = (all[state] ?? 0) + 1;
    return all;
  });
  const now = session.value;
  if (!now || lanes.value.length === 0) return <Panel title="Lanes" class="lanes-panel" />;
  const { workgroupSize, subgroupSize } = now.opened;
  const [x, y, z] = workgroupSize;
  const focus = Math.min(step.view.value.lane, lanes.value.length - 1);
  return (
    <Panel
      class="lanes-panel"
      title="Lanes"
      note={
        <>
          {workgroupSize.slice(0, z > 1 ? 3 : y > 1 ? 2 : 1).join(' × ')} in{' '}
          {Math.ceil((x * y * z) / subgroupSize)} <Term of="subgroup">subgroups</Term>
        </>
      }
    >
      <LaneGrid
        size={workgroupSize}
        subgroup={subgroupSize}
        states={lanes.value}
        focus={focus}
        ringed={ringedLanes.value}
        describe={describeLane}
        onFocus={(lane) => step.adjust({ lane })}
        onHover={() => undefined}
      />
      <ul class="step-legend">
        {laneStates.map((state, i) =>
          state !== 'active' && (counts.value[i] ?? 0) === 0 ? null : (
            <li key={state}>
              <span class={`swatch ${state}`} aria-hidden="true" /> {words[state]} <b>{counts.value[i]}</b>
            </li>
          ),
        )}
        <li>
          <span class="swatch focus" aria-hidden="true" /> focus <b>{focus}</b>
        </li>
      </ul>
    </Panel>
  );
}
