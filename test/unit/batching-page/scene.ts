// What the tests of the Batching page's drawings share: small tracks, and a pen that writes down what it draws.

import type { KnobValue } from '../../../src/core/knobs.ts';
import type { Request } from '../../../src/engine/request.ts';
import { makeTrack } from '../../../src/views/batching/make-track.ts';
import type { Paint } from '../../../src/views/batching/paint.ts';
import type { Ink, Palette, Pen, TextStyle } from '../../../src/views/batching/pen.ts';
import { INKS } from '../../../src/views/batching/pen.ts';
import type { Track } from '../../../src/views/batching/track.ts';
import { atOnce, type ServeOptions, serve } from '../engine/serve.ts';

export const four = atOnce([8, 2], [8, 8], [8, 4], [8, 6]);
export const twoSlots = { limits: { pageSize: 4, pages: 20, window: 32 } };

export function track(
  strategy: string,
  knobs: Record<string, KnobValue>,
  requests: readonly Request[] = four,
  options: ServeOptions = twoSlots,
): Track {
  const { trace, engine } = serve(strategy, knobs, requests, options);
  return makeTrack(trace, { key: strategy, title: strategy, rule: '', slots: engine.settings.slots });
}

export type Stroke =
  | {
      readonly kind: 'fill' | 'hatch';
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly height: number;
      readonly ink: Ink;
    }
  | {
      readonly kind: 'outline';
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly style: string;
    }
  | { readonly kind: 'line' | 'flag' }
  | { readonly kind: 'text'; readonly x: number; readonly text: string };

/** Writes down every stroke. */
export class NotingPen implements Pen {
  readonly strokes: Stroke[] = [];

  fill(x: number, y: number, width: number, height: number, ink: Ink): void {
    this.strokes.push({ kind: 'fill', x, y, width, height, ink });
  }
  hatch(x: number, y: number, width: number, height: number, ink: Ink): void {
    this.strokes.push({ kind: 'hatch', x, y, width, height, ink });
  }
  outline(x: number, y: number, width: number, _height: number, _ink: Ink, style: 'solid' | 'dashed'): void {
    this.strokes.push({ kind: 'outline', x, y, width, style });
  }
  line(): void {
    this.strokes.push({ kind: 'line' });
  }
  flag(): void {
    this.strokes.push({ kind: 'flag' });
  }
  text(x: number, _y: number, text: string, _style?: TextStyle): void {
    this.strokes.push({ kind: 'text', x, text });
  }

  filled(ink: Ink) {
    return this.strokes.filter(
      (s): s is Extract<Stroke, { ink: Ink }> => (s.kind === 'fill' || s.kind === 'hatch') && s.ink === ink,
    );
  }
  texts(): string[] {
    return this.strokes.flatMap((s) => (s.kind === 'text' ? [s.text] : []));
  }
}

export const plain = Object.fromEntries(INKS.map((ink) => [ink, '#000000'])) as Palette;

export const view = (range: Paint['range'], change: Partial<Paint> = {}): Paint => ({
  mode: 'time',
  range,
  left: 100,
  width: 1000,
  height: 160,
  rowHeight: 40,
  scroll: 0,
  until: Number.POSITIVE_INFINITY,
  ...change,
});
