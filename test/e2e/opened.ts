// The built site and a browser with SwiftShader: what all tests of a file share.

import type { Browser } from 'playwright';
import { afterAll, beforeAll } from 'vitest';
import { launch } from './browser.ts';
import { siteFolder } from './build.ts';
import { type Site, serve } from './serve.ts';

export interface Opened {
  readonly site: Site;
  readonly browser: Browser;
}

/** Opens both before the file's first test, for which they are there, and closes them after its last. */
export function opened(): Opened {
  const both: { site?: Site; browser?: Browser } = {};
  beforeAll(async () => {
    [both.site, both.browser] = await Promise.all([serve(siteFolder), launch('swiftshader')]);
  });
  afterAll(async () => {
    await both.browser?.close();
    await both.site?.close();
  });
  return both as Opened;
}
