// The pen that draws on a canvas, crisp at any device pixel ratio.

import { INKS, type Ink, type Palette, type Pen, type TextStyle } from './pen.ts';

/** The colours that the tokens have where `element` stands: theme and contrast settings applied. */
export function readPalette(element: HTMLElement): Palette {
  const probe = document.createElement('span');
  probe.style.display = 'none';
  element.append(probe);
  const colors = INKS.map((ink): [Ink, string] => {
    probe.style.color = `var(--${ink})`;
    return [ink, getComputedStyle(probe).color];
  });
  probe.remove();
  return Object.fromEntries(colors) as Record<Ink, string>;
}

/** Makes a canvas as large as wanted in CSS pixels and returns its context, scaled to them and empty. */
export function prepareCanvas(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
): CanvasRenderingContext2D | null {
  const ratio = globalThis.devicePixelRatio || 1;
  const w = Math.max(1, Math.round(width * ratio));
  const h = Math.max(1, Math.round(height * ratio));
  if (canvas.width !== w) canvas.width = w;
  if (canvas.height !== h) canvas.height = h;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext('2d');
  context?.setTransform(ratio, 0, 0, ratio, 0, 0);
  context?.clearRect(0, 0, width, height);
  return context;
}

export class CanvasPen implements Pen {
  private readonly context: CanvasRenderingContext2D;
  private readonly palette: Palette;
  private readonly font: string;
  private readonly patterns = new Map<Ink, CanvasPattern | string>();

  constructor(context: CanvasRenderingContext2D, palette: Palette, font: string) {
    this.context = context;
    this.palette = palette;
    this.font = font;
  }

  fill(x: number, y: number, width: number, height: number, ink: Ink, radius = 0): void {
    this.context.fillStyle = this.palette[ink];
    this.rect(x, y, width, height, radius);
  }

  hatch(x: number, y: number, width: number, height: number, ink: Ink, radius = 0): void {
    this.context.fillStyle = this.pattern(ink);
    this.rect(x, y, width, height, radius);
  }

  outline(x: number, y: number, width: number, height: number, ink: Ink, style: 'solid' | 'dashed'): void {
    if (width <= 0 || height <= 0) return;
    const { context } = this;
    context.strokeStyle = this.palette[ink];
    context.lineWidth = 1;
    if (style === 'dashed') context.setLineDash([3, 3]);
    context.beginPath();
    context.roundRect(x, y, width, height, 3);
    context.stroke();
    if (style === 'dashed') context.setLineDash([]);
  }

  line(x1: number, y1: number, x2: number, y2: number, ink: Ink, width = 1): void {
    const { context } = this;
    context.strokeStyle = this.palette[ink];
    context.lineWidth = width;
    context.beginPath();
    context.moveTo(x1, y1);
    context.lineTo(x2, y2);
    context.stroke();
  }

  flag(x: number, y: number, ink: Ink): void {
    const { context } = this;
    context.fillStyle = this.palette[ink];
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(x + 5, y - 7);
    context.lineTo(x - 5, y - 7);
    context.fill();
  }

  text(x: number, y: number, text: string, style: TextStyle = {}): void {
    const { ink = 'ink', size = 12, bold = false, align = 'start' } = style;
    const { context } = this;
    context.font = `${bold ? '600 ' : ''}${size}px ${this.font}`;
    context.textAlign = align === 'middle' ? 'center' : align;
    context.textBaseline = 'middle';
    context.fillStyle = this.palette[ink];
    context.fillText(text, x, y);
  }

  private rect(x: number, y: number, width: number, height: number, radius: number): void {
    if (width <= 0 || height <= 0) return;
    const { context } = this;
    // rounding a thousand corners costs more than it shows
    if (radius === 0 || width < 5) {
      context.fillRect(x, y, width, height);
      return;
    }
    context.beginPath();
    context.roundRect(x, y, width, height, Math.min(radius, width / 2, height / 2));
    context.fill();
  }

  private pattern(ink: Ink): CanvasPattern | string {
    const known = this.patterns.get(ink);
    if (known) return known;
    const made = this.context.createPattern(stripes(this.palette['line-2'], this.palette[ink]), 'repeat');
    made?.setTransform(new DOMMatrix().rotate(45));
    const pattern = made ?? this.palette[ink];
    this.patterns.set(ink, pattern);
    return pattern;
  }
}

function stripes(ground: string, stripe: string): HTMLCanvasElement {
  const tile = document.createElement('canvas');
  tile.width = 6;
  tile.height = 6;
  const context = tile.getContext('2d');
  if (context) {
    context.fillStyle = ground;
    context.fillRect(0, 0, 6, 6);
    context.fillStyle = stripe;
    context.fillRect(0, 0, 2.5, 6);
  }
  return tile;
}
