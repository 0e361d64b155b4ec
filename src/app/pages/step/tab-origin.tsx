// Where the picked cell came from, or who reads it and how often: here, and in the op's other versions.

import { useEffect } from 'preact/hooks';
import { spoken } from '../../../views/format.ts';
import { flipTo, measure, readsByVersion, siblings } from './flip.ts';
import { origin, picked } from './origin.ts';
import { seek, session } from './session.ts';
import { step } from './view.ts';

const plural = (n: number, one: string): string => `${n.toLocaleString('en')} ${one}${n === 1 ? '' : 's'}`;

function Lines({ lines }: { readonly lines: ReadonlyMap<number, number> }) {
  const source = session.value?.lines ?? [];
  return (
    <ul class="origin-lines">
      {[...lines]
        .sort(([a], [b]) => a - b)
        .map(([line, n]) => (
          <li key={line}>
            <b>{n.toLocaleString('en')}×</b> line {line}{' '}
            <code>{(source[line - 1] ?? '').trim().slice(0, 70)}</code>
          </li>
        ))}
    </ul>
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
        {o && isOutput && (
          <>
            <p>
              {o.problem ||
                (o.writtenAt ? (
                  <>
                    Written by lane {o.writtenAt.lane} at statement{' '}
                    {(o.writtenAt.step + 1).toLocaleString('en')}; fed by <b>{plural(o.loads, 'load')}</b>:{' '}
                    {[...o.cells]
                      .map(([memory, cells]) => `${plural(cells.size, 'cell')} of ${memory}`)
                      .join(', ') || 'none'}
                    .
                  </>
                ) : (
                  'This workgroup never wrote it.'
                ))}
            </p>
            <p class="places">
              {[...o.cells.keys()].map((memory) => (
                <button
                  key={memory}
                  type="button"
                  class="small"
                  onClick={() => step.adjust({ mem: [...new Set([...step.view.value.mem, memory])] })}
                >
                  show {memory}
                </button>
              ))}
              {o.writtenAt && (
                <button type="button" class="small" onClick={() => seek((o.writtenAt?.step ?? 0) + 1)}>
                  go to the write
                </button>
              )}
            </p>
            <Lines lines={o.lines} />
          </>
        )}
        {o && !isOutput && (
          <>
            <p>
              Read <b>{plural(o.loads, 'time')}</b> in this workgroup by {plural(o.lanes.size, 'lane')}
              {o.everywhere === null ? '' : `, ${o.everywhere.toLocaleString('en')}× in the whole dispatch`}.
            </p>
            {o.steps.length > 0 && (
              <p class="places">
                <button type="button" class="small" onClick={() => seek((o.steps[0] ?? 0) + 1)}>
                  first read
                </button>
                <button type="button" class="small" onClick={() => seek((o.steps.at(-1) ?? 0) + 1)}>
                  last read
                </button>
              </p>
            )}
            <Lines lines={o.lines} />
          </>
        )}
      </section>
      {o && !isOutput && <Reuse />}
    </div>
  );
}
