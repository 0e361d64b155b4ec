// `npm start` as a reader runs it, with a stopwatch: the server starts anew, as right after the installation or with its bundled
// dependencies thrown away; the browser is there already and has an empty cache.

import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { cpus } from 'node:os';
import type { Command } from 'commander';
import { chromium, type Page } from 'playwright';
import { bundleDependencies, ensureChrome } from '../scripts/ensure.mjs';
import type { Want } from '../src/worker/protocol.ts';
import { flagsFor } from './browser.ts';
import { commandLine, commitHash, writeJson } from './io.ts';
import { whole } from './options.ts';
import { type StartReport, type State, startRow, startText, states } from './start-report.ts';

export interface Started {
  readonly page: Page;
  readonly url: string;
  /** Seconds until the server listened. */
  readonly listens: number;
  /** Seconds since `npm start`. */
  since(): number;
}

type Surroundings = Pick<StartReport, 'browser' | 'device'>;

async function withStarted<T>(
  { state, gpu }: { readonly state: State; readonly gpu: Want },
  body: (started: Started) => Promise<T>,
): Promise<{ readonly took: T; readonly around: Surroundings }> {
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
    const took = await body({ page, url, listens: since(), since });
    return { took, around: { browser: `Chromium ${browser.version()}`, device: await adapterOf(page) } };
  } finally {
    server.kill();
    await browser.close();
  }
}

/** Asked when the stopwatch has stopped. */
const adapterOf = (page: Page): Promise<StartReport['device']> =>
  page.evaluate(async () => {
    const adapter = await navigator.gpu?.requestAdapter();
    if (!adapter) return null;
    const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
    const name = [vendor, architecture, device, description].filter(Boolean).join(' ');
    return { name, fallback: isFallbackAdapter || /swiftshader/i.test(name) };
  });

export interface StartOptions {
  readonly turns: number;
  readonly gpu: Want;
  readonly json?: string;
}

/**
 * Starts in turns from either state, tells how long each of `names` took, in seconds, and writes the report where one is wanted. `what`:
 * the command's name.
 */
export async function startInTurns<T extends Readonly<Record<keyof T, number>>>(
  what: string,
  { turns, gpu, json }: StartOptions,
  names: Readonly<Record<keyof T & string, string>>,
  once: (started: Started) => Promise<T>,
): Promise<void> {
  const all = new Map<State, T[]>(states.map((state) => [state, []]));
  let around: Surroundings = { browser: '', device: null };
  for (let turn = 0; turn < turns; turn++)
    for (const state of states) {
      const start = await withStarted({ state, gpu }, once);
      around = start.around;
      all.get(state)?.push(start.took);
    }
  const report: StartReport = {
    ...{ schema: 'lockstep-start', version: 1, what, date: new Date().toISOString(), commit: commitHash() },
    command: commandLine(),
    machine: `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'an unknown processor'}, ${process.platform} ${process.arch}`,
    ...around,
    flags: flagsFor(gpu),
    names,
    results: [...all].map(([state, starts]) => startRow(state, starts, Object.keys(names))),
  };
  console.log(startText(report));
  if (json) writeJson(json, report);
}

/** `--turns`, `--json`. */
export const startOptions = (command: Command, turns: number): Command =>
  command
    .option('--turns <n>', 'pairs of starts', whole(), turns)
    .option('--json <file>', 'write the results (versioned schema)');
