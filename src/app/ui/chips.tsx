// Any of several: check boxes drawn as chips.

import type { Option } from './segmented.tsx';
import { tipOn } from './tip.tsx';

export interface ChipsProps {
  readonly label: string;
  readonly showLabel?: boolean;
  readonly options: readonly Option<string>[];
  readonly chosen: readonly string[];
  /** Gets the chosen values in the order of `options`. */
  readonly onChange: (chosen: readonly string[]) => void;
}

export function Chips({ label, showLabel = true, options, chosen, onChange }: ChipsProps) {
  const toggle = (value: string): void =>
    onChange(
      options
        .map((option) => option.value)
        .filter((v) => (v === value ? !chosen.includes(v) : chosen.includes(v))),
    );
  return (
    <fieldset class="chips">
      <legend class={showLabel ? 'field-label' : 'offscreen'}>{label}</legend>
      <div>
        {options.map((option) => (
          <label key={option.value} {...tipOn(option.unavailable ?? option.about)}>
            <input
              type="checkbox"
              checked={chosen.includes(option.value)}
              disabled={option.unavailable !== undefined}
              aria-description={option.unavailable ?? option.about}
              onChange={() => toggle(option.value)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
