// Numbers as people read them: two or three significant digits, tabular, with their unit. The exact value
// belongs into a hover (`exact`), never into a cell.

/**
 * An integer with its thousands grouped: `12,310`. By hand, as the dates below: the first formatter that Intl makes holds the page
 * for tens of milliseconds, and each further one for one.
 */
export const grouped = (value: number): string => value.toFixed(0).replace(/\B(?=(?:\d{3})+$)/g, ',');

/** Three significant digits, thousands grouped: `2,310`, `92.4`, `7.44`, `0.0123`; tiny ones as `2.1e-6`. */
export function figure(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return value > 0 ? '∞' : value < 0 ? '−∞' : '–';
  const rounded = Number(value.toPrecision(digits));
  const size = Math.abs(rounded);
  if (size === 0) return '0';
  if (size < 1e-3) return value.toExponential(1).replaceAll('-', '−');
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  return decimals === 0 ? grouped(rounded) : rounded.toFixed(decimals);
}

/** A round number on an axis: `0.1`, `5`, `2,000`. */
export const tickText = (value: number): string =>
  Number.isInteger(value) ? grouped(value) : String(Number(value.toPrecision(3)));

/** All digits that a measurement can have: `7.4421`. */
export const exact = (value: number): string =>
  Number.isInteger(value) ? grouped(value) : String(Number(value.toPrecision(6)));

/** `70 %`, `4.2 %` below ten. */
export const percent = (fraction: number): string =>
  `${figure(fraction * 100, fraction < 0.0995 ? 2 : fraction < 0.995 ? 2 : 3)} %`;

/** `19.6×` */
export const times = (ratio: number): string => `${figure(ratio)}×`;

/** `11 s`, `2 min 10 s`, `1 h 4 min` */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  if (whole < 100) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** `16 KiB`, `4 GiB`; bytes of buffers and limits are powers of two. */
export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = value;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${Number.isInteger(size) ? size : figure(size)} ${units[unit]}`;
}

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** An ISO date as `20 Nov 2026`, where the reader is. */
export function day(iso: string): string {
  const date = new Date(iso);
  return `${date.getDate()} ${months[date.getMonth()]} ${date.getFullYear()}`;
}

/** `04_register_8x4` as people say it: `04 register 8×4`. */
export const spoken = (version: string): string =>
  version.replaceAll('_', ' ').replace(/(\d)x(?=\d)/g, '$1×');

/** Cuts `text` to about `pixels` at the size of chart labels; a cut ends in "…". */
export function shorten(text: string, pixels: number): string {
  const room = Math.floor(pixels / 6.6);
  return text.length <= room ? text : `${text.slice(0, Math.max(1, room - 1))}…`;
}
