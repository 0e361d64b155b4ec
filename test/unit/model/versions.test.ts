// Which kernels serve which device.

import { describe, expect, it } from 'vitest';
import { catalog, findVersion } from '../../../src/kernels/catalog.ts';
import { prepare } from '../../../src/kernels/prepare.ts';
import { numericsModes } from '../../../src/model/numerics.ts';
import { presets } from '../../../src/model/presets.ts';
import { specsOf } from './roles-of.ts';

const runtime = {
  ...{ pages: 256, pageSize: 16, rows: 8, window: 2048, maxTokens: 1024 },
  ...{ maxLogits: 256, sampleSlots: 512, inFlight: 2 },
};

describe('kernels of a GPU', () => {
  it.each([
    ['small', 16_384],
    ['large', 32_768],
  ] as const)('keep to a workgroup’s memory that is %s', (workgroupMemory, bytes) => {
    let most = 0;
    for (const config of [presets.nano, presets['SmolLM2-135M'], presets['Llama-3.2-1B']])
      for (const numerics of numericsModes)
        for (const activations of ['f32', 'i8'] as const) {
          const options = { weights: 'i8-row', kv: 'i8', kernels: 'auto', activations } as const;
          const by = { adapter: 'gpu', numerics, workgroupMemory } as const;
          const specs = specsOf(config, options, runtime, {
            ...by,
            subgroups: 'present',
            packedDot: 'present',
          });
          for (const { op, role, candidates, dims, largest } of specs)
            for (const { version, params, dims: fixed } of candidates) {
              const [entry, found] = [catalog.get(op)?.op, findVersion(op, version)];
              if (!entry || !found) return expect.fail(`${op}/${version}`);
              const prepared = prepare(entry, found, { ...dims(largest), ...fixed }, 'f32', params);
              if (!prepared.ok) return expect.fail(`${role}: ${prepared.error.message}`);
              most = Math.max(most, prepared.value.workgroupBytes);
              expect(prepared.value.workgroupBytes, `${role} ${version}`).toBeLessThanOrEqual(bytes);
            }
        }
    expect(most).toBeGreaterThan(bytes / 2);
  });
});
