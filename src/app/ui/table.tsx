// The frame of a wide table: it scrolls sideways in itself, by keyboard too, and its first column stays.

import type { ComponentChildren } from 'preact';

export interface TableFrameProps {
  /** The table's name for screen readers. */
  readonly label: string;
  readonly class?: string;
  /** thead and tbody. */
  readonly children: ComponentChildren;
}

export function TableFrame({ label, class: extra = '', children }: TableFrameProps) {
  return (
    <section class={`table-frame ${extra}`} aria-label={label}>
      <table>{children}</table>
    </section>
  );
}
