// Memories as matrices: the one that chooses itself, and those the reader pinned.

import { useSignal } from '@preact/signals';
import { indexOf, type Reading, readings, reread } from '../../views/step/matrix.ts';
import { MemoryGrid } from '../../views/step/memory-grid.tsx';
import { NEVER } from '../../worker/step-protocol.ts';
import { Panel } from '../ui/index.ts';
import { describeCell, lit } from './lit.ts';
import { type Memory, touchedCells } from './memories.ts';
import { chosen, output } from './now.ts';
import { pick, picked } from './origin.ts';
import { frame, session, trailOf, verdict } from './session.ts';
import { step } from './view.ts';

/** What is written by the cursor's time, a byte a word. */
function writtenBy(firsts: Int32Array | undefined, time: number): Uint8Array {
  const out = new Uint8Array(firsts?.length ?? 0);
  firsts?.forEach((first, i) => {
    out[i] = first < time && first !== NEVER ? 1 : 0;
  });
  return out;
}

function pinned(name: string): boolean {
  return step.view.value.mem.includes(name);
}

function togglePin(name: string): void {
  const { mem } = step.view.value;
  step.adjust({ mem: pinned(name) ? mem.filter((m) => m !== name) : [...mem, name] });
}

interface MemoryCardProps {
  readonly memory: Memory;
  readonly auto: boolean;
  readonly tallest: number;
}

export function MemoryCard({ memory, auto, tallest }: MemoryCardProps) {
  const reading = useSignal<Reading | null>(null);
  const now = session.value;
  const f = frame.value;
  const bytes = f?.memories.get(memory.memory);
  if (!now || !f || !bytes) return <Panel title={memory.name} class="memory-panel" />;
  const matrix = reading.value === null ? memory.matrix : reread(memory.matrix, reading.value);
  const own = matrix === memory.matrix;
  const touched = touchedCells(memory, matrix, f.accesses, f.accessSteps, f.time - 1);
  const atEnd = f.time === now.opened.length;
  const bad = own ? verdict.value?.wrong.get(memory.name) : undefined;
  const highlight = own ? lit.value?.cells.get(memory.name) : undefined;
  const chosenCell =
    picked.value?.name === memory.name && own ? indexOf(matrix, picked.value.row, picked.value.column) : null;
  const initial =
    memory.space === 'storage' && now.subject.contract?.op.tensors[memory.name]?.role === 'inout';
  return (
    <Panel
      class="memory-panel"
      title={memory.name}
      note={
        <>
          {memory.space === 'workgroup' ? 'workgroup · ' : ''}
          {memory.matrix.rows} × {memory.matrix.columns}
          {auto ? ' · chosen by itself' : memory === output.value ? ' · output' : ''}
        </>
      }
      actions={
        <>
          <select
            aria-label={`Read ${memory.name} as`}
            class="small"
            value={matrix.reading}
            onChange={(event) => {
              const next = readings.find((r) => r === event.currentTarget.value);
              reading.value = next === memory.matrix.reading ? null : (next ?? null);
            }}
          >
            {readings.map((r) => (
              <option key={r} value={r}>
                {r}
              </option>
            ))}
          </select>
          {memory !== output.value && (
            <button
              type="button"
              class="small"
              aria-pressed={pinned(memory.name)}
              onClick={() => togglePin(memory.name)}
            >
              {pinned(memory.name) ? 'Unpin' : 'Pin'}
            </button>
          )}
        </>
      }
    >
      <MemoryGrid
        label={`Memory ${memory.name}`}
        matrix={matrix}
        bytes={bytes}
        written={
          memory.written && !initial ? writtenBy(now.opened.firstWrites[memory.memory], f.time) : undefined
        }
        touched={touched}
        trail={trailOf(now.opened)}
        wrong={bad && (atEnd || memory.space === 'storage') ? bad : none}
        lit={highlight ?? null}
        picked={chosenCell}
        tallest={tallest}
        describe={(row, column) => (own ? describeCell(memory, row, column) : '')}
        {...(own && { onPick: (row: number, column: number) => pick(memory, row, column) })}
      />
      <ul class="step-legend">
        {lit.value && highlight ? (
          <>
            <li>
              <span class="swatch read" aria-hidden="true" /> {lit.value.about}
            </li>
            <li>
              <span class="swatch coming" aria-hidden="true" /> will be
            </li>
          </>
        ) : (
          <>
            <li>
              <span class="swatch read" aria-hidden="true" /> read now
            </li>
            <li>
              <span class="swatch write" aria-hidden="true" /> written now, by lane
            </li>
            {memory.written && (
              <li>
                <span class="swatch empty" aria-hidden="true" /> not written yet
              </li>
            )}
          </>
        )}
        {bad && (
          <li class="bad-text">
            <span class="swatch wrong" aria-hidden="true" /> wrong in the end: <b>{bad.size}</b>
          </li>
        )}
      </ul>
    </Panel>
  );
}

const none: ReadonlySet<number> = new Set();

/** The output, small, below the lanes. */
export function OutputPanel() {
  const memory = output.value;
  return memory ? <MemoryCard memory={memory} auto={false} tallest={250} /> : null;
}

/** The memory that chooses itself, then the pinned ones and those that a picked cell lights up. */
export function MemoryPanels() {
  const now = session.value;
  if (!now) return null;
  const first = chosen.value;
  const lights = [...(lit.value?.cells.keys() ?? [])];
  const shown = (m: Memory): boolean =>
    m !== first && m !== output.value && (pinned(m.name) || lights.includes(m.name));
  const more = now.memories.filter(shown);
  const rest = now.memories.filter(
    (m) => m.space !== 'uniform' && m !== first && m !== output.value && !shown(m),
  );
  return (
    <div class="memory-column">
      {first && (
        <MemoryCard
          key="auto"
          memory={first}
          auto={!pinned(first.name)}
          tallest={more.length > 0 ? 300 : 396}
        />
      )}
      {more.length > 0 && (
        <div class="memory-more">
          {more.map((m) => (
            <MemoryCard key={m.name} memory={m} auto={false} tallest={250} />
          ))}
        </div>
      )}
      {rest.length > 0 && (
        <p class="more-memories">
          Also show{' '}
          {rest.map((m) => (
            <button key={m.name} type="button" class="small" onClick={() => togglePin(m.name)}>
              {m.name}
            </button>
          ))}
        </p>
      )}
    </div>
  );
}
