// One knob of a strategy or workload as a field, from its description.

import { useId } from 'preact/hooks';
import type { Knob, KnobValue } from '../../core/knobs.ts';
import { tipOn } from '../ui/index.ts';
import { DraggableNumber } from './draggable-number.tsx';
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
  const tip = helpOf(knob, usual);
  if ('min' in knob)
    return (
      <DraggableNumber
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
    <div class={`knob ${knob.kind}${changed ? ' changed' : ''}`} {...tipOn(tip)}>
      <label for={id}>{name}</label>
      <KnobInput id={id} help={tip} knob={knob} value={value} onChange={(next) => onChange(next, 'go')} />
      {knob.kind === 'choice' && <p class="quiet-text small-text">{knob.options[String(value)]}</p>}
    </div>
  );
}

/** What it is for, what each of its options means, and what it usually is. */
function helpOf(knob: Knob, usual: KnobValue): string {
  const options = knob.kind === 'choice' ? Object.entries(knob.options) : [];
  return [
    knob.doc,
    ...options.map(([option, means]) => `${option}: ${means}`),
    `Usually ${String(usual)}.`,
  ].join(options.length > 0 ? '\n' : ' ');
}

interface InputProps {
  readonly id: string;
  readonly help: string;
  readonly knob: Exclude<Knob, { readonly min: number }>;
  readonly value: KnobValue;
  readonly onChange: (value: KnobValue) => void;
}

function KnobInput({ id, help, knob, value, onChange }: InputProps) {
  switch (knob.kind) {
    case 'boolean':
      return (
        <input
          id={id}
          type="checkbox"
          aria-description={help}
          checked={value === true || value === 'true'}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case 'choice':
      return (
        <select
          id={id}
          aria-description={help}
          value={String(value)}
          onChange={(event) => onChange(event.currentTarget.value)}
        >
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
          aria-description={help}
          value={String(value)}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}
