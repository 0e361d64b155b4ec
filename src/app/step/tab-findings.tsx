// What is wrong with the kernel, each with its places to go to; and whether the result is right.

import type { Finding, MemoryRef, Site } from '../../stepper/index.ts';
import { findLine } from '../../views/step/navigate.ts';
import { findings, seek, session, stepper, verdict, whole } from './session.ts';
import { go } from './timeline-bar.tsx';
import { step } from './view.ts';

const names: Readonly<Record<Finding['kind'], string>> = {
  race: 'Race',
  'out-of-bounds': 'Out of bounds',
  'divergent-barrier': 'Barrier not reached by all',
  'uninitialized-read': 'Read before written',
  runaway: 'Does not end',
};

/** The byte that a finding is about. */
interface Spot {
  readonly memory: MemoryRef;
  readonly byte: number;
}

/** The step in which a lane touches a byte from a line, or at least runs the line. */
async function stepOf(site: Site, spot: Spot | null): Promise<number | null> {
  const now = session.peek();
  if (!now) return null;
  if (spot && site.access !== 'atomic') {
    const memory = spot.memory.space === 'workgroup' ? 0 : spot.memory.index + 1;
    const found = await stepper().touching(memory, spot.byte, site.access);
    const at = found?.accesses.lane.findIndex(
      (lane, i) => lane === site.lane && found.accesses.start[i] === site.span.start,
    );
    if (found && at !== undefined && at >= 0) return found.steps[at] ?? null;
  }
  const group = Math.floor(site.lane / now.opened.subgroupSize);
  const text = (now.lines[site.span.line - 1] ?? '').trim();
  const time = findLine(now.recording, now.lines, (line) => line === text, group, 0);
  return time === null ? null : time - 1;
}

/** Shows a site: its workgroup, its lane, the step in which it happened. */
export function jump(site: Site, spot: Spot | null = null): void {
  const show = async (): Promise<void> => {
    const at = await stepOf(site, spot).catch(() => null);
    step.adjust({ lane: site.lane });
    if (at !== null) seek(at + 1);
  };
  if (site.workgroup === session.peek()?.opened.workgroup) {
    void show();
    return;
  }
  // another workgroup has to be recorded first
  step.go({ wg: site.workgroup, lane: site.lane });
  const before = session.peek();
  const end = session.subscribe((now) => {
    if (now === before || now?.opened.workgroup !== site.workgroup) return;
    queueMicrotask(() => {
      end();
      void show();
    });
  });
}

export const spotOf = (f: Finding): Spot | null =>
  f.kind === 'race'
    ? { memory: f.memory, byte: f.byteOffset }
    : f.kind === 'uninitialized-read'
      ? { memory: { space: 'workgroup' }, byte: f.byteOffset }
      : null;

function Place({
  site,
  label,
  spot,
}: {
  readonly site: Site;
  readonly label: string;
  readonly spot: Spot | null;
}) {
  return (
    <button type="button" class="small" onClick={() => jump(site, spot)}>
      {label}: line {site.span.line}, lane {site.lane}
    </button>
  );
}

function Places({ finding }: { readonly finding: Finding }) {
  switch (finding.kind) {
    case 'race':
      return (
        <>
          <Place site={finding.first} label={finding.first.access} spot={spotOf(finding)} />
          <Place site={finding.second} label={finding.second.access} spot={spotOf(finding)} />
        </>
      );
    case 'out-of-bounds':
    case 'uninitialized-read':
      return <Place site={finding.site} label={finding.site.access} spot={spotOf(finding)} />;
    case 'divergent-barrier':
    case 'runaway':
      return (
        <button
          type="button"
          class="small"
          onClick={() => go({ kind: 'line', line: finding.span.line }, 'forward')}
        >
          line {finding.span.line}
        </button>
      );
  }
}

function Result() {
  const v = verdict.value;
  const all = whole.value;
  if (!all) return <p class="quiet-text">Running all workgroups …</p>;
  if (!v)
    return (
      <p class="quiet-text">
        {all.workgroups} workgroup{all.workgroups === 1 ? '' : 's'} ran. No reference to compare the result
        with.
      </p>
    );
  return v.failed === 0 ? (
    <p>
      <b class="good-text">Result right</b>: {v.cells.toLocaleString('en')} of {v.cells.toLocaleString('en')}{' '}
      cells agree with the double-precision reference.
    </p>
  ) : (
    <p>
      <b class="bad-text">{v.failed.toLocaleString('en')} wrong cells</b> of {v.cells.toLocaleString('en')},
      marked in{' '}
      {[...v.wrong.keys()].map((name) => (
        <button
          key={name}
          type="button"
          class="small"
          onClick={() => step.adjust({ mem: [...new Set([...step.view.value.mem, name])] })}
        >
          {name}
        </button>
      ))}
    </p>
  );
}

export function FindingsTab() {
  return (
    <>
      <Result />
      {findings.value.length === 0 ? (
        <p class="quiet-text">
          {whole.value
            ? `No finding in ${whole.value.workgroups} workgroup${whole.value.workgroups > 1 ? 's' : ''}`
            : 'No finding so far'}
          : no race, nothing out of bounds, every barrier reached by all, nothing read before it was written.
        </p>
      ) : (
        <ul class="findings">
          {findings.value.map((f) => (
            <li key={f.message}>
              <p>
                <b class="bad-text">{names[f.kind]}</b> {f.message}{' '}
                {f.count > 1 && <span class="quiet-text">×{f.count.toLocaleString('en')}</span>}
              </p>
              <p class="places">
                <Places finding={f} />
              </p>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
