// The address holds the whole view. This is the only file that touches history: pages read their view as a
// signal and either go to a new one (back returns from it) or adjust the one they are at.

import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { formatHash, type Place, parseHash, readView, type Schema, type View, writeView } from './codec.ts';

const hash = signal(location.hash);
window.addEventListener('popstate', () => {
  hash.value = location.hash;
});

/** Where the reader is. */
export const place: ReadonlySignal<Place> = computed(() => parseHash(hash.value));

function move(to: string, how: 'push' | 'replace'): void {
  if (to === hash.value) return;
  if (how === 'push') history.pushState(null, '', to);
  else history.replaceState(null, '', to);
  hash.value = to;
}

export interface PageView<S extends Schema> {
  readonly view: ReadonlySignal<View<S>>;
  /** A new entry in the history: what a reader chose. */
  go(change: Partial<View<S>>): void;
  /** The same entry: what followed by itself, or changes many times a second (a drag, a cursor). */
  adjust(change: Partial<View<S>>): void;
  /** The link to this page with `change` applied. */
  link(change: Partial<View<S>>): string;
}

/** Where each page was left, so that the navigation leads back to it. */
const left = new Map<string, string>();

/** The address of a page as it was left, or as it starts. */
export function pageLink(page: string): string {
  if (place.value.page !== '') left.set(place.value.page, hash.value);
  return left.get(page) ?? `#/${page}`;
}

/** A page's view, typed by its schema. While another page is shown it keeps what it last was. */
export function pageView<S extends Schema>(page: string, schema: S): PageView<S> {
  let last = new URLSearchParams();
  const view = computed(() => {
    if (place.value.page === page || place.value.page === '') last = place.value.params;
    return readView(schema, last);
  });
  const link = (change: Partial<View<S>>): string =>
    formatHash({ page, params: writeView(schema, { ...view.peek(), ...change }) });
  return {
    view,
    link,
    go: (change) => move(link(change), 'push'),
    adjust: (change) => move(link(change), 'replace'),
  };
}

/** The whole address of a link such as pageView's. */
export const absolute = (link: string): string => new URL(link, location.href).href;
