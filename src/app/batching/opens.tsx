// Details that are made when they are opened: what follows the cursor costs nothing while nobody reads it.

import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';

interface OpensProps {
  readonly summary: string;
  readonly children: () => ComponentChildren;
}

export function Opens({ summary, children }: OpensProps) {
  const open = useSignal(false);
  return (
    <details
      class="opens"
      onToggle={(event) => {
        open.value = event.currentTarget.open;
      }}
    >
      <summary>{summary}</summary>
      {open.value && children()}
    </details>
  );
}
