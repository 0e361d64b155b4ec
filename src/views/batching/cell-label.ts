// What stands in a cell, where it fits: the word that came out, the tokens of a prompt.

import { type Pen, textWidth } from './pen.ts';

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Sizes of a cell's text: the smaller one where only that fits. */
const LABELS = [11, 9.5] as const;

/** `least`: no text is smaller; 0 where there is no such rule. */
export function labelIfItFits(pen: Pen, text: string, { x, y, width, height }: Box, least: number): boolean {
  // large letters have room enough around them
  const sizes = least > 0 ? [[least, least] as const] : LABELS.map((s) => [s, s + 2] as const);
  const size = sizes.find(([s, room]) => textWidth(text, s) + 3 <= width && height >= room)?.[0];
  if (size === undefined) return false;
  pen.text(x + width / 2, y + height / 2, text, { align: 'middle', ink: 'paper', size });
  return true;
}

/** Prompt tokens of the cell, and the word that came out, where they fit; computed again: an arrow, and a line where nothing fits. */
export function labelPrompt(
  pen: Pen,
  kind: 'prefill' | 'recompute',
  count: number,
  word: string,
  box: Box,
  least: number,
): void {
  const text = kind === 'recompute' ? `↻${count}` : String(count);
  if (word !== '' && labelIfItFits(pen, `${text} → ${word}`, box, least)) return;
  if (!labelIfItFits(pen, text, box, least) && kind === 'recompute')
    pen.fill(box.x, box.y + box.height / 2 - 1, box.width, 2, 'paper');
}
