// The address holds the whole view. This is the only file that touches history: pages read their view as a
// signal and either go to a new one (back returns from it) or adjust the one they are at. What ends after its page
// was left changes what that page comes back to, never where the reader is.

import { batch, computed, type ReadonlySignal, signal } from '@preact/signals';
import { formatHash, type Place, parseHash, readView, type Schema, type View, writeView } from './codec.ts';
import { firstPage } from './page.ts';

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

/** The page at an address; the bare one is the first page's. */
const pageAt = (address: string): string => parseHash(address).page || firstPage;

/** Addresses of the pages that are not shown: as they were left, or as they have become since. */
const left = signal<ReadonlyMap<string, string>>(new Map());

function arrive(to: string): void {
  const from = pageAt(hash.value);
  batch(() => {
    if (pageAt(to) !== from) left.value = new Map(left.value).set(from, hash.value);
    hash.value = to;
  });
}

window.addEventListener('popstate', () => {
  clearTimeout(waiting);
  waiting = undefined;
  arrive(location.hash);
});
window.addEventListener('pagehide', settle);

/** Where the reader is. */
export const place: ReadonlySignal<Place> = computed(() => parseHash(hash.value));

/** The whole address as it stands, the last movement of a drag included. */
export const address = (): string => new URL(hash.value, location.href).href;

function move(to: string, how: 'push' | 'replace'): void {
  if (to === hash.value) return;
  if (how === 'push') settle(); // the entry that is left keeps what it came to
  arrive(to);
  if (how === 'push' || performance.now() - written > REST_MS) write(how);
  else waiting ??= setTimeout(settle, REST_MS);
}

export interface PageView<S extends Schema> {
  /** While another page is shown: as this one was left, with what was changed since. */
  readonly view: ReadonlySignal<View<S>>;
  /** A new entry in the history: what a reader chose. */
  go(change: Partial<View<S>>): void;
  /** The same entry: what followed by itself, or changes many times a second (a drag, a cursor). */
  adjust(change: Partial<View<S>>): void;
  /** The link to this page with `change` applied. */
  link(change: Partial<View<S>>): string;
}

/** The address of a page: as it stands, as it was left, or as it starts. */
export const pageLink = (page: string): string =>
  pageAt(hash.value) === page ? hash.value || `#/${page}` : (left.value.get(page) ?? `#/${page}`);

/** A page's view, typed by its schema. */
export function pageView<S extends Schema>(page: string, schema: S): PageView<S> {
  const own = computed(() => pageLink(page));
  const view = computed(() => readView(schema, parseHash(own.value).params));
  const link = (change: Partial<View<S>>): string =>
    formatHash({ page, params: writeView(schema, { ...view.peek(), ...change }) });
  const become = (change: Partial<View<S>>, how: 'push' | 'replace'): void => {
    const to = link(change);
    if (pageAt(hash.peek()) === page) move(to, how);
    else left.value = new Map(left.peek()).set(page, to);
  };
  return {
    view,
    link,
    go: (change) => become(change, 'push'),
    adjust: (change) => become(change, 'replace'),
  };
}

/** The whole address of a link such as pageView's. */
export const absolute = (link: string): string => new URL(link, location.href).href;
