// npm test: installs what is missing, then runs everything: types, lint, import rules, unit tests in Node, kernels in
// a real browser, end to end. The last line is "N passed, N failed".
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { ensureChrome, ensureInstalled } from './ensure.mjs';

await ensureInstalled();
const chrome = await ensureChrome();
console.log(`Browser: ${chrome}`);

const env = { ...process.env, CHROME_PATH: chrome, ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }) };
const bin = (name) => `node_modules/.bin/${name}${process.platform === 'win32' ? '.cmd' : ''}`;
let passed = 0;
let failed = 0;
let skipped = 0;

/** A check that counts as one: its command must exit with 0. */
function check(title, command, args) {
  const started = Date.now();
  const { status } = spawnSync(command === 'node' ? process.execPath : bin(command), args, {
    stdio: 'inherit',
    env,
    shell: process.platform === 'win32',
  });
  if (status === 0) passed++;
  else failed++;
  console.log(
    `${status === 0 ? 'ok' : 'FAILED'}: ${title} (${((Date.now() - started) / 1000).toFixed(1)} s)`,
  );
}

/** A Vitest project: counts its tests, names those it skipped. A crash without a report counts as a failure. */
function suite(project) {
  const report = `.cache/test-${project}.json`;
  rmSync(report, { force: true });
  const args = [
    'run',
    '--project',
    project,
    '--reporter=dot',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ];
  const { status } = spawnSync(bin('vitest'), args, {
    stdio: 'inherit',
    env,
    shell: process.platform === 'win32',
  });
  let counted = 0;
  try {
    const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
    for (const file of testResults) {
      if (file.assertionResults.length === 0 && file.status === 'failed') failed++;
      for (const test of file.assertionResults) {
        counted++;
        if (test.status === 'passed') passed++;
        else if (test.status === 'failed') {
          failed++;
          console.log(`FAILED: ${test.fullName}`);
        } else {
          skipped++;
          console.log(`skipped: ${test.fullName}`);
        }
      }
    }
  } catch {
    // no report: counted below
  }
  if (counted === 0 || (status !== 0 && failed === 0)) {
    failed++;
    console.log(`FAILED: the ${project} tests ended with status ${status} after ${counted} tests`);
  }
}

mkdirSync('.cache', { recursive: true });
check('types', 'tsc', ['-p', 'tsconfig.json']);
check('types of the pure rooms (no DOM, no Node)', 'tsc', ['-p', 'tsconfig.pure.json']);
check('lint and format', 'biome', ['check', '--error-on-warnings', '.']);
check('import rules', 'node', ['scripts/layers.mjs']);
for (const project of ['unit', 'kernels', 'e2e']) suite(project);

console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;
