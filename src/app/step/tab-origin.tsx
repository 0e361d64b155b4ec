// Where the picked cell came from, or who reads it and how often: here, and in the op's other versions.

import { useEffect } from 'preact/hooks';
import { spoken } from '../../views/format.ts';
import { flipTo, measure, readsByVersion, siblings } from './flip.ts';
import { type Load, type Origin, origin, picked, soFar } from './origin.ts';
import { frame, seek, session } from './session.ts';
import { step } from './view.ts';

const plural = (n: number, one: string): string => `${n.toLocaleString('en')} ${one}${n === 1 ? '' : 's'}`;

/** The lines that load, how often by now and in all. */
function Lines({ loads, done }: { readonly loads: readonly Load[]; readonly done: number }) {
  const source = session.value?.lines ?? [];
  const lines = new Map<number, { now: number; all: number }>();
  for (const [i, { line }] of loads.entries()) {
    const n = lines.get(line) ?? { now: 0, all: 0 };
    lines.set(line, { now: n.now + (i < done ? 1 : 0), all: n.all + 1 });
  }
  return (
    <ul class="origin-lines">
      {[...lines]
        .sort(([a], [b]) => a - b)
        .map(([line, n]) => (
          <li key={line}>
            <b>
              {n.now === n.all ? '' : `${n.now.toLocaleString('en')} of `}
              {n.all.toLocaleString('en')}×
            </b>{' '}
            line {line} <code>{(source[line - 1] ?? '').trim().slice(0, 70)}</code>
          </li>
        ))}
    </ul>
  );
}

/** `128 loads: 32 cells of a, 32 cells of b` */
function cellsOf(loads: readonly Load[]): string {
  const by = new Map<string, Set<number>>();
  for (const l of loads) by.set(l.memory, (by.get(l.memory) ?? new Set()).add(l.cell));
  return [...by].map(([memory, cells]) => `${plural(cells.size, 'cell')} of ${memory}`).join(', ') || 'none';
}

const memoriesIn = (loads: readonly Load[]): readonly string[] => [...new Set(loads.map((l) => l.memory))];

/** Where the written cell's value comes from, at the cursor. */
function MadeFrom({ o, done }: { readonly o: Origin; readonly done: number }) {
  if (o.problem) return <p>{o.problem}</p>;
  const { writtenAt } = o;
  if (!writtenAt) return <p>This workgroup never wrote it.</p>;
  const written = (frame.value?.time ?? 0) > writtenAt.step;
  return (
    <>
      <p>
        {written ? 'Written' : 'Not written yet: it will be,'} by lane {writtenAt.lane} at statement{' '}
        {(writtenAt.step + 1).toLocaleString('en')}; fed by <b>{plural(o.loads.length, 'load')}</b>:{' '}
        {cellsOf(o.loads)}.
        {done < o.loads.length && (
          <>
            {' '}
            By now <b>{done.toLocaleString('en')}</b> of them have happened.
          </>
        )}
      </p>
      <p class="places">
        {memoriesIn(o.loads).map((memory) => (
          <button
            key={memory}
            type="button"
            class="small"
            onClick={() => step.adjust({ mem: [...new Set([...step.view.value.mem, memory])] })}
          >
            show {memory}
          </button>
        ))}
        <button type="button" class="small" onClick={() => seek(writtenAt.step + 1)}>
          go to the write
        </button>
      </p>
      <Lines loads={o.loads} done={done} />
    </>
  );
}

/** Who reads the cell, by now and in all. */
function ReadBy({ o, done }: { readonly o: Origin; readonly done: number }) {
  const lanes = new Set(o.loads.map((l) => l.lane));
  return (
    <>
      <p>
        Read <b>{plural(o.loads.length, 'time')}</b> in this workgroup by {plural(lanes.size, 'lane')}
        {o.everywhere === null ? '' : `, ${o.everywhere.toLocaleString('en')}× in the whole dispatch`}.
        {o.loads.length > 0 && (
          <>
            {' '}
            By now <b>{done.toLocaleString('en')}×</b>.
          </>
        )}
      </p>
      {o.steps.length > 0 && (
        <p class="places">
          <button type="button" class="small" onClick={() => seek((o.steps[0] ?? 0) + 1)}>
            first read
          </button>
          {done < o.steps.length && (
            <button type="button" class="small" onClick={() => seek((o.steps[done] ?? 0) + 1)}>
              next read
            </button>
          )}
          <button type="button" class="small" onClick={() => seek((o.steps.at(-1) ?? 0) + 1)}>
            last read
          </button>
        </p>
      )}
      <Lines loads={o.loads} done={done} />
    </>
  );
}

/** Bars: reads of one input cell from memory, version by version. */
function Reuse() {
  const counts = readsByVersion.value;
  const cell = picked.value;
  const here = session.value?.subject.contract?.version.id;
  const versions = siblings.value;
  const name = cell ? `${cell.name}[${cell.row}, ${cell.column}]` : '';
  useEffect(() => {
    const [first] = versions;
    if (first) void measure(first.id);
    if (here) void measure(here);
  }, [versions, here]);
  if (versions.length < 2) return null;
  const most = Math.max(1, ...counts.values());
  const all = async (): Promise<void> => {
    for (const v of versions) await measure(v.id);
  };
  return (
    <section>
      <h3>Reads of {name} from memory, whole dispatch</h3>
      <ul class="reuse">
        {versions
          .filter((v) => counts.has(v.id))
          .map((v) => {
            const n = counts.get(v.id) ?? 0;
            return (
              <li key={v.id} class={v.id === here ? 'here' : ''}>
                <button
                  type="button"
                  class="quiet small"
                  disabled={v.id === here}
                  onClick={() => flipTo(v.id)}
                >
                  {spoken(v.id)}
                </button>
                <span class="bar" style={{ width: `${Math.max(1, (n / most) * 100)}%` }} />
                <b>{n.toLocaleString('en')}×</b>
              </li>
            );
          })}
      </ul>
      {counts.size < versions.length && (
        <button type="button" class="small" onClick={() => void all()}>
          Count in all {versions.length} versions
        </button>
      )}
    </section>
  );
}

export function OriginTab() {
  const cell = picked.value;
  const o = origin.value;
  if (!cell)
    return (
      <p class="quiet-text">
        Click a cell of an output to see every load that fed it; click a cell of an input to see who reads it,
        and how often. Arrow keys and Enter do the same.
      </p>
    );
  const name = `${cell.name}[${cell.row}, ${cell.column}]`;
  const isOutput = o?.kind === 'made-from';
  return (
    <div class="pair">
      <section>
        <h3>
          {name}{' '}
          <button type="button" class="quiet small" onClick={() => step.adjust({ cell: '' })}>
            let go
          </button>
        </h3>
        {!o && <p class="quiet-text">Looking it up …</p>}
        {o && (isOutput ? <MadeFrom o={o} done={soFar.value} /> : <ReadBy o={o} done={soFar.value} />)}
      </section>
      {o && !isOutput && <Reuse />}
    </div>
  );
}
