// One knob of a strategy or workload as a field, from its description.

import { useId } from 'preact/hooks';
import type { Knob, KnobValue } from '../../core/knobs.ts';
import { tipOn } from '../ui/index.ts';
import { NumberField } from './number-field.tsx';
import type { Move } from './view.ts';

interface KnobProps {
  readonly name: string;
  readonly knob: Knob;
  readonly value: KnobValue;
  readonly usual: KnobValue;
  readonly onChange: (value: KnobValue, move: Move) => void;
}

export function KnobField({ name, knob, value, usual, onChange }: KnobProps) {
  const id = useId();
  const changed = String(value) !== String(usual);
  const tip = `${knob.doc} Usually ${String(usual)}.`;
  if ('min' in knob)
    return (
      <NumberField
        name={name}
        unit={knob.unit}
        tip={tip}
        value={Number(value)}
        min={knob.min}
        max={knob.max}
        whole={knob.kind === 'int'}
        changed={changed}
        onChange={onChange}
      />
    );
  return (
    <div class={changed ? 'knob changed' : 'knob'} {...tipOn(tip)}>
      <label for={id}>{name}</label>
      <KnobInput id={id} knob={knob} value={value} onChange={(next) => onChange(next, 'go')} />
    </div>
  );
}

interface InputProps {
  readonly id: string;
  readonly knob: Exclude<Knob, { readonly min: number }>;
  readonly value: KnobValue;
  readonly onChange: (value: KnobValue) => void;
}

function KnobInput({ id, knob, value, onChange }: InputProps) {
  switch (knob.kind) {
    case 'boolean':
      return (
        <input
          id={id}
          type="checkbox"
          checked={value === true || value === 'true'}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case 'choice':
      return (
        <select id={id} value={String(value)} onChange={(event) => onChange(event.currentTarget.value)}>
          {Object.keys(knob.options).map((option) => (
            <option key={option} value={option}>
              {option}
            </option>
          ))}
        </select>
      );
    case 'list':
      return (
        <input
          id={id}
          type="text"
          value={String(value)}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}
