// The inputs of a pasted kernel: its grid, and a size and a fill for every binding.

import { useEffect, useState } from 'preact/hooks';
import { declared } from '../../kernels/reflect.ts';
import { pack } from '../packed.ts';
import { Panel } from '../ui/index.ts';
import { defaultBinding, emptyOwn, type OwnBinding, type OwnSettings, ownFills, readOwn } from './own.ts';
import { current } from './session.ts';
import { ownKernel, step } from './view.ts';

export function OwnPanel() {
  const [own, setOwn] = useState<OwnSettings>(emptyOwn);
  const packed = step.view.value.own;
  useEffect(() => {
    void readOwn(packed).then((read) => {
      if (read.ok) setOwn(read.value);
    });
  }, [packed]);
  if (step.view.value.kernel !== ownKernel) return null;
  const save = async (next: OwnSettings): Promise<void> => {
    setOwn(next);
    step.adjust({ own: await pack(JSON.stringify(next)), wg: 0 });
  };
  const set = (name: string, change: Partial<OwnBinding>): void =>
    void save({
      ...own,
      bindings: { ...own.bindings, [name]: { ...(own.bindings[name] ?? defaultBinding), ...change } },
    });
  const side = (i: 0 | 1 | 2, text: string): void => {
    const n = Number(text);
    if (!Number.isInteger(n) || n < 1) return;
    const grid: [number, number, number] = [...own.grid];
    grid[i] = n;
    void save({ ...own, grid });
  };
  return (
    <Panel title="Inputs" note="your kernel’s bindings and grid" class="own-panel">
      <p class="fields-row">
        workgroups{' '}
        {([0, 1, 2] as const).map((i) => (
          <input
            key={i}
            class="narrow"
            type="number"
            min={1}
            aria-label={`Workgroups along ${'xyz'[i]}`}
            value={own.grid[i]}
            onChange={(e) => side(i, e.currentTarget.value)}
          />
        ))}
      </p>
      {declared(current.value?.source ?? '').bindings.map((b) => {
        const binding = own.bindings[b.name] ?? defaultBinding;
        return (
          <div key={b.name} class="fields-row">
            <b>{b.name}</b> <code>{b.type}</code>
            <label>
              scalars{' '}
              <input
                class="narrow"
                type="number"
                min={1}
                value={binding.count}
                onChange={(e) =>
                  set(b.name, { count: Math.max(1, Math.floor(Number(e.currentTarget.value)) || 1) })
                }
              />
            </label>
            <select
              aria-label={`Fill of ${b.name}`}
              value={binding.fill}
              onChange={(e) =>
                set(b.name, { fill: ownFills.find((f) => f === e.currentTarget.value) ?? 'zeros' })
              }
            >
              {ownFills.map((f) => (
                <option key={f}>{f}</option>
              ))}
            </select>
            {binding.fill === 'data' && (
              <textarea
                rows={2}
                aria-label={`Data of ${b.name}`}
                placeholder="1, 2, 3.5 …"
                value={binding.data}
                onChange={(e) => set(b.name, { data: e.currentTarget.value })}
              />
            )}
          </div>
        );
      })}
    </Panel>
  );
}
