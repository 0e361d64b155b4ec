// Watches how smoothly this page runs: intervals between animation frames, and tasks over 50 ms.

export interface FrameWatch {
  /** Stops, and gives the intervals between frames and the long tasks since the start, in milliseconds. */
  stop(): Promise<{ readonly deltas: readonly number[]; readonly longTasks: readonly number[] }>;
}

/** Starts watching with the next frame. */
export function watchFrames(): FrameWatch {
  const deltas: number[] = [];
  const longTasks: number[] = [];
  const from = performance.now();
  const take = (entries: PerformanceEntryList): void => {
    for (const entry of entries) if (entry.startTime >= from) longTasks.push(entry.duration);
  };
  const observer = new PerformanceObserver((list) => take(list.getEntries()));
  if (PerformanceObserver.supportedEntryTypes.includes('longtask')) observer.observe({ type: 'longtask' });
  let last: number | undefined;
  let running = true;
  const frame = (now: number): void => {
    if (last !== undefined) deltas.push(now - last);
    last = now;
    if (running) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  return {
    async stop() {
      running = false;
      // the frame that a long task held up, and its own entry, come after it
      await new Promise((resolve) => setTimeout(resolve, 100));
      take(observer.takeRecords());
      observer.disconnect();
      return { deltas, longTasks };
    },
  };
}
