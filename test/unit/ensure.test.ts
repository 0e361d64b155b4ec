// What a fresh clone runs first: from whatever folder it lies in, and without taking rights that nobody gave.

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'lockstep-ensure-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs `code` with the exports of a copy of the script as `m`. */
function runs(script: string, code: string, env: NodeJS.ProcessEnv = process.env) {
  const text = `const m = await import(${JSON.stringify(pathToFileURL(script).href)}); ${code}`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', text], { encoding: 'utf8', env });
}

describe('what is missing', () => {
  it('is looked for in the clone, whatever letters its path has', () => {
    const clone = join(folder, 'häuser und gärten');
    mkdirSync(join(clone, 'scripts'), { recursive: true });
    const script = join(clone, 'scripts', 'ensure.mjs');
    copyFileSync('scripts/ensure.mjs', script);
    const { stdout, stderr } = runs(script, 'console.log(process.cwd())');
    expect(stdout.trim(), stderr).toBe(clone);
  });

  it.runIf(process.platform === 'linux').each([0, 1000])(
    'is installed by the system for root alone; user %i is told the command',
    (uid) => {
      const bin = join(folder, `bin-${uid}`);
      mkdirSync(bin);
      const log = join(bin, 'log');
      for (const name of ['npx', 'sudo', 'apt-get']) {
        writeFileSync(join(bin, name), `#!/bin/sh\necho "${name} $*" >> '${log}'\n`);
        chmodSync(join(bin, name), 0o755);
      }
      const { stdout, stderr } = runs(
        resolve('scripts/ensure.mjs'),
        `await m.installChrome(${uid}).then(console.log, (error) => console.log(error.message));`,
        { ...process.env, PATH: `${bin}:/usr/bin:/bin`, PLAYWRIGHT_BROWSERS_PATH: join(folder, 'none') },
      );
      const ran = existsSync(log) ? readFileSync(log, 'utf8') : '';
      expect(ran, stderr).toContain('npx playwright install chromium');
      expect(ran).not.toContain('sudo');
      if (uid === 0) expect(ran).toContain('apt-get install -y -qq chromium');
      else {
        expect(ran).not.toContain('apt-get');
        expect(stdout).toContain('sudo apt-get update && sudo apt-get install -y chromium');
      }
    },
  );
});
