// The strategy that CONTRIBUTING.md writes out is a real one: it runs, and under every workload.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { unwrap } from '../../src/core/result.ts';
import { runVirtual } from '../../src/engine/virtual-run.ts';
import type { RegisteredStrategy } from '../../src/strategies/contract.ts';
import { openLoop } from '../../src/workloads/arrivals.ts';
import { arbitraryCase } from '../unit/engine/arbitrary.ts';
import { outputs, serve, unitSteps } from '../unit/engine/serve.ts';

it('the strategy in CONTRIBUTING.md takes under 60 lines and serves any workload', async () => {
  const blocks = readFileSync('CONTRIBUTING.md', 'utf8').match(/```ts\n[\s\S]*?```/g) ?? [];
  const block = blocks.find((text) => text.includes('defineStrategy'))?.slice(6, -3);
  if (!block) throw new Error('CONTRIBUTING.md shows no strategy');
  expect(block.split('\n').length).toBeLessThan(60);
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-'));
  try {
    const file = join(folder, 'interval.ts');
    writeFileSync(file, block.replaceAll("from './", `from '${resolve('src/strategies')}/`));
    const strategy = ((await import(file)) as { default: RegisteredStrategy }).default;
    fc.assert(
      fc.property(
        arbitraryCase('unified'),
        fc.integer({ min: 1, max: 4 }),
        ({ requests, limits, lookahead }, slots) => {
          const { planner } = unwrap(strategy.make({ slots, every: 3 }, limits));
          const run = runVirtual({
            planner,
            limits,
            lookahead,
            cost: unitSteps(),
            arrivals: openLoop(requests),
          });
          expect(run.end.incomplete).toBeUndefined();
          expect(outputs(run.trace)).toEqual(outputs(serve('serial', {}, requests, { limits }).trace));
        },
      ),
      { numRuns: 50 },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
