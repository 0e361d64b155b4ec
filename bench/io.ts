// What every command does besides measuring: names itself and its commit, writes files.

import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What repeats this run. */
export const commandLine = (): string => `npm run bench -- ${process.argv.slice(3).join(' ')}`;

/** The whole hash of the code that runs; null outside a repository. */
export function commitHash(): string | null {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return null;
  }
}

export function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  console.log(`wrote ${path}`);
}

export const writeJson = (path: string, value: unknown): void =>
  write(path, `${JSON.stringify(value, null, 1)}\n`);
