// What runs: op, dtype, shapes, versions, tuning. Every choice is in the address.

import type { CatalogEntry } from '../../kernels/catalog.ts';
import { spoken } from '../../views/format.ts';
import { device } from '../gpu.ts';
import { Chips, InTurn, Segmented, Term } from '../ui/index.ts';
import { catalog } from './catalog.ts';
import { here } from './here.ts';
import { benchable, chosenShapes, chosenVersions, dtypeOf } from './request.ts';
import { ShapeAdder } from './shape-adder.tsx';
import { bench, efforts, tunings } from './view.ts';

export function OpSelect() {
  const all = catalog.value;
  if (!all) return null;
  const { op } = bench.view.value;
  return (
    <label class="op-select">
      <span class="offscreen">Operation</span>
      <select
        value={op}
        onChange={(event) =>
          bench.go({
            op: event.currentTarget.value,
            shapes: [],
            versions: [],
            show: '',
            row: '',
            unit: 'auto',
          })
        }
      >
        {[...all.values()].filter(benchable).map((entry) => (
          <option key={entry.op.id} value={entry.op.id}>
            {entry.op.id} · {entry.op.title}
          </option>
        ))}
      </select>
    </label>
  );
}

function Versions({ entry }: { readonly entry: CatalogEntry }) {
  const view = bench.view.value;
  const running = chosenVersions(entry, view);
  const dtype = dtypeOf(entry, view.dtype);
  const toggle = (id: string): void => {
    const next = entry.versions
      .map((v) => v.id)
      .filter((v) => (v === id ? !running.includes(v) : running.includes(v)));
    bench.go({ versions: next });
  };
  return (
    <fieldset class="versions">
      <legend class="field-label">
        Versions{' '}
        {view.versions.length > 0 && (
          <button type="button" class="quiet small" onClick={() => bench.go({ versions: [] })}>
            All that fit
          </button>
        )}
      </legend>
      <ul>
        {entry.versions.map((v) => {
          const lacks = v.dtypes.includes(dtype) ? null : `has no ${dtype} form`;
          return (
            <li key={v.id} class={here.value.chosen?.version === v.id ? 'chosen' : ''}>
              <input
                type="checkbox"
                aria-label={`Run ${spoken(v.id)}`}
                checked={running.includes(v.id)}
                disabled={lacks !== null}
                onChange={() => toggle(v.id)}
              />
              <a href={bench.link({ row: v.id })}>
                {spoken(v.id)}
                {lacks && <span class="quiet-text"> {lacks}</span>}
              </a>
            </li>
          );
        })}
      </ul>
    </fieldset>
  );
}

const tuningAbout = {
  stored: 'Use the winners that earlier searches found on this device; they are verified again.',
  search: 'Try parameters now (minutes), verify each, and keep the winner in this browser.',
  off: 'Run every version with the defaults in its file.',
} as const;

export function ChoosePanel() {
  const view = bench.view.value;
  const entry = catalog.value?.get(view.op);
  if (!catalog.value) return <p class="quiet-text">Loading the kernels …</p>;
  if (!entry) return <p class="bad-text">There is no op “{view.op}” here. Choose one above.</p>;
  const open = device.value;
  const shapes = chosenShapes(entry, view.shapes);
  const offered = [...new Set([...Object.keys(entry.op.shapes.bench), ...shapes.keys()])];
  return (
    <InTurn>
      <div class="choose">
        <p class="quiet-text small-text">{entry.op.about}</p>
        <Segmented
          label="Type"
          showLabel
          small
          value={dtypeOf(entry, view.dtype)}
          options={entry.op.dtypes.map((value) => ({
            value,
            label: value,
            unavailable:
              value === 'f16' && open && !open.features.includes('shader-f16')
                ? 'This device has no shader-f16.'
                : undefined,
          }))}
          onChange={(dtype) => bench.go({ dtype })}
        />
        <Chips
          label="Shapes"
          options={offered.map((value) => ({ value, label: value }))}
          chosen={[...shapes.keys()]}
          onChange={(chosen) => bench.go({ shapes: chosen })}
        />
        <ShapeAdder entry={entry} />
        <Versions entry={entry} />
        <Segmented
          label="Tuning"
          showLabel
          small
          value={view.tuning}
          options={tunings.map((value) => ({ value, label: value, about: tuningAbout[value] }))}
          onChange={(tuning) => bench.go({ tuning })}
        />
        <Segmented
          label="Samples"
          showLabel
          small
          value={view.effort}
          options={efforts.map((value) => ({ value, label: value }))}
          onChange={(effort) => bench.go({ effort })}
        />
        <p class="quiet-text small-text">
          Each version is <Term of="verified">verified</Term> against a double-precision reference before it
          is timed; versions <Term of="interleaving">take turns</Term>.
        </p>
      </div>
    </InTurn>
  );
}
