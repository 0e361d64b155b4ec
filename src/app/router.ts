// The address holds the whole view. This is the only file that touches history: pages read their view as a
// signal and either go to a new one (back returns from it) or adjust the one they are at.

import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { formatHash, type Place, parseHash, readView, type Schema, type View, writeView } from './codec.ts';

const hash = signal(location.hash);

/** Browsers ignore or refuse histories that change hundreds of times in a few seconds, as a drag would. */
const REST_MS = 200;
let written = Number.NEGATIVE_INFINITY;
let waiting: ReturnType<typeof setTimeout> | undefined;

function write(how: 'push' | 'replace'): void {
  clearTimeout(waiting);
  waiting = undefined;
  written = performance.now();
  if (how === 'push') history.pushState(null, '', hash.value);
  else history.replaceState(null, '', hash.value);
}

/** Writes what a drag has left unwritten. */
function settle(): void {
  if (waiting !== undefined) write('replace');
}

window.addEventListener('popstate', () => {
  clearTimeout(waiting);
  waiting = undefined;
  hash.value = location.hash;
});
window.addEventListener('pagehide', settle);

/** Where the reader is. */
export const place: ReadonlySignal<Place> = computed(() => parseHash(hash.value));

/** The whole address as it stands, the last movement of a drag included. */
export const address = (): string => new URL(hash.value, location.href).href;

function move(to: string, how: 'push' | 'replace'): void {
  if (to === hash.value) return;
  if (how === 'push') settle(); // the entry that is left keeps what it came to
  hash.value = to;
  if (how === 'push' || performance.now() - written > REST_MS) write(how);
  else waiting ??= setTimeout(settle, REST_MS);
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
