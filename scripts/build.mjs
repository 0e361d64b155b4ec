// npm run build: type-checks, then writes the static site to dist/. It works from any path of any https host.
import { spawnSync } from 'node:child_process';
import { ensureInstalled } from './ensure.mjs';

await ensureInstalled();
const shell = process.platform === 'win32';
for (const [command, ...args] of [
  ['tsc', '-p', 'tsconfig.json'],
  ['vite', 'build'],
]) {
  const { status } = spawnSync(`node_modules/.bin/${command}`, args, { stdio: 'inherit', shell });
  if (status !== 0) process.exit(status ?? 1);
}
