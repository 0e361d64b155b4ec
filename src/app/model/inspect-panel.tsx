// Any tensor of any dispatch of the last step, as a heat map.

import { exact, figure } from '../../views/format.ts';
import type { Tensor } from '../../views/model/captured.ts';
import { HeatMap } from '../../views/model/heat-map.tsx';
import { Panel, Segmented } from '../ui/index.ts';
import {
  behind,
  capture,
  cells,
  layers,
  look,
  openInStep,
  place,
  rolesOf,
  stats,
  stepObstacle,
  tensor,
  tensors,
} from './inspect.ts';
import { busy, generation, loaded } from './state.ts';
import { TaskStatus } from './task-status.tsx';
import { underway } from './tasks.ts';
import { model } from './view.ts';

const layerName = (layer: number | string): string => (typeof layer === 'number' ? `layer ${layer}` : layer);

function Choose() {
  const { layer, role } = place.value;
  const roles = rolesOf(layer);
  const ran = (generation.value?.steps.length ?? 0) > 0;
  const choose = (to: string): void => {
    model.adjust({ look: to, tensor: '' });
    // who has looked once goes from dispatch to dispatch
    if (capture.value) void look();
  };
  return (
    <div class="inspect-choose">
      <label>
        <span class="field-label">Layer</span>
        <select
          value={String(layer)}
          onChange={(event) => {
            const to = layers.value.find((l) => String(l) === event.currentTarget.value);
            if (to === undefined) return;
            const same = rolesOf(to).find((d) => d.role === role) ?? rolesOf(to)[0];
            choose(`${to} ${same?.role ?? ''}`);
          }}
        >
          {layers.value.map((l) => (
            <option key={String(l)} value={String(l)}>
              {layerName(l)}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span class="field-label">Dispatch</span>
        <select value={role} onChange={(event) => choose(`${layer} ${event.currentTarget.value}`)}>
          {[...new Map(roles.map((d) => [d.role, d])).values()].map((d) => (
            <option key={d.role} value={d.role}>
              {d.role === d.op ? d.op : `${d.role} (${d.op})`}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        class="primary"
        disabled={!ran || busy.value || underway.value !== null}
        onClick={() => void look()}
      >
        Look inside
      </button>
      {!ran && <span class="quiet-text small-text">Any tensor of a step, once one has run.</span>}
    </div>
  );
}

const signed = (value: number): string => exact(value).replaceAll('-', '−');

function Figures({ of }: { readonly of: Tensor }) {
  const s = stats.value;
  if (!s) return <p class="quiet-text">It holds nothing in this step.</p>;
  return (
    <p class="quiet-text small-text">
      {of.about}. <code>{cells.value?.shape}</code>, smallest {signed(s.min)}, largest {signed(s.max)}, mean{' '}
      {figure(s.mean)}, root mean square {figure(s.rms)}
      {s.cells < s.of &&
        `; of the first ${s.cells.toLocaleString('en')} of ${s.of.toLocaleString('en')} cells`}
      {s.strange > 0 && <b class="bad-text">; {s.strange} NaN or infinite</b>}.
    </p>
  );
}

function Found() {
  const now = capture.value;
  const t = tensor.value;
  if (!now) return null;
  const s = stats.value;
  return (
    <>
      <p>
        <b>
          {now.name.role}, {layerName(now.name.layer)}
        </b>{' '}
        ran{' '}
        <code>
          {now.name.op}/{now.name.version}
        </code>{' '}
        on {now.workgroups.map((w) => w.join('×')).join(', then ')} workgroups
        {behind.value !== null && <> in step {behind.value}; others have run since</>}.
      </p>
      {tensors.value.length > 0 && (
        <div class="tensor-choose">
          <Segmented
            label="Tensor"
            small
            options={tensors.value.map(({ name, role }) => ({
              value: name,
              label: role === 'in' ? name : `${name} ←`,
            }))}
            value={t?.name ?? ''}
            onChange={(name) => model.adjust({ tensor: name })}
          />
          {t && t.role !== 'in' && (
            <Segmented
              label="When"
              small
              options={[
                { value: 'after', label: 'after' },
                { value: 'before', label: 'before' },
              ]}
              value={model.view.value.when}
              onChange={(when) => model.adjust({ when })}
            />
          )}
        </div>
      )}
      {t && <Figures of={t} />}
      {t && s && cells.value && (
        <>
          <HeatMap
            label={`${t.name} ${t.role === 'in' ? 'of' : model.view.value.when} ${now.name.role}`}
            tensor={cells.value}
            peak={Math.max(Math.abs(s.min), Math.abs(s.max))}
          />
          <p class="heat-legend small-text quiet-text">
            <i class="below" /> below zero <i class="above" /> above zero; the stronger the larger, by the
            square root of the magnitude.
          </p>
        </>
      )}
    </>
  );
}

export function InspectPanel() {
  if (!loaded.value) return null;
  return (
    <Panel
      title="Inside the last step"
      note="the step is computed once more for it, with the same result"
      class="inspect-panel"
      actions={
        <button
          type="button"
          disabled={stepObstacle.value !== ''}
          aria-description={stepObstacle.value}
          onClick={() => void openInStep()}
        >
          Open this dispatch in Step
        </button>
      }
    >
      <Choose />
      <TaskStatus of="look" />
      <Found />
    </Panel>
  );
}
