// One floating explanation for the whole page, in the top layer, so that no panel clips it. It opens at once
// on hover and on focus, closes on Escape, and is only ever text: what a page needs must not hide in it.

import { signal } from '@preact/signals';
import type { HTMLAttributes } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

interface Shown {
  readonly text: string;
  readonly anchor: DOMRect;
}

const shown = signal<Shown | null>(null);
const hide = (): void => {
  shown.value = null;
};

type TipProps = Pick<
  HTMLAttributes<HTMLElement>,
  'onPointerEnter' | 'onPointerLeave' | 'onFocus' | 'onBlur' | 'onKeyDown'
>;

/** Spread onto what is explained; the same text belongs into its aria-description. */
export function tipOn(text: string | undefined): TipProps {
  if (!text) return {};
  const show = (event: { readonly currentTarget: Element }): void => {
    shown.value = { text, anchor: event.currentTarget.getBoundingClientRect() };
  };
  return {
    onPointerEnter: show,
    onFocus: show,
    onPointerLeave: hide,
    onBlur: hide,
    onKeyDown: (event) => {
      if (event.key === 'Escape') hide();
    },
  };
}

const margin = 8;

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
    const { width, height } = element.getBoundingClientRect();
    const { anchor } = current;
    const below = anchor.bottom + margin + height < innerHeight;
    const left = Math.min(Math.max(margin, anchor.left), innerWidth - width - margin);
    element.style.left = `${Math.max(margin, left)}px`;
    element.style.top = `${below ? anchor.bottom + 6 : Math.max(margin, anchor.top - height - 6)}px`;
  }, [current]);
  return (
    <div ref={ref} popover="manual" class="tip" aria-hidden="true">
      {current?.text}
    </div>
  );
}
window.addEventListener('scroll', hide, { capture: true, passive: true });
