export function ensureInstalled(): Promise<void>;
/** Bundles what the development server serves of the dependencies; part of the installation. */
export function bundleDependencies(): Promise<void>;
/** Path of a Chrome or Chromium that is already here, or undefined. */
export function findChrome(): Promise<string | undefined>;
/** As findChrome, installing one when there is none. Throws, saying what to do, when that fails. */
export function ensureChrome(): Promise<string>;
