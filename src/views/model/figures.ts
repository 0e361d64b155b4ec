// Sizes of models as people say them.

/** `1.24 B`, `134 M`, `132 k` */
export function parametersText(count: number): string {
  const [size, unit] =
    count >= 1e9 ? [count / 1e9, 'B'] : count >= 1e6 ? [count / 1e6, 'M'] : [count / 1e3, 'k'];
  return `${size.toPrecision(3)} ${unit}`;
}
