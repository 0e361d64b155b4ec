// Browsers for the page tests: one that has WebGPU (SwiftShader, a CPU), and ones that lack it in several ways.

import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright';
import { swiftShader } from '../../scripts/chrome-flags.mjs';

const always = ['--no-sandbox', '--no-first-run', '--disable-background-networking'];

export const kinds = {
  swiftshader: ['--enable-unsafe-webgpu', ...swiftShader],
  'without-adapter': ['--enable-unsafe-webgpu', '--disable-gpu', '--disable-software-rasterizer'],
  insecure: ['--enable-unsafe-webgpu', '--host-resolver-rules=MAP gpu.example 127.0.0.1'],
} as const;

export const launch = (kind: keyof typeof kinds): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env['CHROME_PATH'] ?? '/usr/bin/chromium',
    args: [...always, ...kinds[kind]],
  });

/** `lockstep` as main.tsx offers it to the console: tests declare it where they evaluate in the page. */
export interface LockstepConsole {
  worker(): Promise<{ readonly api: { loseDevice(): Promise<void> }; terminate(reason: string): void }>;
}

export interface Visit {
  readonly page: Page;
  /** Uncaught exceptions and console errors since the visit began. */
  readonly errors: readonly string[];
}

/** A page of its own context (its own storage) at `url`. */
export async function visit(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, ...options });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  await page.goto(url);
  return { page, errors };
}
