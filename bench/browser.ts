// Starts a headless Chrome on a page of this repository, or attaches to one that runs elsewhere.

import type { Browser, Page } from 'playwright';
import { chromium } from 'playwright';
import { createServer, type ViteDevServer } from 'vite';
import { headlessLinuxGpu, swiftShader } from '../scripts/chrome-flags.mjs';
import { ensureChrome } from '../scripts/ensure.mjs';
import { unreachable } from '../src/core/assert.ts';
import type { Want } from '../src/worker/protocol.ts';

export interface BrowserOptions {
  readonly gpu: Want;
  /** Path of another Chrome. */
  readonly browser?: string;
  /** DevTools endpoint of a running Chrome, here or on another machine: `http://host:9222`. */
  readonly cdp?: string;
}

export interface Driver {
  readonly page: Page;
  /** Flags the browser was started with; empty when it was not started here. */
  readonly flags: readonly string[];
  /** Lines the page logged as errors. */
  readonly errors: string[];
  /** Waits until the page's script has set `window[name]`; throws with what the page logged when it does not. */
  ready(name: string): Promise<void>;
  close(): Promise<void>;
}

const common = [
  '--no-first-run',
  '--disable-background-networking',
  '--enable-unsafe-webgpu',
  '--enable-webgpu-developer-features',
];

/** Flags per kind of adapter. Developer features lift the 65 µs step of timestamps. */
export function flagsFor(gpu: Want): string[] {
  const sandbox = process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const linux = process.platform === 'linux' ? headlessLinuxGpu : [];
  switch (gpu) {
    case 'swiftshader':
      return [...common, ...sandbox, ...swiftShader];
    case 'hardware':
    case 'auto':
      return [...common, ...sandbox, ...linux, '--ignore-gpu-blocklist'];
    default:
      return unreachable(gpu, 'kind of adapter');
  }
}

/**
 * Opens `path` (from the repository's root) in a fresh page served by Vite. `dependencies`: npm packages that only this page
 * uses; they are bundled before it opens, because one that is found late would reload the page.
 */
export async function drive(
  path: string,
  options: BrowserOptions,
  dependencies: readonly string[] = [],
): Promise<Driver> {
  const server = await createServer({
    configFile: false,
    logLevel: 'error',
    appType: 'mpa',
    // bundled dependencies of their own: the app's server and ours would throw away each other's
    cacheDir: `node_modules/.vite-${path.split('/').at(-1)?.replace('.html', '')}`,
    // a benchmark must not be reloaded because a file was saved, or a dependency was found late
    server: { port: 0, host: '127.0.0.1', watch: null, hmr: false },
    optimizeDeps: { noDiscovery: true, include: ['comlink', '@petamoriken/float16', ...dependencies] },
  });
  await server.listen();
  try {
    return await open(server, path, options);
  } catch (error) {
    await server.close();
    throw error;
  }
}

async function open(server: ViteDevServer, path: string, options: BrowserOptions): Promise<Driver> {
  const origin = server.resolvedUrls?.local[0] ?? '';
  const flags = options.cdp ? [] : flagsFor(options.gpu);
  const browser = options.cdp
    ? await chromium.connectOverCDP(options.cdp)
    : await launch(flags, options.browser);
  const context = await browser.newContext();
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  // a browser on another machine cannot reach our server: its requests are answered through the debugger
  if (options.cdp)
    await context.route(`${origin}**`, async (route) => route.fulfill({ response: await route.fetch() }));
  await page.goto(new URL(path, origin).href);
  return {
    page,
    flags,
    errors,
    async ready(name) {
      try {
        await page.waitForFunction((key) => key in window, name, { timeout: 60_000 });
      } catch {
        throw new Error(`${path} did not start. ${errors.join('; ') || 'It logged nothing.'}`);
      }
    },
    async close() {
      await context.close();
      await browser.close();
      await server.close();
    },
  };
}

async function launch(args: string[], executable?: string): Promise<Browser> {
  const executablePath = executable ?? (await ensureChrome());
  // Ctrl-C is ours (session.ts): Playwright would close the browser, and with it what is finished
  return chromium.launch({ executablePath, args, headless: true, handleSIGINT: false });
}
