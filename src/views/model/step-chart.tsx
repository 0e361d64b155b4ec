// Measured time of each step as a bar, the host's part at its foot. Prefill and decode have the colours of Batching.

import { YAxis } from '../axis.tsx';
import { figure } from '../format.ts';
import { linear } from '../scale.ts';
import { type TimedStep, timeBars } from './step-times.ts';

export interface StepChartProps {
  readonly steps: readonly TimedStep[];
  readonly width: number;
  /** Index of the step in focus; null for none. */
  readonly focus: number | null;
  readonly onFocus: (index: number | null) => void;
}

const height = 150;
const left = 46;
const foot = 20;
const head = 20;

/** A step in words. */
export function describeStep(step: TimedStep, index: number): string {
  const what =
    step.phase === 'prefill' ? `prefill of ${step.count} tokens` : `decode at position ${step.start}`;
  const pace = step.pace === 'flow' ? 'from the ids before to these' : 'from preparing to its ids back';
  return `step ${index + 1}: ${what}, ${figure(step.ms)} ms ${pace}; host ${figure(step.hostMs)} ms, ${step.dispatches} dispatches`;
}

export function StepChart({ steps, width, focus, onFocus }: StepChartProps) {
  const room = width - left - 8;
  const { bars, topMs } = timeBars(steps, Math.max(8, Math.floor(room / 5)));
  const pitch = Math.min(22, room / Math.max(1, bars.length));
  const y = linear(topMs, height - foot, head, 3);
  const tall = height - foot - head;
  return (
    <svg
      class="chart step-times"
      width={width}
      height={height}
      role="img"
      aria-label={`Time of the last ${bars.length} steps, in milliseconds`}
      onPointerMove={(event) => {
        const x = event.clientX - event.currentTarget.getBoundingClientRect().left - left;
        onFocus(bars[Math.floor(x / pitch)]?.index ?? null);
      }}
      onPointerLeave={() => onFocus(null)}
    >
      <text x={left - 44} y={11} class="chart-title">
        ms a step
      </text>
      <YAxis y={y} left={left} right={width - 8} most={topMs} text={figure} />
      {bars.map((bar, i) => {
        const x = left + i * pitch;
        const w = Math.max(1, pitch - (pitch > 6 ? 2 : 1));
        return (
          <g key={bar.index} class={`time-bar ${bar.step.phase}${bar.index === focus ? ' pointed' : ''}`}>
            <rect x={x} y={height - foot - bar.height * tall} width={w} height={bar.height * tall} />
            <rect class="host" x={x} y={height - foot - bar.host * tall} width={w} height={bar.host * tall} />
            {bar.cut && (
              <path
                class="cut"
                d={`M${x} ${head + 5} l${w / 2} -3 l${w / 2} 3`}
                fill="none"
                stroke="var(--panel)"
              />
            )}
          </g>
        );
      })}
      <text x={left} y={height - 5}>
        {bars.length > 0 ? `step ${(bars[0]?.index ?? 0) + 1} to ${steps.length}` : ''}
      </text>
    </svg>
  );
}
