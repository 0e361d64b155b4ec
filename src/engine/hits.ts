// Looks up, for the front of the waiting line, which of its tokens lie in pages already: a fork's prompt
// in its sibling's pages, else full pages of equal content in the prefix index. At least one token of a
// request is always left to compute, because its logits are needed.

import type { CacheSalt } from '../cache/hash.ts';
import type { KvCache } from '../cache/kv-cache.ts';
import type { RequestTable } from './request-table.ts';
import { RUNNING } from './view.ts';

export interface HitOptions {
  readonly prefixCache: boolean;
  readonly salt: CacheSalt;
}

/** Fills the hit columns of `slots` and returns the page ids they point into. */
export function lookUpHits(
  slots: Int32Array,
  table: RequestTable,
  cache: KvCache,
  options: HitOptions,
): Int32Array {
  const hits: number[] = [];
  const { hitStart, hitPages, hitTokens } = table.columns;
  for (const slot of slots) {
    hitStart[slot] = hits.length;
    const forked = forkHits(slot, table, cache, hits);
    if (forked === 0 && options.prefixCache) {
      const found = prefixHits(slot, table, cache, options.salt);
      for (const page of found) hits.push(page);
      hitTokens[slot] = found.length * cache.pageSize;
    } else {
      hitTokens[slot] = forked;
    }
    hitPages[slot] = hits.length - (hitStart[slot] as number);
  }
  return Int32Array.from(hits);
}

/** Whether a fork finds its sibling resident with its prompt computed; then all but the last prompt token. */
function forkHits(slot: number, table: RequestTable, cache: KvCache, hits: number[]): number {
  const { forkOf } = table.at(slot).request;
  const sibling = forkOf === undefined ? undefined : table.slot(forkOf);
  if (sibling === undefined || table.columns.phase[sibling] !== RUNNING) return 0;
  const prompt = table.columns.prompt[slot] as number;
  if (table.at(sibling).committed < prompt) return 0;
  const row = table.columns.row[sibling] as number;
  for (let i = 0; i < cache.pagesFor(prompt - 1); i++) hits.push(cache.tables.page(row, i));
  return prompt - 1;
}

function prefixHits(slot: number, table: RequestTable, cache: KvCache, salt: CacheSalt): readonly number[] {
  const { found } = table.at(slot);
  const pages = Math.floor(((table.columns.known[slot] as number) - 1) / cache.pageSize);
  const hashes = table.chain(slot, pages, cache.pageSize, salt);
  // what was found before is found again by comparing; only what comes after needs the index
  let n = 0;
  while (n < found.length && n < pages && cache.index.holds(found[n] as number, hashes[n] as number)) n++;
  if (n < found.length) found.length = n;
  for (; n < pages; n++) {
    const page = cache.index.find(hashes[n] as number);
    if (page === undefined) break;
    found.push(page);
  }
  return found;
}
