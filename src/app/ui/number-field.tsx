// A number with its bounds: what is out of them, or no number, is put back.

import { tipOn } from './tip.tsx';

export interface NumberFieldProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** One sentence shown on hover and focus. */
  readonly about: string;
  readonly onChange: (value: number) => void;
}

export function NumberField({ label, value, min, max, step, about, onChange }: NumberFieldProps) {
  return (
    <label class="number-field" {...tipOn(about)}>
      <span class="field-label">{label}</span>
      <input
        type="number"
        min={min}
        max={max}
        step={step}
        value={value}
        aria-description={about}
        onChange={(event) => {
          const typed = event.currentTarget.valueAsNumber;
          if (typed >= min && typed <= max) onChange(typed);
          else event.currentTarget.value = String(value);
        }}
      />
    </label>
  );
}
