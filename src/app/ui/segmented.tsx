// One of a few: radio buttons drawn as a segmented control, so that arrows, labels and forms work by themselves.

import { useId } from 'preact/hooks';
import { tipOn } from './tip.tsx';

export interface Option<T extends string> {
  readonly value: T;
  readonly label: string;
  /** Why it cannot be chosen; the option is then disabled and says so. */
  readonly unavailable?: string | undefined;
  /** One sentence shown on hover and focus. */
  readonly about?: string | undefined;
}

export interface SegmentedProps<T extends string> {
  /** What is chosen; named for screen readers, shown with `showLabel`. */
  readonly label: string;
  readonly showLabel?: boolean;
  readonly options: readonly Option<T>[];
  readonly value: T;
  readonly onChange: (value: T) => void;
  readonly small?: boolean;
}

export function Segmented<T extends string>(props: SegmentedProps<T>) {
  const name = useId();
  return (
    <fieldset class={`segmented${props.small ? ' small' : ''}`}>
      <legend class={props.showLabel ? 'field-label' : 'offscreen'}>{props.label}</legend>
      <div class="segments">
        {props.options.map((option) => (
          <label key={option.value} {...tipOn(option.unavailable ?? option.about)}>
            <input
              type="radio"
              name={name}
              checked={option.value === props.value}
              disabled={option.unavailable !== undefined}
              aria-description={option.unavailable ?? option.about}
              onChange={() => props.onChange(option.value)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
