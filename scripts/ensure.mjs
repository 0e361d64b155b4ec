// Installs what a fresh clone misses: node_modules, and for tests and benchmarks a WebGPU-capable Chromium.
// Plain Node on purpose: it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

/** True when `node_modules` is missing or older than the lock file. */
function outdated() {
  const stamp = 'node_modules/.package-lock.json';
  return !existsSync(stamp) || statSync(stamp).mtimeMs < statSync('package-lock.json').mtimeMs - 1000;
}

/** Installs the npm packages when `node_modules` is missing or older than package-lock.json. */
export async function ensureInstalled() {
  if (!outdated()) return;
  console.log('Installing npm packages (first run, about a minute) …');
  // not `npm ci`: it deletes node_modules first
  const { status } = spawnSync(
    'npm',
    ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      stdio: 'inherit',
      shell: process.platform === 'win32',
    },
  );
  if (status !== 0) {
    console.error(
      'npm install failed; see its message above. Lockstep needs Node 20.19 or newer and the npm registry.',
    );
    process.exit(1);
  }
  await bundleDependencies();
}

/**
 * Bundles the dependencies that the development server serves: they belong to the installation, so that the first start need not
 * wait a second for them. A server that finds them out of date does it again by itself.
 */
export async function bundleDependencies() {
  const { optimizeDeps, resolveConfig } = await import('vite');
  await optimizeDeps(await resolveConfig({ logLevel: 'error' }, 'serve'));
}

const candidates = {
  linux: [
    '/usr/bin/google-chrome',
    '/usr/bin/google-chrome-stable',
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/snap/bin/chromium',
  ],
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Google Chrome Canary.app/Contents/MacOS/Google Chrome Canary',
  ],
  win32: [
    `${process.env.PROGRAMFILES}\\Google\\Chrome\\Application\\chrome.exe`,
    `${process.env['PROGRAMFILES(X86)']}\\Google\\Chrome\\Application\\chrome.exe`,
    `${process.env.LOCALAPPDATA}\\Google\\Chrome\\Application\\chrome.exe`,
  ],
};

/** The Chromium that Playwright itself downloaded, when there is one. */
async function playwrightsOwn() {
  try {
    const { chromium } = createRequire(import.meta.url)('playwright');
    const path = chromium.executablePath();
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

/** Path of a Chrome or Chromium that is already here: CHROME_PATH, an installed one, Playwright's own. */
export async function findChrome() {
  const named = process.env.CHROME_PATH;
  if (named) {
    if (existsSync(named)) return named;
    throw new Error(
      `CHROME_PATH names ${named}, which does not exist. Unset it or point it at a Chrome or Chromium.`,
    );
  }
  return candidates[process.platform]?.find((path) => existsSync(path)) ?? (await playwrightsOwn());
}

/** As findChrome, installing one when there is none. Throws, saying what to do, when that fails. */
export async function ensureChrome() {
  const found = await findChrome();
  if (found) return found;
  console.log('No Chrome or Chromium found; installing one …');
  return installChrome(process.getuid?.());
}

/** Playwright's Chromium, else the distribution's package: root installs that, anyone else is told the command. */
export async function installChrome(uid) {
  spawnSync('npx', ['playwright', 'install', 'chromium'], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  const own = await playwrightsOwn();
  if (own) return own;
  if (process.platform === 'linux' && uid === 0) {
    for (const args of [
      ['update', '-qq'],
      ['install', '-y', '-qq', 'chromium'],
    ])
      spawnSync('apt-get', args, { stdio: 'inherit' }); // no Debian-like system: the message below says what to do
    const installed = candidates.linux.find((path) => existsSync(path));
    if (installed) return installed;
  }
  const command =
    process.platform === 'linux' && uid !== 0
      ? ' (Debian: sudo apt-get update && sudo apt-get install -y chromium)'
      : '';
  throw new Error(
    `No Chromium could be installed. Install a current Chrome or Chromium${command}, or set CHROME_PATH to one.`,
  );
}
