// The page's colours as a canvas can use them. Tokens are light-dark() pairs, which only the browser can
// resolve, so a probe element asks for each; a change of theme makes a new palette.

import { type ReadonlySignal, signal } from '@preact/signals';

const tokens = [
  'ink',
  'ink-2',
  'ink-3',
  'paper',
  'panel',
  'sunken',
  'line',
  'line-2',
  'line-strong',
  'focus',
  'good',
  'bad',
  'warn',
  'active',
  'masked',
  'barrier',
  'done',
  'read',
  'write',
  'prefill',
  'decode',
  'page-partial',
] as const;

export type Token = (typeof tokens)[number];

export interface Palette {
  readonly color: Readonly<Record<Token, string>>;
  /** Red, green, blue, 0…255, for mixing. */
  readonly rgb: Readonly<Record<Token, readonly [number, number, number]>>;
  readonly mono: string;
  readonly dark: boolean;
}

type Rgb = readonly [number, number, number];

/** `#rrggbb`, `rgb(…)` or `color(srgb …)` as three numbers. */
function channels(color: string): Rgb {
  const numbers = (color.match(/[\d.]+/g) ?? []).map(Number);
  const [r = 0, g = 0, b = 0] = color.startsWith('color(') ? numbers.map((x) => x * 255) : numbers;
  return [r, g, b];
}

function read(): Palette {
  const probe = document.createElement('span');
  probe.hidden = true;
  document.body.append(probe);
  const style = getComputedStyle(probe);
  const color = {} as Record<Token, string>;
  const rgb = {} as Record<Token, Rgb>;
  for (const token of tokens) {
    probe.style.color = `var(--${token})`;
    color[token] = style.color;
    rgb[token] = channels(style.color);
  }
  const mono = getComputedStyle(document.documentElement).getPropertyValue('--mono').trim() || 'monospace';
  probe.remove();
  return { color, rgb, mono, dark: rgb.paper[0] < 128 };
}

let current: ReturnType<typeof signal<Palette>> | undefined;

/** The palette of the theme in force; reading it in a component redraws it when the theme changes. */
export function palette(): ReadonlySignal<Palette> {
  if (current) return current as ReadonlySignal<Palette>;
  const made = signal(read());
  current = made;
  const again = (): void => {
    made.value = read();
  };
  new MutationObserver(again).observe(document.documentElement, { attributeFilter: ['data-theme'] });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', again);
  return made;
}

/** `amount` of `b` in `a`, both as rgb. */
export function mix(a: Rgb, b: Rgb, amount: number): string {
  const t = Math.min(1, Math.max(0, amount));
  const c = a.map((x, i) => Math.round(x + ((b[i] ?? x) - x) * t));
  return `rgb(${c.join(' ')})`;
}

/** Black or white, whichever reads better on a colour. */
export function inkOn([r, g, b]: Rgb): string {
  const linear = [r, g, b].map((x) => {
    const c = x / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * (linear[0] ?? 0) + 0.7152 * (linear[1] ?? 0) + 0.0722 * (linear[2] ?? 0);
  return luminance > 0.3 ? '#16181d' : '#ffffff';
}
