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
    // what scrolls takes focus, so that a keyboard can scroll it
    <section class={`table-frame ${extra}`} aria-label={label} tabIndex={0}>
      <table>{children}</table>
    </section>
  );
}
