// How much longer something takes, from how far it came.

/** Seconds that are left at the pace so far; null before there is one. */
export function secondsLeft(
  { done, total, since }: { readonly done: number; readonly total: number; readonly since: number },
  now = performance.now(),
): number | null {
  const spent = (now - since) / 1e3;
  // the first moments say little
  return spent < 0.5 || done <= 0 || done >= total ? null : (spent * (total - done)) / done;
}
