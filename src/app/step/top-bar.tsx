// What runs and how: kernel, shape, inputs, workgroup, subgroup width, order; and what the page always says of itself.

import { useSignal } from '@preact/signals';
import { spoken } from '../../views/format.ts';
import { catalog } from '../bench/catalog.ts';
import { device } from '../gpu.ts';
import { Term, tipOn } from '../ui/index.ts';
import { editing } from './edit.ts';
import { InputsForm } from './inputs-form.tsx';
import { captured } from './recipe.ts';
import { session } from './session.ts';
import { goToStop, tours } from './tour.ts';
import { firstKernel, fresh, orders, ownKernel, step, subgroupSizes } from './view.ts';

/** Another kernel: its cursor, edits and picks are its own. */
export function openKernel(kernel: string): void {
  editing.value = false;
  step.go({ ...fresh, kernel });
}

export function KernelSelect({
  label,
  value,
  onChange,
  none,
}: {
  readonly label: string;
  readonly value: string;
  readonly none?: string;
  readonly onChange: (kernel: string) => void;
}) {
  const kernels = catalog.value;
  return (
    <select aria-label={label} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
      {none !== undefined && <option value="">{none}</option>}
      {!kernels && <option value={value}>{value}</option>}
      {none === undefined && <option value={ownKernel}>Your own kernel …</option>}
      {[...(kernels?.values() ?? [])].map(({ op, versions }) => (
        <optgroup key={op.id} label={op.title}>
          {versions.map((v) => (
            <option key={v.id} value={`${op.id}/${v.id}`}>
              {op.id} · {spoken(v.id)}
            </option>
          ))}
        </optgroup>
      ))}
    </select>
  );
}

const orderNames = {
  'round-robin': 'round-robin',
  sequential: 'one after the other',
  adversarial: 'adversarial',
  seeded: 'random, seeded',
} as const;
const orderAbout =
  'Which subgroup runs next. Round-robin: a statement each. Adversarial: one runs as far ahead as barriers let it, so that a missing barrier shows.';

export function TopBar() {
  const open = useSignal(false);
  const { kernel, sg, order, pass, wg } = step.view.value;
  const now = session.value;
  const contract = now?.subject.contract;
  const grid = now?.opened.workgroups ?? [1, 1, 1];
  const groups = grid[0] * grid[1] * grid[2];
  const at = now?.opened.workgroup ?? wg;
  const shapeNames = contract
    ? Object.entries(contract.dims).filter(([name]) => contract.op.shapes.step[name] !== undefined)
    : [];
  const brief = shapeNames
    .slice(0, 3)
    .map(([name, n]) => `${name} ${n}`)
    .join(', ');
  return (
    <div class="step-bar">
      {captured.value ? (
        <span class="badge">
          {now?.subject.title ?? 'captured'}{' '}
          <button type="button" class="quiet small" onClick={() => openKernel(firstKernel)}>
            leave
          </button>
        </span>
      ) : (
        <KernelSelect label="Kernel" value={kernel} onChange={openKernel} />
      )}
      {contract && (
        <div class="drop">
          <button
            type="button"
            aria-expanded={open.value}
            onClick={() => {
              open.value = !open.value;
            }}
          >
            {brief}
            {shapeNames.length > 3 ? ' …' : ''}
          </button>
          {open.value && (
            <InputsForm
              onDone={() => {
                open.value = false;
              }}
            />
          )}
        </div>
      )}
      {now && now.subject.launch.passes.length > 1 && (
        <label class="inline">
          pass{' '}
          <select
            value={pass}
            onChange={(event) => step.go({ pass: Number(event.currentTarget.value), wg: 0 })}
          >
            {now.subject.launch.passes.map((p, i) => (
              <option key={p.entry} value={i}>
                {p.entry}
              </option>
            ))}
          </select>
        </label>
      )}
      {groups > 1 && (
        <span class="inline">
          <Term of="workgroup" />{' '}
          <input
            type="number"
            class="narrow"
            min={0}
            max={groups - 1}
            value={at}
            aria-label={`Workgroup, 0 to ${groups - 1}`}
            onChange={(event) =>
              step.go({
                wg: Math.max(0, Math.min(groups - 1, Math.floor(Number(event.currentTarget.value)) || 0)),
              })
            }
          />{' '}
          <span class="quiet-text">
            of {groups}: ({at % grid[0]}, {Math.floor(at / grid[0]) % grid[1]}
            {grid[2] > 1 ? `, ${Math.floor(at / (grid[0] * grid[1]))}` : ''})
          </span>
        </span>
      )}
      <span class="inline">
        <Term of="subgroup" />{' '}
        <select
          value={sg}
          aria-label="Lanes of a subgroup"
          onChange={(event) =>
            step.go({ sg: subgroupSizes.find((s) => s === event.currentTarget.value) ?? '32' })
          }
        >
          {subgroupSizes
            .toSorted((a, b) => Number(a) - Number(b))
            .map((s) => (
              <option key={s}>{s}</option>
            ))}
        </select>
      </span>
      <label class="inline" {...tipOn(orderAbout)}>
        order{' '}
        <select
          value={order}
          aria-description={orderAbout}
          onChange={(event) =>
            step.go({ order: orders.find((o) => o === event.currentTarget.value) ?? 'round-robin' })
          }
        >
          {orders.map((o) => (
            <option key={o} value={o}>
              {orderNames[o]}
            </option>
          ))}
        </select>
      </label>
      <span class="tours">
        {[...tours.values()].map((t) => (
          <button
            key={t.id}
            type="button"
            class="small"
            onClick={() => goToStop(t.id, 0)}
            {...tipOn(t.about)}
          >
            Tour: {t.title}
          </button>
        ))}
      </span>
    </div>
  );
}

/** The line that says what this is: a simulation, its settings, and what the reader's own GPU has. */
export function WhatThisIs() {
  const { sg, order } = step.view.value;
  const mine = device.value?.subgroups;
  const own = mine ? (mine.min === mine.max ? `${mine.min}` : `${mine.min} to ${mine.max}`) : null;
  return (
    <p class="lead">
      Simulated: <Term of="subgroup" /> {sg}, {orderNames[order]}. Axis: statements, not time. Your GPU:{' '}
      {own ?? 'not asked'}.
    </p>
  );
}
