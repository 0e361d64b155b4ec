// Places labels beside points of a chart so that they neither overlap nor leave the picture.

/**
 * New y positions for labels whose points lie at `ys`: at least `gap` apart, within [low, high] when they fit,
 * each as near to its point as that allows (pools of neighbours are centred on their points).
 */
export function spreadLabels(
  ys: readonly number[],
  gap: number,
  low: number,
  high: number,
): readonly number[] {
  interface Pool {
    readonly members: readonly number[];
    readonly centre: number;
  }
  const half = (pool: Pool): number => ((pool.members.length - 1) * gap) / 2;
  const held = (pool: Pool): Pool => ({
    ...pool,
    centre: Math.max(low + half(pool), Math.min(high - half(pool), pool.centre)),
  });
  const pools: Pool[] = [];
  const order = ys.map((_, i) => i).sort((a, b) => (ys[a] ?? 0) - (ys[b] ?? 0));
  for (const i of order) {
    let pool = held({ members: [i], centre: ys[i] ?? 0 });
    for (
      let above = pools.at(-1);
      above && above.centre + half(above) + gap > pool.centre - half(pool);
      above = pools.at(-1)
    ) {
      pools.pop();
      const members = [...above.members, ...pool.members];
      const centre = members.reduce((sum, m) => sum + (ys[m] ?? 0), 0) / members.length;
      pool = held({ members, centre });
    }
    pools.push(pool);
  }
  const placed: number[] = new Array(ys.length).fill(0);
  for (const pool of pools) {
    pool.members.forEach((member, i) => {
      placed[member] = pool.centre - half(pool) + i * gap;
    });
  }
  return placed;
}
