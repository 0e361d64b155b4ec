// How long the page's main thread works for a frame while a reader scrubs, zooms and moves through a large run: processor time
// from Chrome's own trace, so that a busy machine does not count.

import type { Browser, Page } from 'playwright';

/** A thousand requests in about five thousand steps, under two strategies. */
export const LARGE_RUN =
  '#/batching?lesson=none&from=virtual&tracks=continuous,slots:32~prefill-first,slots:32&work=synthetic,requests:1000,output:160,prompt:64';

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds of processor time. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** Milliseconds of processor time of each task of the main thread above 1 ms while `act` runs, ascending. */
export async function mainThreadTasks(
  browser: Browser,
  page: Page,
  act: () => Promise<void>,
): Promise<number[]> {
  await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline'] });
  await act();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as {
    readonly traceEvents: readonly TraceEvent[];
  };
  const main = traceEvents.filter((e) => e.name === 'thread_name' && e.args?.name === 'CrRendererMain');
  return traceEvents
    .filter((e) => e.name === 'RunTask' || e.name === 'ThreadControllerImpl::RunTask')
    .filter((e) => main.some((m) => m.pid === e.pid && m.tid === e.tid))
    .map((e) => (e.tdur ?? 0) / 1000)
    .filter((ms) => ms > 1)
    .sort((a, b) => a - b);
}

/** Main-thread tasks of a hundred scrubs, zooms and moves through the run that is in view. */
export const scrub = (browser: Browser, page: Page): Promise<number[]> =>
  mainThreadTasks(browser, page, () =>
    page.evaluate(async () => {
      const element = document.querySelector('.timeline');
      if (!element) throw new Error('there is no timeline');
      const { left, top } = element.getBoundingClientRect();
      const at = { clientX: left + 600, clientY: top + 100, bubbles: true, cancelable: true };
      const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      for (let i = 0; i < 40; i++) {
        element.dispatchEvent(new PointerEvent('pointermove', { ...at, clientX: left + 300 + i * 15 }));
        await frame();
      }
      for (let i = 0; i < 30; i++) {
        element.dispatchEvent(new WheelEvent('wheel', { ...at, deltaY: -40, ctrlKey: true }));
        await frame();
      }
      for (let i = 0; i < 30; i++) {
        element.dispatchEvent(new WheelEvent('wheel', { ...at, deltaX: 12 }));
        await frame();
      }
    }),
  );
