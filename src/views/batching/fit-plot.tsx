// Predicted against measured time of each kind of step, both axes logarithmic: on the line the clock is right, above it a step was
// quicker than predicted.

import { type StepClock, stepSeconds } from '../../engine/cost-model.ts';
import type { MeasuredStep } from '../../engine/fit.ts';
import { YAxis } from '../axis.tsx';
import { figure, percent, tickText } from '../format.ts';
import { decades, logarithmic } from '../scale.ts';

export interface FitPlotProps {
  readonly steps: readonly MeasuredStep[];
  readonly clock: StepClock;
  readonly width: number;
}

/** Shapes beside colours, so that neither is needed alone. */
export const STEP_KINDS = ['decode', 'prefill', 'mixed'] as const;
export type StepKind = (typeof STEP_KINDS)[number];

export interface FitPoint {
  readonly kind: StepKind;
  /** Milliseconds. */
  readonly measured: number;
  readonly predicted: number;
  readonly what: string;
}

export const fitPoints = (steps: readonly MeasuredStep[], clock: StepClock): readonly FitPoint[] =>
  steps.map(({ features, seconds }) => {
    const { prefillTokens, decodeRows } = features;
    const parts = [
      ...(decodeRows > 0 ? [`${decodeRows} ${decodeRows === 1 ? 'row decodes' : 'rows decode'}`] : []),
      ...(prefillTokens > 0 ? [`${prefillTokens} prompt tokens`] : []),
    ];
    return {
      kind: prefillTokens === 0 ? 'decode' : decodeRows === 0 ? 'prefill' : 'mixed',
      measured: seconds * 1e3,
      predicted: stepSeconds(features, clock) * 1e3,
      what: parts.join(' and '),
    };
  });

const height = 260;
const [left, bottom, top] = [52, height - 40, 24];
/** Pixels that a name of the legend takes with its shape. */
const NAME = 72;

export function FitPlot({ steps, clock, width }: FitPlotProps) {
  const points = fitPoints(steps, clock);
  if (points.length === 0) return null;
  const [low, high] = decades(
    points.flatMap((p) => [p.measured, p.predicted]),
    2,
  );
  const right = width - 16;
  const x = logarithmic(low, high, left, right, 2, Math.floor(width / 60));
  const y = logarithmic(low, high, bottom, top, 2, 7);
  return (
    <svg
      class="chart fit-plot"
      width={width}
      height={height}
      role="img"
      aria-label={`Predicted against measured time of ${points.length} kinds of steps`}
    >
      <text x={left - 44} y={12} class="chart-title">
        predicted, ms
      </text>
      <Legend right={right} />
      <YAxis y={y} left={left} right={right} />
      {x.ticks.map((tick) => (
        <text key={tick} class="quiet-mark" x={x(tick)} y={bottom + 16} text-anchor="middle">
          {tickText(tick)}
        </text>
      ))}
      <text class="quiet-mark" x={right} y={height - 4} text-anchor="end">
        measured, ms
      </text>
      <line class="axis" x1={x(low)} y1={y(low)} x2={x(high)} y2={y(high)} />
      {points.map((point, i) => (
        // two kinds of steps may say the same of themselves
        <Mark key={`${point.what} ${i}`} point={point} x={x(point.measured)} y={y(point.predicted)} />
      ))}
    </svg>
  );
}

function Mark({ point, x, y }: { readonly point: FitPoint; readonly x: number; readonly y: number }) {
  const off = point.predicted / point.measured - 1;
  return (
    <path class={`fit-mark ${point.kind}`} d={shapes[point.kind](x, y)}>
      <title>
        {point.what}: measured {figure(point.measured)} ms, predicted {figure(point.predicted)} ms,{' '}
        {off < 0 ? '−' : '+'}
        {percent(Math.abs(off))}
      </title>
    </path>
  );
}

/** A circle, a square, a triangle. */
const shapes: Readonly<Record<StepKind, (x: number, y: number) => string>> = {
  decode: (x, y) => `M${x - 4} ${y}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0Z`,
  prefill: (x, y) => `M${x - 3.6} ${y - 3.6}h7.2v7.2h-7.2Z`,
  mixed: (x, y) => `M${x} ${y - 4.6}l4.6 8h-9.2Z`,
};

/** What the shapes mean, one after the other from the right: a saved picture needs it too. */
function Legend({ right }: { readonly right: number }) {
  return (
    <g>
      {STEP_KINDS.map((kind, i) => {
        const x = right - (STEP_KINDS.length - i) * NAME;
        return (
          <g key={kind}>
            <path class={`fit-mark ${kind}`} d={shapes[kind](x, 8)} />
            <text class="quiet-mark" x={x + 9} y={12}>
              {kind === 'mixed' ? 'both' : kind}
            </text>
          </g>
        );
      })}
    </g>
  );
}
