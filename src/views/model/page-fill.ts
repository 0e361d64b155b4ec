// The KV pages of one sequence: which page holds which tokens, and how full it is. Pure.

export interface PageFill {
  readonly page: number;
  /** Its place in the sequence; null when nobody holds it. */
  readonly index: number | null;
  /** Tokens whose K and V are in it. */
  readonly tokens: number;
  readonly state: 'free' | 'partial' | 'full';
}

/** Every page of the pool; `table` lists the sequence's pages in order of position. */
export function pageFills(
  pages: number,
  pageSize: number,
  table: readonly number[],
  computed: number,
): readonly PageFill[] {
  const places = new Map(table.map((page, index) => [page, index]));
  return Array.from({ length: pages }, (_, page) => {
    const index = places.get(page);
    if (index === undefined) return { page, index: null, tokens: 0, state: 'free' };
    const tokens = Math.max(0, Math.min(pageSize, computed - index * pageSize));
    return { page, index, tokens, state: tokens === pageSize ? 'full' : 'partial' };
  });
}

/** A page in words. */
export function describeFill({ page, index, tokens, state }: PageFill, pageSize: number): string {
  if (index === null) return `page ${page}: free`;
  const from = index * pageSize;
  const held = tokens === 0 ? 'no token yet' : `positions ${from} to ${from + tokens - 1}`;
  return `page ${page}: entry ${index} of the block table, ${held}${state === 'full' ? ', full' : ''}`;
}

/** The whole map in one sentence. */
export function describeFills(fills: readonly PageFill[], pageSize: number): string {
  const held = fills.filter((fill) => fill.index !== null);
  const tokens = held.reduce((sum, fill) => sum + fill.tokens, 0);
  if (held.length === 0) return `${fills.length} pages of ${pageSize} tokens, all free.`;
  return `${held.length} of ${fills.length} pages taken; ${tokens} tokens fill ${held.length * pageSize} places.`;
}
