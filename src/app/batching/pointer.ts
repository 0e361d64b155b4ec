// The pointer over the tracks: where on the axis it is, whose row it is over, and what its clicks, drags and wheel do.

import { useEffect, useRef } from 'preact/hooks';
import { placeAt } from '../../views/batching/paint.ts';
import {
  asking,
  hovered,
  type Pointed,
  panBy,
  pin,
  playedTo,
  pointed,
  range,
  stopReplay,
  tracks,
  zoomBy,
} from './cursor.ts';
import type { Geometry } from './geometry.ts';
import { goInside } from './on-demand.ts';
import { batching } from './view.ts';

/** Hovering previews, a click pins, a drag scrubs; Ctrl and the wheel zoom, the wheel sideways moves. */
export function usePointer(ref: { readonly current: HTMLDivElement | null }, g: Geometry): void {
  const latest = useRef(g);
  latest.current = g;
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const place = (event: { readonly clientX: number }): number | null => {
      const { gutter, plot } = latest.current;
      const x = event.clientX - element.getBoundingClientRect().left;
      if (x < gutter - 4) return null;
      return Math.max(
        range.peek().from,
        Math.min(range.peek().to, placeAt({ left: gutter, width: plot, range: range.peek() }, x)),
      );
    };
    const move = (event: PointerEvent): void => {
      if (asking.peek() || playedTo.peek() !== null) return;
      hovered.value = place(event);
      pointed.value = hovered.value === null ? null : pointedAt(event, element);
      if (event.buttons === 1 && hovered.value !== null) pin(hovered.value);
    };
    const leave = (): void => {
      hovered.value = null;
      pointed.value = null;
    };
    const click = (event: MouseEvent): void => {
      const at = place(event);
      if (asking.peek() || at === null || (event.target as Element).closest('[role=slider]')) return;
      stopReplay();
      pin(at);
      chooseRow(event, element);
    };
    const wheel = (event: WheelEvent): void => {
      const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
      if (event.ctrlKey || event.metaKey) zoomBy(Math.exp(event.deltaY * 0.002), place(event) ?? undefined);
      else if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) panBy(sideways / 600);
      else return;
      event.preventDefault();
    };
    element.addEventListener('pointermove', move);
    element.addEventListener('pointerleave', leave);
    element.addEventListener('click', click);
    // the two clicks before it have picked the request and let it go: its cell is what is meant
    const inside = (event: MouseEvent): void => {
      const at = asking.peek() ? null : pointedAt(event, element);
      if (!at) return;
      batching.adjust({ request: (at.track.ids[at.r] ?? 0) + 1 });
      goInside();
    };
    element.addEventListener('dblclick', inside);
    element.addEventListener('wheel', wheel, { passive: false });
    return () => {
      element.removeEventListener('pointermove', move);
      element.removeEventListener('pointerleave', leave);
      element.removeEventListener('click', click);
      element.removeEventListener('dblclick', inside);
      element.removeEventListener('wheel', wheel);
    };
  }, [ref]);
}

/** The request whose row is under the pointer. */
function pointedAt(event: MouseEvent, timeline: Element): Pointed | null {
  const block = (event.target as Element).closest<HTMLElement>('.track');
  const rows = block?.querySelector('.track-rows');
  const track = tracks.peek().find((t) => t.key === block?.dataset['track']);
  const content = rows?.firstElementChild;
  if (!rows || !track || !(content instanceof HTMLElement)) return null;
  const y = event.clientY - rows.getBoundingClientRect().top + rows.scrollTop;
  const r = Math.floor(y / (content.offsetHeight / Math.max(1, track.requests)));
  if (r < 0 || r >= track.requests) return null;
  const frame = timeline.getBoundingClientRect();
  return { track, r, x: event.clientX - frame.left, y: event.clientY - frame.top };
}

/** The request whose row was clicked is picked out in every track; again, and it is let go. */
function chooseRow(event: MouseEvent, timeline: Element): void {
  const at = pointedAt(event, timeline);
  if (!at) return;
  const number = (at.track.ids[at.r] ?? 0) + 1;
  const lane = tracks.peek().indexOf(at.track);
  batching.adjust({ lane, request: batching.view.peek().request === number ? 0 : number });
}
