// Breakpoints of every kind, how often each stops, and how to go there.

import { useSignal } from '@preact/signals';
import { addressOf } from '../../views/step/matrix.ts';
import { breakStops, breakText, toggleBreak } from './breaks.ts';
import { shownStep } from './now.ts';
import { picked } from './origin.ts';
import { seek, session } from './session.ts';
import { step } from './view.ts';

export function BreaksTab() {
  const line = useSignal('');
  const condition = useSignal('');
  const { breaks, lane } = step.view.value;
  const now = session.value;
  const cell = picked.value;
  const memory = now?.memories.find((m) => m.name === cell?.name);
  const suggested = String(shownStep.value?.line ?? '');
  return (
    <>
      <form
        class="watch-form"
        onSubmit={(event) => {
          event.preventDefault();
          const at = line.value || suggested;
          if (!/^\d+$/.test(at) || condition.value.includes('~')) return;
          toggleBreak(condition.value.trim() === '' ? `l${at}` : `l${at}:${condition.value.trim()}`);
          condition.value = '';
        }}
      >
        <label>
          line{' '}
          <input
            class="narrow"
            inputMode="numeric"
            placeholder={suggested}
            value={line.value}
            onInput={(e) => {
              line.value = e.currentTarget.value;
            }}
          />
        </label>
        <label>
          where{' '}
          <input
            placeholder="a condition in WGSL, as in k == 3u"
            value={condition.value}
            onInput={(e) => {
              condition.value = e.currentTarget.value;
            }}
          />
        </label>
        <button type="submit" class="small">
          Add
        </button>
        <button type="button" class="small" onClick={() => toggleBreak(`n${lane}`)}>
          lane {lane} runs
        </button>
        {cell && memory && (
          <button
            type="button"
            class="small"
            onClick={() =>
              toggleBreak(`w${memory.memory}:${addressOf(memory.matrix, cell.row, cell.column)}`)
            }
          >
            {cell.name}[{cell.row}, {cell.column}] is touched
          </button>
        )}
        <button type="button" class="small" onClick={() => toggleBreak('nan')}>
          a NaN is stored
        </button>
      </form>
      {breaks.length === 0 ? (
        <p class="quiet-text">
          None yet. A click on a line number sets one; B goes to the next stop, V to the one before.
        </p>
      ) : (
        <ul class="breaks">
          {breaks.map((text) => {
            const steps = breakStops.value.get(text);
            const first = steps?.[0];
            return (
              <li key={text}>
                <span class="tick breakpoint">◆</span> {breakText(text)}{' '}
                <span class="quiet-text">
                  {steps === undefined
                    ? '…'
                    : steps.length === 0
                      ? 'never'
                      : `stops ${steps.length.toLocaleString('en')}×`}
                </span>{' '}
                {first !== undefined && (
                  <button type="button" class="small" onClick={() => seek(first + 1)}>
                    first
                  </button>
                )}
                <button
                  type="button"
                  class="quiet small"
                  aria-label={`Remove the breakpoint: ${breakText(text)}`}
                  onClick={() => toggleBreak(text)}
                >
                  ✕
                </button>
              </li>
            );
          })}
        </ul>
      )}
    </>
  );
}
