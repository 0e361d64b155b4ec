// What stands in the way of the GPU is told, each in its own words; the page stays usable.

import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type kinds, type LockstepConsole, launch, visit } from './browser.ts';
import { siteFolder } from './build.ts';
import { type Site, serve } from './serve.ts';

let site: Site;
beforeAll(async () => {
  site = await serve(siteFolder);
});
afterAll(() => site.close());

async function withBrowser(
  kind: keyof typeof kinds,
  test: (browser: Browser) => Promise<void>,
): Promise<void> {
  const browser = await launch(kind);
  try {
    await test(browser);
  } finally {
    await browser.close();
  }
}

declare const lockstep: LockstepConsole;

describe('a browser without', () => {
  it.each([
    ['without-adapter', 'no-adapter', 'chrome://gpu'],
    ['insecure', 'insecure-origin', 'http://localhost'],
  ] as const)('%s: says %s and what to do', async (kind, id, todo) => {
    await withBrowser(kind, async (browser) => {
      const url = kind === 'insecure' ? site.url.replace('localhost', 'gpu.example') : site.url;
      const { page, errors } = await visit(browser, `${url}#/bench`);
      const notice = page.locator('[data-notice]');
      await notice.waitFor();
      expect(await notice.getAttribute('data-notice')).toBe(id);
      expect(await notice.textContent()).toContain(todo);
      expect(await page.getByRole('button', { name: 'Run on this device' }).isDisabled()).toBe(true);
      // the page itself works: the kernels are listed, their source is shown
      await page.locator('.source-panel .code .line').first().waitFor();
      expect(errors).toEqual([]);
    });
  });
});

describe('a browser that does not offer WebGPU', () => {
  it.each([
    ['a Chromium in which it is blocked', {}, 'webgpu-blocked', 'chrome://flags/#enable-unsafe-webgpu'],
    [
      'another browser',
      { userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0' },
      'no-webgpu',
      'a current Chrome or Edge',
    ],
  ] as const)('%s', async (_, options, id, todo) => {
    await withBrowser('swiftshader', async (browser) => {
      const context = await browser.newContext(options);
      const page = await context.newPage();
      if ('userAgent' in options)
        await page.addInitScript(() => Object.defineProperty(navigator, 'userAgentData', { value: {} }));
      await page.route(/gpu\.worker.*\.js/, async (route) => {
        const response = await route.fetch();
        const body = `delete WorkerNavigator.prototype.gpu;${await response.text()}`;
        await route.fulfill({ response, body });
      });
      await page.goto(`${site.url}#/bench`);
      const notice = page.locator('[data-notice]');
      await notice.waitFor();
      expect(await notice.getAttribute('data-notice')).toBe(id);
      expect(await notice.textContent()).toContain(todo);
    });
  });
});

describe('a device that', () => {
  it('is a CPU is named so, and the notice can be put away', async () => {
    await withBrowser('swiftshader', async (browser) => {
      const { page } = await visit(browser, `${site.url}#/bench`);
      await page.locator('[data-notice=fallback]').waitFor();
      expect(await page.locator('header .device').textContent()).toContain('SwiftShader: a CPU');
      await page.getByRole('button', { name: 'Understood' }).click();
      await page.locator('[data-notice=fallback]').waitFor({ state: 'detached' });

      await page.evaluate(async () => (await lockstep.worker()).api.loseDevice());
      await page.locator('[data-notice=lost-recovered]').waitFor();
      expect(await page.getByRole('button', { name: 'Run on this device' }).isEnabled()).toBe(true);

      await page.evaluate(async () => (await lockstep.worker()).terminate('a test stopped it'));
      const dead = page.locator('[data-notice=dead-worker]');
      await dead.waitFor();
      expect(await dead.textContent()).toContain('a test stopped it');
      await dead.getByRole('button', { name: 'Try again' }).click();
      await dead.waitFor({ state: 'detached' });
      await page.locator('header .device', { hasText: 'SwiftShader' }).waitFor();

      // what nobody handles is not silent
      await page.evaluate(() => void Promise.reject(new Error('a planted mistake')));
      const mishap = page.locator('[data-notice=mishap]');
      await mishap.waitFor();
      expect(await mishap.textContent()).toContain('a planted mistake');
      await mishap.getByRole('button', { name: 'Understood' }).click();
      await mishap.waitFor({ state: 'detached' });
    });
  });

  it('is lost for good, and comes back on a click', async () => {
    await withBrowser('swiftshader', async (browser) => {
      const { page } = await visit(browser, `${site.url}#/bench`);
      await page.locator('[data-notice=fallback]').waitFor();
      // the worker's adapter is gone when it asks again
      const [worker] = page.workers();
      await worker?.evaluate(() => {
        Object.defineProperty(navigator.gpu, 'requestAdapter', {
          value: async () => null,
          configurable: true,
        });
      });
      await page.evaluate(async () => (await lockstep.worker()).api.loseDevice());
      const lost = page.locator('[data-notice=lost]');
      await lost.waitFor();
      await worker?.evaluate(() => Reflect.deleteProperty(navigator.gpu, 'requestAdapter'));
      await lost.getByRole('button', { name: 'Try again' }).click();
      await lost.waitFor({ state: 'detached' });
      await page.locator('header .device', { hasText: 'SwiftShader' }).waitFor();
    });
  });
});
