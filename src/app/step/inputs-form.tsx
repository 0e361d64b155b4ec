// The inputs of a shipped kernel: its sizes, its parameters, how its tensors are filled.

import { catalog } from '../bench/catalog.ts';
import { tipOn } from '../ui/index.ts';
import { session } from './session.ts';
import { fills, readNumbers, step, writeNumbers } from './view.ts';

/** Dims, params, fill and seed; opened by its button. */
export function InputsForm({ onDone }: { readonly onDone: () => void }) {
  const { kernel, dims, params, fill, seed, dtype } = step.view.value;
  const now = session.value;
  const [opId = '', versionId = ''] = kernel.split('/');
  const entry = catalog.value?.get(opId);
  const version = entry?.versions.find((v) => v.id === versionId);
  const shape: Readonly<Record<string, number>> = { ...entry?.op.shapes.step, ...readNumbers(dims) };
  const values = readNumbers(params) ?? {};
  const set = (name: string, text: string): void => {
    const n = Number(text);
    if (text.trim() !== '' && Number.isFinite(n))
      step.go({ dims: writeNumbers({ ...shape, [name]: n }), wg: 0 });
  };
  if (!entry || !version || !now) return null;
  return (
    <form
      class="inputs-form panel"
      onSubmit={(event) => {
        event.preventDefault();
        onDone();
      }}
    >
      <div class="fields">
        {Object.entries(shape).map(([name, value]) => (
          <label key={name} {...tipOn(entry.op.dims[name])}>
            <span class="field-label">{name}</span>
            <input
              type="number"
              step="any"
              min={0}
              value={value}
              onChange={(event) => set(name, event.currentTarget.value)}
            />
          </label>
        ))}
      </div>
      <div class="fields">
        {version.params.map((p) => (
          <label key={p.name}>
            <span class="field-label">{p.name}</span>
            <select
              value={values[p.name] ?? p.default}
              onChange={(event) =>
                step.go({
                  params: writeNumbers({ ...values, [p.name]: Number(event.currentTarget.value) }),
                  wg: 0,
                })
              }
            >
              {p.choices.map((c) => (
                <option key={c} value={c}>
                  {c}
                </option>
              ))}
            </select>
          </label>
        ))}
        {version.dtypes.length > 1 && (
          <label>
            <span class="field-label">cells</span>
            <select
              value={dtype}
              onChange={(event) => step.go({ dtype: event.currentTarget.value === 'f16' ? 'f16' : 'f32' })}
            >
              {version.dtypes.map((d) => (
                <option key={d}>{d}</option>
              ))}
            </select>
          </label>
        )}
        <label>
          <span class="field-label">inputs</span>
          <select
            value={fill}
            onChange={(event) =>
              step.go({ fill: fills.find((f) => f === event.currentTarget.value) ?? 'normal' })
            }
          >
            {fills.map((f) => (
              <option key={f}>{f}</option>
            ))}
          </select>
        </label>
        <label>
          <span class="field-label">seed</span>
          <input
            type="number"
            min={0}
            value={seed}
            onChange={(event) => step.go({ seed: Number(event.currentTarget.value) })}
          />
        </label>
      </div>
      <p class="quiet-text small-text">
        Small on purpose: all of it fits the screen, and every step is recorded.
      </p>
      <button type="submit" class="small">
        Close
      </button>
    </form>
  );
}
