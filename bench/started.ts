// `npm start` as a reader runs it, with a stopwatch: the server starts anew, as right after the installation or with its bundled
// dependencies thrown away; the browser is there already and has an empty cache.

import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { chromium, type Page } from 'playwright';
import { bundleDependencies, ensureChrome } from '../scripts/ensure.mjs';
import { spread } from '../src/core/stats.ts';
import type { Want } from '../src/worker/protocol.ts';
import { flagsFor } from './browser.ts';

/** What the installation leaves, or that with the dependencies' bundles lost, as after an update of one. */
const states = ['installed', 'bundles lost'] as const;
export type State = (typeof states)[number];

export interface Started {
  readonly page: Page;
  readonly url: string;
  /** Seconds until the server listened. */
  readonly listens: number;
  /** Seconds since `npm start`. */
  since(): number;
}

export async function withStarted<T>(
  { state, gpu }: { readonly state: State; readonly gpu: Want },
  body: (started: Started) => Promise<T>,
): Promise<T> {
  await rm('node_modules/.vite', { recursive: true, force: true });
  if (state === 'installed') await bundleDependencies();
  const browser = await chromium.launch({ executablePath: await ensureChrome(), args: flagsFor(gpu) });
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 1000 } })).newPage();
  // without a display it opens no browser of its own
  const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, ...env } = process.env;
  const began = performance.now();
  const since = (): number => (performance.now() - began) / 1e3;
  const server = spawn(process.execPath, ['scripts/start.mjs'], { env: { ...env, PORT: '0' } });
  try {
    const url = await new Promise<string>((resolve, reject) => {
      let said = '';
      server.stdout.on('data', (text: Buffer) => {
        said += text.toString();
        const found = /http:\/\/\S+\//.exec(said)?.[0];
        if (found) resolve(found);
      });
      server.once('exit', () => reject(new Error(`npm start ended: ${said}`)));
    });
    return await body({ page, url, listens: since(), since });
  } finally {
    server.kill();
    await browser.close();
  }
}

/** Starts in turns from either state, and prints how long each of `what` took, in seconds. */
export async function startInTurns<T extends Readonly<Record<keyof T, number>>>(
  turns: number,
  what: Readonly<Record<keyof T & string, string>>,
  once: (state: State) => Promise<T>,
): Promise<void> {
  const all = new Map<State, T[]>(states.map((state) => [state, []]));
  for (let turn = 0; turn < turns; turn++)
    for (const state of states) all.get(state)?.push(await once(state));
  for (const [state, times] of all) {
    const parts = (Object.keys(what) as (keyof T & string)[]).map((key) => {
      const { median, p10, p90 } = spread(times.map((t) => t[key]));
      return `${what[key]} ${median.toFixed(2)} s (p10–p90 ${p10.toFixed(2)}–${p90.toFixed(2)})`;
    });
    console.log(`${state}: ${parts.join(', ')}; ${times.length} starts`);
  }
}
