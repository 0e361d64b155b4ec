// Runs a TypeScript command through Vite's module runner, because `import.meta.glob` (how ops, strategies
// and workloads are found) does not exist in plain Node. Usage: node scripts/run.mjs FILE [args…]
// The file's default export is `main(argv: string[]): Promise<number>`, the exit code.
import { ensureInstalled } from './ensure.mjs';

await ensureInstalled();
const { createServer, createServerModuleRunner } = await import('vite');
const [file, ...argv] = process.argv.slice(2);
// not `runnerImport`: it closes its runner after the import, and with it every later `import()`
const server = await createServer({
  configFile: false,
  logLevel: 'error',
  appType: 'custom',
  server: { middlewareMode: true, watch: null, hmr: false, ws: false },
  optimizeDeps: { noDiscovery: true },
});
const runner = createServerModuleRunner(server.environments.ssr, { hmr: false });
try {
  const module = await runner.import(`/${file}`);
  process.exitCode = await module.default(argv);
} finally {
  await runner.close();
  await server.close();
}
