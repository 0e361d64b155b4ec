// A titled box, its caption (one sentence that reads the picture), and a badge.

import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

export interface PanelProps {
  readonly title: ComponentChildren;
  /** Beside the title: units, what the marks mean. */
  readonly note?: ComponentChildren;
  /** At the end of the head: controls of this panel. */
  readonly actions?: ComponentChildren;
  /** Below the content, set off by a line. */
  readonly footer?: ComponentChildren;
  readonly class?: string;
  /** Without padding, for tables and code. */
  readonly flush?: boolean;
  readonly children?: ComponentChildren;
}

export function Panel(props: PanelProps) {
  const id = useId();
  return (
    <section class={`panel ${props.class ?? ''}`} aria-labelledby={id}>
      <div class="panel-head">
        <h2 id={id}>{props.title}</h2>
        {props.note && <p class="panel-note">{props.note}</p>}
        {props.actions && <div class="panel-actions">{props.actions}</div>}
      </div>
      <div class={props.flush ? 'panel-body flush' : 'panel-body'}>{props.children}</div>
      {props.footer && <div class="panel-footer">{props.footer}</div>}
    </section>
  );
}

/** One sentence that says what the picture shows, set off so that it is read first. */
export function Caption({ children }: { readonly children: ComponentChildren }) {
  return <p class="caption">{children}</p>;
}

export interface BadgeProps {
  readonly kind?: 'plain' | 'warn' | 'bad' | 'good';
  readonly children: ComponentChildren;
}

export function Badge({ kind = 'plain', children }: BadgeProps) {
  return <span class={`badge ${kind}`}>{children}</span>;
}
