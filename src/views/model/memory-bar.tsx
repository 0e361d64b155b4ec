// What a model takes of the memory that Lockstep loads at most, before anything is allocated. How much the device has is not told.

import { bytes, percent } from '../format.ts';

export interface MemoryParts {
  readonly weights: number;
  readonly kv: number;
  readonly step: number;
  readonly total: number;
}

export interface MemoryBarProps {
  readonly memory: MemoryParts;
  readonly budget: number;
}

const names = { weights: 'weights', kv: 'KV pages', step: 'activations and tables' } as const;
const parts = ['weights', 'kv', 'step'] as const;

/** The parts in words: what a screen reader hears. */
export const describeMemory = (memory: MemoryParts, budget: number): string =>
  `${parts.map((part) => `${names[part]} ${bytes(memory[part])}`).join(', ')}: ${bytes(memory.total)} of at most ${bytes(budget)}, ${percent(memory.total / budget)}.`;

export function MemoryBar({ memory, budget }: MemoryBarProps) {
  const scale = Math.max(budget, memory.total);
  const over = memory.total > budget;
  return (
    <div class={`memory-bar${over ? ' over' : ''}`}>
      <div class="memory-track" role="img" aria-label={describeMemory(memory, budget)}>
        {parts.map((part) => (
          <span
            key={part}
            class={`part-${part}`}
            style={{ width: `max(2px, ${(100 * memory[part]) / scale}%)` }}
          />
        ))}
        {over && <i style={{ left: `${(100 * budget) / scale}%` }} />}
      </div>
      <ul>
        {parts.map((part) => (
          <li key={part} class={`part-${part}`}>
            {names[part]} <b>{bytes(memory[part])}</b>
          </li>
        ))}
        <li class="memory-total">
          <b class={over ? 'bad-text' : ''}>{bytes(memory.total)}</b> of at most {bytes(budget)}
        </li>
      </ul>
    </div>
  );
}
