// Builds the site once for all page tests, into a folder that git ignores.

import { build } from 'vite';

/** LOCKSTEP_SITE: another folder, for two runs at once. */
export const siteFolder = process.env['LOCKSTEP_SITE'] ?? '.cache/e2e-site';

export default async function setup(): Promise<void> {
  // Vitest says "test", which would build a site that no reader ever gets (no service worker, for one)
  const before = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = 'production';
  await build({ logLevel: 'error', build: { outDir: siteFolder, emptyOutDir: true } });
  process.env['NODE_ENV'] = before;
}
