// The tokens' colours as canvases need them, read again when the theme changes.

import { effect, signal } from '@preact/signals';
import { readPalette } from '../../views/batching/canvas-pen.ts';
import type { Palette } from '../../views/batching/pen.ts';
import { theme } from '../theme.ts';

export const palette = signal<Palette | null>(null);

const read = (): void => {
  palette.value = readPalette(document.body);
};

/** Keeps `palette` true while the page is open. */
export function followTheme(): () => void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  dark.addEventListener('change', read);
  const stop = effect(() => {
    void theme.value;
    // the attribute is set by another effect of the same change
    queueMicrotask(read);
  });
  read();
  return () => {
    dark.removeEventListener('change', read);
    stop();
  };
}

export const sans =
  'ui-sans-serif, system-ui, "Inter", "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
