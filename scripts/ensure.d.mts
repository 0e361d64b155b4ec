export function ensureInstalled(): Promise<void>;
/** Bundles what the development server serves of the dependencies; part of the installation. */
export function bundleDependencies(): Promise<void>;
/** Path of a Chrome or Chromium that is already here, or undefined. */
export function findChrome(): Promise<string | undefined>;
/** As findChrome, installing one when there is none. Throws, saying what to do, when that fails. */
export function ensureChrome(): Promise<string>;
/** Installs a Chromium: Playwright's, else, for root (uid 0), the distribution's. Throws, saying what to do, when that fails. */
export function installChrome(uid: number | undefined): Promise<string>;
