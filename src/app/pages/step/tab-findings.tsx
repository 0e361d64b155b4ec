// What is wrong with the kernel, each with its places to go to; and whether the result is right.

import type { Finding, Site } from '../../../stepper/index.ts';
import { findings, seek, session, time, verdict, whole } from './session.ts';
import { go } from './timeline-bar.tsx';
import { step } from './view.ts';

const names: Readonly<Record<Finding['kind'], string>> = {
  race: 'Race',
  'out-of-bounds': 'Out of bounds',
  'divergent-barrier': 'Barrier not reached by all',
  'uninitialized-read': 'Read before written',
  runaway: 'Does not end',
};

/** Shows a site: its workgroup, its lane, the next time its line runs. */
export function jump(site: Site): void {
  const now = session.value;
  if (!now) return;
  if (site.workgroup !== now.opened.workgroup) {
    step.go({ wg: site.workgroup, lane: site.lane });
    return;
  }
  step.adjust({ lane: site.lane });
  const from = time.value;
  go({ kind: 'line', line: site.span.line }, 'forward');
  if (time.value === now.opened.length) {
    seek(from);
    go({ kind: 'line', line: site.span.line }, 'back');
  }
}

function Place({ site, label }: { readonly site: Site; readonly label: string }) {
  return (
    <button type="button" class="small" onClick={() => jump(site)}>
      {label}: line {site.span.line}, lane {site.lane}
    </button>
  );
}

function Places({ finding }: { readonly finding: Finding }) {
  switch (finding.kind) {
    case 'race':
      return (
        <>
          <Place site={finding.first} label={finding.first.access} />
          <Place site={finding.second} label={finding.second.access} />
        </>
      );
    case 'out-of-bounds':
    case 'uninitialized-read':
      return <Place site={finding.site} label={finding.site.access} />;
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
