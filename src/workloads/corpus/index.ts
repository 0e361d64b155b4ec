// The corpus: simple English made from a seed. The language models in models/ are trained on it, and workloads
// with real text take their prompts from its held-out part. Adding a kind of document is adding a file to kinds/.

import { collect } from '../../core/collect.ts';
import { type Prng, prng } from '../../core/prng.ts';
import type { Document, DocumentKind, Wanted } from './document.ts';

export type { Document, DocumentKind, Segment } from './document.ts';
export { textOf } from './document.ts';
export type { Part } from './random.ts';

export const kinds: ReadonlyMap<string, DocumentKind> = collect(
  import.meta.glob<{ default: DocumentKind }>('./kinds/*.ts', { eager: true }),
);

/** A document of one kind. */
export function documentOf(kind: DocumentKind, random: Prng, wanted: Wanted): Document {
  return { kind: kind.id, segments: kind.make(random, wanted) };
}

/** A document of any kind, drawn by the kinds' weights. */
export function drawDocument(random: Prng, wanted: Wanted): Document {
  const all = [...kinds.values()];
  let left = random.next() * all.reduce((sum, kind) => sum + kind.weight, 0);
  const kind = all.find((one) => {
    left -= one.weight;
    return left < 0;
  });
  if (!kind) throw new Error('drawDocument: there is no kind of document.');
  return documentOf(kind, random, wanted);
}

/** An endless stream of documents; lengths are log-uniform between `from` and `to` words. */
export function* documents(
  seed: number,
  wanted: Omit<Wanted, 'words'> & { readonly from: number; readonly to: number },
): Generator<Document, never> {
  const random = prng(seed);
  for (;;) {
    const words = Math.round(wanted.from * (wanted.to / wanted.from) ** random.next());
    yield drawDocument(random, { part: wanted.part, words });
  }
}
