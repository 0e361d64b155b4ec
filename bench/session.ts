// One command's session with a device: a headless Chrome on the harness page, its device opened, progress on the terminal,
// Ctrl-C as "stop and keep what is finished".

import { SingleBar } from 'cli-progress';
import { explain } from '../src/core/result.ts';
import { type DeviceReport, deviceLine } from '../src/measure/schema.ts';
import type { BenchEvent, ModelBenchEvent, QualityEvent } from '../src/worker/protocol.ts';
import type { ServeEvent } from '../src/worker/serving/protocol.ts';
import { type BrowserOptions, type Driver, drive } from './browser.ts';

/** Everything a worker tells while it measures. */
export type DeviceEvent = BenchEvent | ModelBenchEvent | QualityEvent | ServeEvent;

export interface Session {
  readonly driver: Driver;
  readonly device: DeviceReport;
}

/** Without a terminal, a line of progress at most so often. */
const quietMs = Number(process.env['LOCKSTEP_QUIET_MS'] ?? 5_000);

/** Opens the device and runs `body`; events other than progress go to `on`. Throws, saying why, without a device. */
export async function withDevice<T>(
  options: BrowserOptions,
  on: (event: DeviceEvent) => void,
  body: (session: Session) => Promise<T>,
): Promise<T> {
  const driver = await drive('/bench/harness/index.html', options);
  const bar = process.stderr.isTTY
    ? new SingleBar({
        format: '{bar} {percentage}% {left} {what}',
        stream: process.stderr,
        hideCursor: true,
        clearOnComplete: true,
      })
    : undefined;
  let started = false;
  let cancelled = false;
  const began = performance.now();
  let told = began;
  const interrupt = (): void => {
    if (cancelled) process.exit(130);
    cancelled = true;
    console.error('\nStopping after the current submit; what is finished is kept. Again to quit at once.');
    driver.page.evaluate(() => window.lockstep.cancel()).catch(() => process.exit(130)); // the browser is gone
  };
  try {
    await driver.page.waitForFunction(() => 'lockstep' in window);
    const opened = await driver.page.evaluate((want) => window.lockstep.open(want), options.gpu);
    if (!opened.ok) throw new Error(explain(opened.error));
    console.log(deviceLine(opened.value));
    if (opened.value.fallback)
      console.log('This adapter runs on the CPU: its figures say nothing about a GPU.');
    await driver.page.exposeFunction('lockstepEvent', (event: DeviceEvent) => {
      if (event.type !== 'progress') return on(event);
      if (!bar && performance.now() - told > quietMs) {
        told = performance.now();
        const percent = Math.round((100 * event.done) / Math.max(1, event.total));
        console.error(`${((told - began) / 1e3).toFixed(0)} s, ${percent} %: ${event.what}`);
      }
      if (!started) bar?.start(event.total, 0, { what: '', left: '' });
      started = true;
      const left = event.secondsLeft === null ? '' : `${Math.ceil(event.secondsLeft)} s left`;
      bar?.update(event.done, { what: event.what, left });
    });
    process.on('SIGINT', interrupt);
    return await body({ driver, device: { ...opened.value, flags: driver.flags } });
  } finally {
    process.off('SIGINT', interrupt);
    bar?.stop();
    await driver.close();
  }
}
