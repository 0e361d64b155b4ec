// A number that redraws the page while it changes: typed, stepped with the arrow keys, or dragged at its label.

import { useSignal } from '@preact/signals';
import { useId, useRef } from 'preact/hooks';
import { tipOn } from '../ui/index.ts';
import { strideOf } from './stride.ts';
import type { Move } from './view.ts';

interface NumberProps {
  readonly name: string;
  readonly unit?: string | undefined;
  readonly tip: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  /** Whole numbers only. */
  readonly whole: boolean;
  readonly changed?: boolean;
  /** What an emptied field means; without it, nothing. */
  readonly empty?: number;
  readonly onChange: (value: number, move: Move) => void;
}

/** Pixels of a drag that change the number by one stride. */
const PIXELS = 6;

export interface Gesture {
  next(): Move;
  end(): void;
}

/** The first change of a gesture is an entry of the history, so that Back leads to what was before it; the rest stay in it. */
export function useGesture(): Gesture {
  const begun = useRef(false);
  return {
    next: () => {
      if (begun.current) return 'adjust';
      begun.current = true;
      return 'go';
    },
    end: () => {
      begun.current = false;
    },
  };
}

export function DraggableNumber(props: NumberProps) {
  const { name, unit, tip, value, min, max, whole, changed, empty, onChange } = props;
  const id = useId();
  const gesture = useGesture();
  /** What is being typed: `0.` is on its way to a number and must not be written over. */
  const typed = useSignal<string | null>(null);
  const from = useRef<{ readonly x: number; readonly value: number } | null>(null);

  const down = (event: PointerEvent): void => {
    from.current = { x: event.clientX, value };
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
  };
  const drag = (event: PointerEvent): void => {
    if (!from.current) return;
    const strides = Math.round((event.clientX - from.current.x) / PIXELS);
    const moved = from.current.value + strides * strideOf(from.current.value, whole);
    const next = Math.min(max, Math.max(min, Number(moved.toPrecision(6))));
    if (next !== value) onChange(next, gesture.next());
  };
  const up = (): void => {
    from.current = null;
    gesture.end();
  };
  return (
    <div class={changed ? 'knob changed' : 'knob'} {...tipOn(`${tip} Drag the name to change it.`)}>
      <label
        for={id}
        class="drags"
        onPointerDown={down}
        onPointerMove={drag}
        onPointerUp={up}
        onPointerCancel={up}
      >
        {name}
        {unit ? ` (${unit})` : ''}
      </label>
      <input
        id={id}
        type="number"
        aria-description={tip}
        value={typed.value ?? value}
        min={min}
        max={max}
        step={whole ? 1 : 'any'}
        onInput={({ currentTarget: field }) => {
          typed.value = field.value;
          // half a number, as `-`, reads as empty too
          const next = field.value === '' && !field.validity.badInput ? empty : field.valueAsNumber;
          if (next !== undefined && field.validity.valid) onChange(next, gesture.next());
        }}
        onBlur={() => {
          typed.value = null;
          gesture.end();
        }}
      />
    </div>
  );
}
