// What the reader asks of a run: latency objectives for goodput, a price and a power for the costs.

import type { MeasureOptions } from '../../engine/metrics/metrics.ts';
import { tipOn } from '../ui/index.ts';
import { batching } from './view.ts';

const FIELDS = {
  ttft: { label: 'TTFT at most (ms)', about: 'Objective of goodput: the first token within this time.' },
  tpot: { label: 'TPOT at most (ms)', about: 'Objective of goodput: this long for each further token.' },
  price: { label: 'Price an hour', about: 'In any currency; for the cost of a million useful tokens.' },
  watts: { label: 'Power (W)', about: 'Of the whole device while it runs; for joules a useful token.' },
} as const;
type Field = keyof typeof FIELDS;
const names = Object.keys(FIELDS) as Field[];

function read(goals: readonly string[]): Partial<Record<Field, number>> {
  const found: Partial<Record<Field, number>> = {};
  for (const goal of goals) {
    const [name, text] = goal.split(':');
    const field = names.find((n) => n === name);
    const value = Number(text);
    if (field && value > 0) found[field] = value;
  }
  return found;
}

/** The address's goals as the metrics take them: seconds. */
export function measureOptions(): MeasureOptions {
  const { ttft, tpot, price, watts } = read(batching.view.value.goals);
  return {
    slo: {
      ...(ttft === undefined ? {} : { ttft: ttft / 1e3 }),
      ...(tpot === undefined ? {} : { tpot: tpot / 1e3 }),
    },
    price: {
      ...(price === undefined ? {} : { perHour: price }),
      ...(watts === undefined ? {} : { watts }),
    },
  };
}

export function Objectives() {
  const values = read(batching.view.value.goals);
  const set = (field: Field, value: number): void => {
    const next = { ...values, [field]: value };
    batching.adjust({ goals: names.flatMap((n) => ((next[n] ?? 0) > 0 ? [`${n}:${next[n]}`] : [])) });
  };
  return (
    <div class="objectives">
      {names.map((field) => (
        <label key={field} class="knob" {...tipOn(FIELDS[field].about)}>
          <span>{FIELDS[field].label}</span>
          <input
            type="number"
            aria-description={FIELDS[field].about}
            min={0}
            step="any"
            value={values[field] ?? ''}
            onChange={(event) => set(field, event.currentTarget.valueAsNumber || 0)}
          />
        </label>
      ))}
    </div>
  );
}
