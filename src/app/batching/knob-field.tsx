// One knob of a strategy or workload as a field, from its description.

import { useId } from 'preact/hooks';
import type { Knob, KnobValue } from '../../core/knobs.ts';
import { tipOn } from '../ui/index.ts';

interface KnobProps {
  readonly name: string;
  readonly knob: Knob;
  readonly value: KnobValue;
  readonly usual: KnobValue;
  readonly onChange: (value: KnobValue) => void;
}

export function KnobField({ name, knob, value, usual, onChange }: KnobProps) {
  const id = useId();
  const changed = String(value) !== String(usual);
  return (
    <div class={changed ? 'knob changed' : 'knob'} {...tipOn(`${knob.doc} Usually ${String(usual)}.`)}>
      <label for={id}>
        {name}
        {'unit' in knob && knob.unit ? ` (${knob.unit})` : ''}
      </label>
      <KnobInput id={id} knob={knob} value={value} onChange={onChange} />
    </div>
  );
}

function KnobInput({
  id,
  knob,
  value,
  onChange,
}: Pick<KnobProps, 'knob' | 'value' | 'onChange'> & { readonly id: string }) {
  switch (knob.kind) {
    case 'int':
    case 'number':
      return (
        <input
          id={id}
          type="number"
          value={Number(value)}
          min={knob.min}
          max={knob.max}
          step={knob.kind === 'int' ? 1 : 'any'}
          onChange={(event) =>
            event.currentTarget.validity.valid && onChange(event.currentTarget.valueAsNumber)
          }
        />
      );
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
