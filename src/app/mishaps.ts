// Mistakes of ours that no page expected: an exception or a rejected promise that nobody handles. Without a word of them the page
// would stand still and say nothing.

import { signal } from '@preact/signals';
import { messageOf } from '../core/message-of.ts';
import type { Notice } from './notices.ts';
import { mishapNotice } from './notices.ts';

const last = signal<string | null>(null);

/** The notice of the last one; null when there is none, or it was put away. */
export const mishap = {
  get shown(): Notice | null {
    return last.value === null ? null : mishapNotice(last.value);
  },
  dismiss(): void {
    last.value = null;
  },
};

/** Tells of what `target` (the window) reports. Returns how to stop that. */
export function watchMishaps(target: EventTarget): () => void {
  const rejected = (event: Event): void => {
    last.value = messageOf((event as PromiseRejectionEvent).reason);
  };
  const thrown = (event: Event): void => {
    const { error } = event as ErrorEvent;
    if (error) last.value = messageOf(error); // without one it is the browser's own remark, such as a ResizeObserver that lags
  };
  target.addEventListener('unhandledrejection', rejected);
  target.addEventListener('error', thrown);
  return () => {
    target.removeEventListener('unhandledrejection', rejected);
    target.removeEventListener('error', thrown);
  };
}
