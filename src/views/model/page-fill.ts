// The KV pages of the answers to one prompt: which page holds which tokens, how full it is, and who shares it. Pure.

export interface PageFill {
  readonly page: number;
  /** Its place in the block tables that hold it; null when none does. */
  readonly index: number | null;
  /** Answers whose block tables hold it. */
  readonly answers: readonly number[];
  /** Tokens whose K and V are in it. */
  readonly tokens: number;
  readonly state: 'free' | 'partial' | 'full';
}

/** One sequence: its pages in order of position, and how many of its tokens are computed. */
export interface HeldPages {
  readonly table: readonly number[];
  readonly computed: number;
}

/** Every page of the pool. Answers share pages at the same place of their tables. */
export function pageFills(pages: number, pageSize: number, held: readonly HeldPages[]): readonly PageFill[] {
  const found = new Map<number, { index: number; answers: number[]; tokens: number }>();
  for (const [answer, { table, computed }] of held.entries()) {
    for (const [index, page] of table.entries()) {
      const tokens = Math.max(0, Math.min(pageSize, computed - index * pageSize));
      const before = found.get(page);
      if (!before) found.set(page, { index, answers: [answer], tokens });
      else {
        before.answers.push(answer);
        before.tokens = Math.max(before.tokens, tokens);
      }
    }
  }
  return Array.from({ length: pages }, (_, page) => {
    const here = found.get(page);
    if (!here) return { page, index: null, answers: [], tokens: 0, state: 'free' };
    return { page, ...here, state: here.tokens === pageSize ? 'full' : 'partial' };
  });
}

/** A page in words. */
export function describeFill({ page, index, answers, tokens, state }: PageFill, pageSize: number): string {
  if (index === null) return `page ${page}: free`;
  const from = index * pageSize;
  const held = tokens === 0 ? 'no token yet' : `positions ${from} to ${from + tokens - 1}`;
  const shared = answers.length > 1 ? `, shared by answers ${answers.map((i) => i + 1).join(', ')}` : '';
  return `page ${page}: entry ${index} of the block table, ${held}${state === 'full' ? ', full' : ''}${shared}`;
}

/** The whole map in one sentence. */
export function describeFills(fills: readonly PageFill[], pageSize: number): string {
  const held = fills.filter((fill) => fill.index !== null);
  const tokens = held.reduce((sum, fill) => sum + fill.tokens, 0);
  const shared = held.filter((fill) => fill.answers.length > 1);
  if (held.length === 0) return `${fills.length} pages of ${pageSize} tokens, all free.`;
  const spared = shared.reduce((sum, fill) => sum + fill.answers.length - 1, 0);
  const saved = shared.length > 0 ? ` ${shared.length} shared: without that, ${spared} more.` : '';
  return `${held.length} of ${fills.length} pages taken; ${tokens} tokens fill ${held.length * pageSize} places.${saved}`;
}
