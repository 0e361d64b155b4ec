// How far one stride of a drag moves a number.

/** About a twentieth of where the drag began: 1, 10, 100 …, or 0.1, 0.01 … */
export function strideOf(value: number, whole: boolean): number {
  const size = Math.abs(value) / 20;
  const power = size > 0 ? 10 ** Math.floor(Math.log10(size)) : 0.01;
  return whole ? Math.max(1, power) : power;
}
