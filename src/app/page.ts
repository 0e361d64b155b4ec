// What a page is, and how pages are found: every file in pages/ is one, loaded when opened. What a page is
// made of has a folder of its name here; its CSS is in styles/.

import type { ComponentType } from 'preact';

export interface Page {
  /** The name of its file in pages/. */
  readonly id: string;
  readonly title: string;
  /** The question that the page answers; its heading. */
  readonly question: string;
  readonly component: ComponentType;
}

type Load = () => Promise<{ readonly default: Page }>;

const order = ['bench', 'step', 'batching', 'model'];
const nameOf = (path: string): string => /pages\/([^/.]+)/.exec(path)?.[1] ?? path;
const rank = (id: string): number => (order.includes(id) ? order.indexOf(id) : order.length);

const found = import.meta.glob<{ readonly default: Page }>('./pages/*.tsx');

/** Loaders by page id, in the order of the navigation. */
export const pages: ReadonlyMap<string, Load> = new Map(
  Object.entries(found)
    .map(([path, load]): [string, Load] => [nameOf(path), load])
    .sort(([a], [b]) => rank(a) - rank(b)),
);

/** The page behind `/`. */
export const firstPage = pages.has('batching') ? 'batching' : 'bench';

/** A page's name in the navigation, before it is loaded. */
export const titleOf = (id: string): string => id.charAt(0).toUpperCase() + id.slice(1);
