// The page's one live region: what a screen reader is told when something changed elsewhere on the page.

import { signal } from '@preact/signals';

const message = signal('');

/** Says `text` to screen readers, politely. Saying the same again is silent. */
export function announce(text: string): void {
  message.value = text;
}

export function LiveRegion() {
  return (
    <div class="offscreen" role="status" aria-live="polite">
      {message}
    </div>
  );
}
