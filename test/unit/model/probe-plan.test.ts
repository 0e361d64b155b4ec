// The probe takes every kernel that any step of a runtime can choose, and stays within the runtime's sizes.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ModelConfig } from '../../../src/model/config.ts';
import type { ModelOptions, RuntimeOptions } from '../../../src/model/contract.ts';
import { chooseKernels, type StepSizes } from '../../../src/model/kernels.ts';
import { numericsModes } from '../../../src/model/numerics.ts';
import { presets } from '../../../src/model/presets.ts';
import { planProbe, sizesOf } from '../../../src/model/probe-plan.ts';
import { itemTokensOf } from '../../../src/model/roles.ts';
import type { ServedBy } from '../../../src/model/versions.ts';
import { specsOf } from './roles-of.ts';

const configs: readonly ModelConfig[] = [presets.nano, presets.stories15M, presets['SmolLM2-135M']];

const served = fc.record<ServedBy>({
  adapter: fc.constantFrom('gpu', 'cpu'),
  numerics: fc.constantFrom(...numericsModes),
  subgroups: fc.constantFrom('present', 'absent'),
  packedDot: fc.constantFrom('present', 'absent'),
  workgroupMemory: fc.constantFrom('small', 'large'),
});
const stored = fc.record<ModelOptions>({
  weights: fc.constantFrom('f32', 'i8-row', 'i8-g32'),
  kv: fc.constantFrom('f32', 'i8'),
  kernels: fc.constant('auto'),
  activations: fc.constantFrom('f32', 'i8'),
});
const runtimes = fc
  .record({
    pageSize: fc.constantFrom(8, 16, 32, 64),
    window: fc.constantFrom(33, 64, 96, 97, 100, 256, 512, 513, 520, 600, 2048),
    pages: fc.integer({ min: 1, max: 300 }),
    rows: fc.constantFrom(1, 2, 8, 256),
    maxTokens: fc.constantFrom(1, 2, 16, 33, 64, 300, 1024),
    maxLogits: fc.constantFrom(1, 8, 40, 256),
  })
  .map((o): RuntimeOptions => ({ ...o, sampleSlots: 2 * o.maxLogits, inFlight: 2 }))
  // rows of more tokens than one sequence can hold are left out
  .filter(({ pages, pageSize }) => pages * pageSize >= 33);
/** A step as a share of what the runtime allows. */
const steps = fc.record({
  sequences: fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1, maxLength: 300 }),
  kind: fc.constantFrom('decode', 'mixed'),
  logits: fc.double({ min: 0, max: 1, noNaN: true }),
  longest: fc.double({ min: 0, max: 1, noNaN: true }),
});

type Wanted = typeof steps extends fc.Arbitrary<infer T> ? T : never;

/** The sizes of a step that the runtime could run. */
function within(o: RuntimeOptions, config: ModelConfig, want: Wanted): StepSizes {
  const window = Math.min(o.window, config.window, o.pages * o.pageSize);
  const counts: number[] = [];
  let t = 0;
  for (const wanted of want.sequences) {
    const count = Math.min(want.kind === 'decode' ? 1 : wanted, window, o.maxTokens - t);
    if (count > 0) counts.push(count);
    t += count;
  }
  const itemTokens = itemTokensOf(t, counts.length, config);
  const least = Math.max(...counts);
  return {
    t,
    // a row of logits is a token that has been computed
    logits: Math.round(want.logits * Math.min(t, o.maxLogits)),
    items: counts.reduce((sum, count) => sum + Math.ceil(count / itemTokens), 0),
    itemTokens,
    longest: least + Math.round(want.longest * (window - least)),
  };
}

describe('the plan of a probe', () => {
  it('takes every kernel that a step can choose', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...configs),
        stored,
        runtimes,
        served,
        fc.array(steps, { minLength: 5, maxLength: 20 }),
        (config, options, runtime, by, wanted) => {
          const specs = specsOf(config, options, runtime, by);
          const choose = (sizes: StepSizes) => chooseKernels(specs, sizes);
          const { stages } = planProbe(runtime, { config, choose });
          const taken = new Set<string>();
          const note = (sizes: StepSizes, into: (key: string) => void): void =>
            choose(sizes).forEach((kernel, role) => {
              if (kernel !== null) into(`${specs[role]?.role} ${kernel}`);
            });
          for (const { before, tails } of stages)
            for (const tail of tails) note(sizesOf(tail, before, config), (key) => taken.add(key));
          for (const want of wanted) {
            const sizes = within(runtime, config, want);
            note(sizes, (key) => expect(taken, JSON.stringify(sizes)).toContain(key));
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('stays within window, pool and step, and holds every tail against another', () => {
    fc.assert(
      fc.property(fc.constantFrom(...configs), stored, runtimes, served, (config, options, runtime, by) => {
        const specs = specsOf(config, options, runtime, by);
        const choose = (sizes: StepSizes) => chooseKernels(specs, sizes);
        const { stages, filled, moved } = planProbe(runtime, { config, choose });
        const { pages, pageSize, maxTokens, maxLogits } = runtime;
        expect(stages.length).toBeGreaterThan(0);
        for (const { before, tails } of stages) {
          const [{ own: longest }] = tails;
          expect(before + longest).toBeLessThanOrEqual(Math.min(runtime.window, config.window));
          expect(filled + Math.ceil(longest / pageSize)).toBeLessThanOrEqual(pages);
          if (before > 0) expect(filled).toBeGreaterThan(0);
          for (const { own, logits, beside } of tails) {
            expect(own).toBeLessThanOrEqual(longest);
            expect(own + beside).toBeLessThanOrEqual(maxTokens);
            expect(logits).toBeLessThanOrEqual(maxLogits);
          }
          const compared = tails.length > 1 || (stages[0]?.before === before && moved === 'yes');
          expect(compared || maxTokens === 1).toBe(true);
        }
        const region = Math.ceil((stages[0]?.tails[0].own ?? 0) / pageSize);
        if (moved === 'yes') expect(2 * filled + 2 * region + 1).toBeLessThanOrEqual(pages);
      }),
      { numRuns: 500 },
    );
  });

  it('needs few steps: two row counts where two kernels serve, more keys and full tiles where more do', () => {
    const runtime = {
      pages: 256,
      pageSize: 16,
      rows: 8,
      window: 2048,
      maxTokens: 1024,
      maxLogits: 256,
      sampleSlots: 512,
      inFlight: 2,
    };
    const tails = (by: Partial<ServedBy>) => {
      const all: ServedBy = {
        adapter: 'gpu',
        numerics: 'canonical',
        subgroups: 'absent',
        packedDot: 'absent',
        workgroupMemory: 'large',
        ...by,
      };
      const specs = specsOf(presets.nano, { weights: 'f32', kv: 'f32', kernels: 'auto' }, runtime, all);
      const choose = (sizes: StepSizes) => chooseKernels(specs, sizes);
      return planProbe(runtime, { config: presets.nano, choose }).stages.map(
        (stage) =>
          [
            stage.before,
            stage.tails.map(({ own, beside }) => (beside > 0 ? `${own}+${beside}` : `${own}`)).join(' '),
          ] as const,
      );
    };
    expect(tails({ adapter: 'cpu' })).toEqual([[512, '8 1']]);
    expect(tails({})).toEqual([[512, '33 8 4 1 1+511']]);
    expect(tails({ numerics: 'fast' })).toEqual([[512, '33 8 4 1 1+511']]);
    expect(tails({ numerics: 'one-version' })).toEqual([[512, '8 1']]);
  });
});
