// npm start: installs what is missing, starts the sandbox and opens it in Chrome. On a machine without a display it says
// so and names the command that needs none.
import { spawn } from 'node:child_process';
import { linuxGpu } from './chrome-flags.mjs';
import { ensureInstalled, findChrome } from './ensure.mjs';

await ensureInstalled();
const { createServer } = await import('vite');
const server = await createServer({ server: { host: 'localhost', port: Number(process.env.PORT ?? 5173) } });
await server.listen();
const url = server.resolvedUrls?.local[0] ?? 'http://localhost:5173/';

const display = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
if (!display) {
  console.log(`Lockstep runs at ${url}, but this machine has no display to open it on.`);
  console.log('Without one, run the benchmarks in headless Chrome:  npm run bench -- kernels --quick');
} else {
  const chrome = await findChrome();
  // Linux Chrome gives WebGPU only behind these; elsewhere it is on by default
  const flags = process.platform === 'linux' ? ['--enable-unsafe-webgpu', ...linuxGpu] : [];
  if (chrome) {
    spawn(chrome, [...flags, url], { detached: true, stdio: 'ignore' }).unref();
    console.log(`Lockstep runs at ${url} and opens in ${chrome}.`);
  } else {
    console.log(
      `Lockstep runs at ${url}. No Chrome was found to open it in: install Chrome, or set CHROME_PATH.`,
    );
  }
}
console.log('Ctrl-C stops it.');
