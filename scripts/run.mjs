// Runs a TypeScript command through Vite's module runner, because `import.meta.glob` (how ops, strategies
// and workloads are found) does not exist in plain Node. Usage: node scripts/run.mjs FILE [args…]
// The file's default export is `main(argv: string[]): Promise<number>`, the exit code.
import { ensureInstalled } from './ensure.mjs';

await ensureInstalled();
const { runnerImport } = await import('vite');
const [file, ...argv] = process.argv.slice(2);
const { module } = await runnerImport(`/${file}`, { configFile: false, logLevel: 'error' });
process.exitCode = await module.default(argv);
