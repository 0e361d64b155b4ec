// One floating explanation for the whole page, in the top layer, so that no panel clips it. It opens at once
// on hover and on focus, closes on Escape, and is only ever text: what a page needs must not hide in it.

import { signal } from '@preact/signals';
import type { HTMLAttributes } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

interface Shown {
  readonly text: string;
  readonly anchor: Element;
}

const shown = signal<Shown | null>(null);
const hide = (): void => {
  shown.value = null;
};

type TipProps = Pick<
  HTMLAttributes<HTMLElement>,
  'onPointerEnter' | 'onPointerLeave' | 'onFocusIn' | 'onFocusOut' | 'onKeyDown'
>;

/** Spread onto what is explained, or onto what holds it; the same text belongs into its aria-description. */
export function tipOn(text: string | undefined): TipProps {
  if (!text) return {};
  const show = (event: { readonly currentTarget: Element }): void => {
    shown.value = { text, anchor: event.currentTarget };
  };
  return {
    onPointerEnter: show,
    // unlike focus it rises from a field to the label around it
    onFocusIn: show,
    onPointerLeave: hide,
    onFocusOut: hide,
    onKeyDown: (event) => {
      if (event.key === 'Escape') hide();
    },
  };
}

const margin = 8;

/** Below its anchor, above where there is no room, never outside the window. */
function place(tip: HTMLElement, anchor: Element): void {
  const { width, height } = tip.getBoundingClientRect();
  const { left, top, bottom } = anchor.getBoundingClientRect();
  const below = bottom + margin + height < innerHeight;
  tip.style.left = `${Math.max(margin, Math.min(left, innerWidth - width - margin))}px`;
  tip.style.top = `${below ? bottom + 6 : Math.max(margin, top - height - 6)}px`;
}

export function TipLayer() {
  const ref = useRef<HTMLDivElement>(null);
  const current = shown.value;
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    if (!current) {
      element.hidePopover();
      return;
    }
    element.showPopover();
    const follow = (): void => {
      if (current.anchor.isConnected) place(element, current.anchor);
      else hide();
    };
    follow();
    // focus scrolls its element into view: the tip goes along
    window.addEventListener('scroll', follow, { capture: true, passive: true });
    return () => window.removeEventListener('scroll', follow, { capture: true });
  }, [current]);
  return (
    <div ref={ref} popover="manual" class="tip" aria-hidden="true">
      {current?.text}
    </div>
  );
}
