// What the tracks are drawn with: one small set of strokes that a canvas, an SVG file and a test can all
// take. Colours are names of tokens (styles/tokens.css); a pen knows what they look like.

import type { TokenKind } from '../../engine/trace.ts';

export const INKS = [
  'ink',
  'ink-2',
  'ink-3',
  'paper',
  'panel',
  'line',
  'line-2',
  'line-strong',
  'focus',
  'select',
  'prefill',
  'decode',
  'recompute',
  'rejected',
  'padding',
  'overrun',
  'bad',
  'page-partial',
] as const;
export type Ink = (typeof INKS)[number];
export type Palette = Readonly<Record<Ink, string>>;

export interface TextStyle {
  readonly ink?: Ink;
  readonly size?: number;
  readonly bold?: boolean;
  readonly align?: 'start' | 'middle' | 'end';
}

export interface Pen {
  fill(x: number, y: number, width: number, height: number, ink: Ink, radius?: number): void;
  /** Diagonal stripes: work that is thrown away, whatever its colour. */
  hatch(x: number, y: number, width: number, height: number, ink: Ink, radius?: number): void;
  outline(x: number, y: number, width: number, height: number, ink: Ink, style: 'solid' | 'dashed'): void;
  line(x1: number, y1: number, x2: number, y2: number, ink: Ink, width?: number): void;
  /** A small triangle that points down at (x, y). */
  flag(x: number, y: number, ink: Ink): void;
  /** `y` is the middle of the line. */
  text(x: number, y: number, text: string, style?: TextStyle): void;
}

/** Width of a text in pixels, estimated by classes of letters of a wide sans (DejaVu): what fits by it fits in others too. */
export function textWidth(text: string, size: number): number {
  let ems = 0;
  for (const letter of text)
    ems += /[ilj.,'!:;|I]/.test(letter)
      ? 0.32
      : /[frt ]/.test(letter)
        ? 0.4
        : /[mwMW→↻%]/.test(letter)
          ? 0.95
          : 0.64;
  return ems * size;
}

interface KindStyle {
  readonly ink: Ink;
  readonly hatched: boolean;
  /** What the legend calls it. */
  readonly label: string;
  readonly about: string;
}

/** How the tokens of each kind look: the same everywhere, never told by colour alone. */
export const KIND_STYLES: Readonly<Record<TokenKind, KindStyle>> = {
  prefill: {
    ink: 'prefill',
    hatched: false,
    label: 'Prefill',
    about: 'Prompt tokens computed for the first time.',
  },
  decode: { ink: 'decode', hatched: false, label: 'Decode', about: 'One output token a step.' },
  recompute: {
    ink: 'recompute',
    hatched: false,
    label: 'Recompute',
    about: 'Tokens computed again because a preemption gave their pages away.',
  },
  padding: {
    ink: 'padding',
    hatched: true,
    label: 'Padding',
    about: 'Computed and thrown away: a prompt filled up to the longest, or a finished row that is held.',
  },
  rejected: {
    ink: 'rejected',
    hatched: true,
    label: 'Rejected draft',
    about: 'Drafted tokens that the model refused.',
  },
  overrun: {
    ink: 'overrun',
    hatched: true,
    label: 'Overrun',
    about: 'A row planned ahead for a request that had ended.',
  },
  lost: { ink: 'bad', hatched: true, label: 'Lost', about: 'The step failed; nothing of it counts.' },
};

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
export const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (c) => escapes[c] ?? c);

const round = (value: number): string => String(Math.round(value * 100) / 100);

/** A pen that writes SVG. `body` is what stands between <svg> and </svg>. */
export class SvgPen implements Pen {
  private readonly parts: string[] = [];
  private readonly hatches = new Set<Ink>();
  private readonly palette: Palette;

  constructor(palette: Palette) {
    this.palette = palette;
  }

  fill(x: number, y: number, width: number, height: number, ink: Ink, radius = 0): void {
    this.rect(x, y, width, height, radius, `fill="${this.palette[ink]}"`);
  }

  hatch(x: number, y: number, width: number, height: number, ink: Ink, radius = 0): void {
    this.hatches.add(ink);
    this.rect(x, y, width, height, radius, `fill="url(#hatch-${ink})"`);
  }

  outline(x: number, y: number, width: number, height: number, ink: Ink, style: 'solid' | 'dashed'): void {
    const dashes = style === 'dashed' ? ' stroke-dasharray="3 3"' : '';
    this.rect(x, y, width, height, 3, `fill="none" stroke="${this.palette[ink]}"${dashes}`);
  }

  line(x1: number, y1: number, x2: number, y2: number, ink: Ink, width = 1): void {
    this.parts.push(
      `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="${this.palette[ink]}" stroke-width="${width}"/>`,
    );
  }

  flag(x: number, y: number, ink: Ink): void {
    this.parts.push(`<path d="M${round(x)} ${round(y)}l5 -7h-10z" fill="${this.palette[ink]}"/>`);
  }

  text(x: number, y: number, text: string, style: TextStyle = {}): void {
    const { ink = 'ink', size = 12, bold = false, align = 'start' } = style;
    this.parts.push(
      `<text x="${round(x)}" y="${round(y)}" dy="0.35em" font-size="${size}" text-anchor="${align}" fill="${this.palette[ink]}"${bold ? ' font-weight="600"' : ''}>${escapeXml(text)}</text>`,
    );
  }

  /** Draws everything in `paint` moved right by `x` and down by `y`. */
  offset(y: number, paint: () => void, x = 0): void {
    this.parts.push(`<g transform="translate(${round(x)} ${round(y)})">`);
    paint();
    this.parts.push('</g>');
  }

  /** The whole picture as a file. */
  file(width: number, height: number): string {
    const patterns = [...this.hatches].map(
      (ink) =>
        `<pattern id="hatch-${ink}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="${this.palette['line-2']}"/><rect width="2.4" height="6" fill="${this.palette[ink]}"/></pattern>`,
    );
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif"><defs>${patterns.join('')}</defs><rect width="100%" height="100%" fill="${this.palette.panel}"/>${this.parts.join('\n')}</svg>\n`;
  }

  private rect(x: number, y: number, width: number, height: number, radius: number, style: string): void {
    if (width <= 0 || height <= 0) return;
    const rx = radius > 0 ? ` rx="${radius}"` : '';
    this.parts.push(
      `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"${rx} ${style}/>`,
    );
  }
}
