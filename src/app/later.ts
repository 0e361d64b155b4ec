// After the first paint, when nothing waits for the main thread. Safari has no idle callbacks.

/** Runs `task` when the page is idle, at the latest after `timeout` milliseconds. */
export function later(task: () => void, timeout = 1500): void {
  if ('requestIdleCallback' in globalThis) requestIdleCallback(task, { timeout });
  else setTimeout(task, 200);
}
