// The kernels, loaded after the first paint: their sources are the largest part of the page.

import { signal } from '@preact/signals';
import type { Catalog } from '../../kernels/catalog.ts';

export const catalog = signal<Catalog | null>(null);

let loading: Promise<void> | null = null;

export function loadCatalog(): Promise<void> {
  loading ??= import('../../kernels/catalog.ts').then((module) => {
    catalog.value = module.catalog;
  });
  return loading;
}
