// Own shapes: dims typed by hand, or a sweep over one size.

import { useState } from 'preact/hooks';
import type { CatalogEntry } from '../../kernels/catalog.ts';
import { here } from './here.ts';
import { chosenShapes } from './request.ts';
import { baseOf, dimsOf, families, nameOf, resized, sizeNames, sweepSizes } from './shapes.ts';
import { bench } from './view.ts';

export function ShapeAdder({ entry }: { readonly entry: CatalogEntry }) {
  const { op } = entry;
  const first = baseOf(op);
  const names = sizeNames(op);
  const [typed, type] = useState('');
  const sweeps = families(op);
  const [axis, setAxis] = useState(sweeps[0]?.title ?? '');
  const [from, setFrom] = useState(128);
  const [to, setTo] = useState(1024);
  const chosen = [...chosenShapes(entry, bench.view.value.shapes).keys()];
  const add = (more: readonly string[]): void => bench.go({ shapes: [...new Set([...chosen, ...more])] });

  const dims = typed.trim() === '' ? null : dimsOf(op, typed.trim().replaceAll(' ', ''));
  const family = sweeps.find((f) => f.title === axis);
  const sizes = sweepSizes(from, to);
  const sweep = (): void => {
    if (!family) return;
    const base = here.value.ladder.rows[0]?.dims ?? first;
    bench.go({ shapes: sizes.map((size) => nameOf(op, resized(base, family, size))) });
  };
  return (
    <details class="shape-adder">
      <summary>Own shape, or a sweep</summary>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!dims) return;
          add([nameOf(op, dims)]);
          type('');
        }}
      >
        <label>
          <span class="field-label">{names.join(' × ')}</span>
          <input
            value={typed}
            placeholder={names.map((name) => first[name]).join('×')}
            aria-invalid={typed !== '' && !dims}
            onInput={(event) => type(event.currentTarget.value)}
          />
        </label>
        <button type="submit" disabled={!dims}>
          Add
        </button>
        {typed !== '' && !dims && (
          <p class="bad-text small-text">
            Write {names.length} whole numbers with × or x between them
            {names.length > 1 ? ', or one for all' : ''}.
          </p>
        )}
      </form>
      {family && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            sweep();
          }}
        >
          <label>
            <span class="field-label">Vary</span>
            <select value={axis} onChange={(event) => setAxis(event.currentTarget.value)}>
              {sweeps.map((f) => (
                <option key={f.title}>{f.title}</option>
              ))}
            </select>
          </label>
          <label>
            <span class="field-label">from</span>
            <input
              type="number"
              min={16}
              max={16384}
              value={from}
              onInput={(event) => setFrom(event.currentTarget.valueAsNumber)}
            />
          </label>
          <label>
            <span class="field-label">to</span>
            <input
              type="number"
              min={16}
              max={16384}
              value={to}
              onInput={(event) => setTo(event.currentTarget.valueAsNumber)}
            />
          </label>
          <button type="submit" disabled={sizes.length < 2}>
            Sweep {sizes.length} sizes
          </button>
        </form>
      )}
    </details>
  );
}
