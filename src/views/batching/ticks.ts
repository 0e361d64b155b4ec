// The numbers along the top: round times in one unit, or step numbers.

import type { AxisMode, Range } from './axis.ts';

export interface Tick {
  readonly place: number;
  readonly label: string;
}

export function ticksOf(range: Range, mode: AxisMode, width: number): readonly Tick[] {
  const span = range.to - range.from;
  const most = Math.max(2, Math.floor(width / 90));
  const unit = mode === 'steps' || span >= 2 || range.to >= 10 ? 1 : 1e-3;
  const raw = span / unit / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  let step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw * 0.999) ?? power * 10;
  if (mode === 'steps') step = Math.max(1, Math.round(step));
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const ticks: Tick[] = [];
  for (let i = Math.ceil(range.from / unit / step - 1e-9); i * step * unit <= range.to; i++) {
    const value = i * step;
    const label =
      mode === 'steps' ? `step ${value + 1}` : `${value.toFixed(digits)} ${unit === 1 ? 's' : 'ms'}`;
    ticks.push({ place: value * unit, label });
  }
  return ticks;
}
