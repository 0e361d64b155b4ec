// Values across the lanes: any variable in scope, any expression, each as a heat map in the workgroup's shape.

import { useSignal } from '@preact/signals';
import { figure } from '../../views/format.ts';
import { exactValue } from '../../views/step/matrix.ts';
import { rangeOf, WatchMap } from '../../views/step/watch-map.tsx';
import type { WatchAnswer } from '../../worker/step-protocol.ts';
import { frame, session } from './session.ts';
import { step } from './view.ts';

const mostWatches = 8;

function add(expression: string): void {
  const { watch } = step.view.value;
  const text = expression.trim();
  if (text === '' || text.includes('~') || watch.includes(text)) return;
  step.adjust({ watch: [...watch, text].slice(-mostWatches) });
}

const remove = (expression: string): void =>
  step.adjust({ watch: step.view.value.watch.filter((w) => w !== expression) });

const components = 'xyzw';

function Answer({ watch }: { readonly watch: WatchAnswer }) {
  const part = useSignal(0);
  const now = session.value;
  const { answer } = watch;
  if (!now) return null;
  const head = (
    <header>
      <code>{watch.expression}</code>
      {answer.ok && <span class="quiet-text">{answer.value.type.name}</span>}
      {answer.ok && answer.value.components > 1 && (
        <select
          class="small"
          aria-label="Component"
          value={part.value}
          onChange={(e) => {
            part.value = Number(e.currentTarget.value);
          }}
        >
          {Array.from({ length: answer.value.components }, (_, i) => (
            <option key={i} value={i}>
              {answer.value.type.kind === 'vector' ? `.${components[i]}` : `[${i}]`}
            </option>
          ))}
        </select>
      )}
      <button
        type="button"
        class="quiet small"
        aria-label={`Stop watching ${watch.expression}`}
        onClick={() => remove(watch.expression)}
      >
        ✕
      </button>
    </header>
  );
  if (!answer.ok)
    return (
      <section class="watch">
        {head}
        <p class="quiet-text small-text">
          {answer.error.message} {answer.error.hint}
        </p>
      </section>
    );
  const { values, valid, type } = answer.value;
  const count = answer.value.components;
  const at = Math.min(part.value, count - 1);
  const slice = (all: Float64Array): Float64Array => all.filter((_, i) => i % count === at);
  const shown = slice(values);
  const before = watch.before && watch.before.length === values.length ? slice(watch.before) : null;
  const { low, high, special } = rangeOf(shown, valid);
  const scalar =
    type.kind === 'scalar' || type.kind === 'vector' || type.kind === 'matrix' ? type.scalar : 'f32';
  const reading = scalar === 'bool' ? 'u32' : scalar;
  return (
    <section class="watch">
      {head}
      <WatchMap
        label={`${watch.expression} across the lanes`}
        size={now.opened.workgroupSize}
        values={shown}
        valid={valid}
        before={before}
        focus={step.view.value.lane}
        describe={(lane) =>
          valid[lane] === 0
            ? `lane ${lane}: not in scope here`
            : `lane ${lane}: ${exactValue(reading, shown[lane] ?? 0)}${before && !Object.is(before[lane], shown[lane]) ? `, was ${exactValue(reading, before[lane] ?? 0)}` : ''}`
        }
        onFocus={(lane) => step.adjust({ lane })}
      />
      <p class="quiet-text small-text">
        {low > high ? 'valid in no lane here' : `${figure(low)} … ${figure(high)}`}
        {special > 0 && <b class="bad-text"> · {special} not finite</b>}
        {before ? ' · corner: changed by this statement' : ''}
      </p>
    </section>
  );
}

export function WatchTab() {
  const text = useSignal('');
  const f = frame.value;
  if (!f) return null;
  const watching = step.view.value.watch;
  const offered = f.variables.filter(
    (v) =>
      v.declared !== 'const' &&
      v.declared !== 'override' &&
      v.space !== 'uniform' &&
      !watching.includes(v.name),
  );
  return (
    <>
      <form
        class="watch-form"
        onSubmit={(event) => {
          event.preventDefault();
          add(text.value);
          text.value = '';
        }}
      >
        <input
          aria-label="Expression to watch"
          placeholder="an expression, as in tile_a[local.y][k] * 2.0"
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value;
          }}
        />
        <button type="submit" class="small">
          Watch
        </button>
        <span class="quiet-text">in scope:</span>
        {offered
          .filter((v) => v.type.kind === 'scalar' || v.type.kind === 'vector')
          .slice(0, 12)
          .map((v) => (
            <button key={v.name} type="button" class="small" onClick={() => add(v.name)}>
              {v.name}
            </button>
          ))}
      </form>
      <div class="watches">
        {watching.map((expression) => {
          const watch = f.watches.find((w) => w.expression === expression);
          return watch ? <Answer key={expression} watch={watch} /> : null;
        })}
      </div>
    </>
  );
}
