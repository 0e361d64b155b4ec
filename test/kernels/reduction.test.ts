// Versions that claim one reduction id must agree bit for bit, whatever their tiles. ops.test.ts asks that of their default
// parameters; here they have all that a model's roles give them, on every shape of the op.

import { describe, expect, it } from 'vitest';
import { explain, unwrap } from '../../src/core/result.ts';
import { runOnce } from '../../src/gpu/dispatch.ts';
import { missing } from '../../src/gpu/support.ts';
import { catalog, type KernelVersion } from '../../src/kernels/catalog.ts';
import type { Dtype, Op, Values } from '../../src/kernels/op.ts';
import { prepare } from '../../src/kernels/prepare.ts';
import type { ParamValues } from '../../src/kernels/specialize.ts';
import { numericsModes } from '../../src/model/numerics.ts';
import { presets } from '../../src/model/presets.ts';
import { specsOf } from '../unit/model/roles-of.ts';
import { firstDifference } from './bits.ts';
import { testGpu } from './gpu.ts';

const { gpu, pipelines } = await testGpu();

/** Parameters that a model may give a version, over widths, vocabularies and ways of choosing, by `op/version`. */
function usedParams(): ReadonlyMap<string, ReadonlyMap<string, ParamValues>> {
  const used = new Map<string, Map<string, ParamValues>>();
  const runtime = {
    pages: 64,
    pageSize: 16,
    rows: 8,
    window: 1024,
    maxTokens: 64,
    maxLogits: 8,
    sampleSlots: 16,
    inFlight: 2,
  };
  const configs = [32, 64, 128, 256, 512, 1024, 4096].flatMap((hidden) =>
    [512, 32000].map((vocab) => ({ ...presets.nano, hidden, vocab })),
  );
  for (const config of [...configs, presets['SmolLM2-135M'], presets['Llama-3.2-1B']])
    for (const adapter of ['gpu', 'cpu'] as const)
      for (const numerics of numericsModes)
        for (const activations of ['f32', 'i8'] as const) {
          const options = { weights: 'i8-row', kv: 'f32', kernels: 'auto', activations } as const;
          const all = (['small', 'large'] as const).flatMap((workgroupMemory) =>
            specsOf(config, options, runtime, {
              ...{ adapter, numerics, workgroupMemory },
              ...{ subgroups: 'present', packedDot: 'present' },
            }),
          );
          for (const { op, candidates } of all)
            for (const { version, params } of candidates) {
              if (!params) continue;
              const key = `${op}/${version}`;
              const known = used.get(key) ?? new Map<string, ParamValues>();
              const name = Object.entries(params).map(([param, value]) => `${param} ${value}`);
              used.set(key, known.set(name.sort().join(' '), params));
            }
        }
  return used;
}

const used = usedParams();

/** The outputs of one version on every test shape of its op. */
async function outputsOf(
  op: Op,
  version: KernelVersion,
  dtype: Dtype,
  params: ParamValues,
): Promise<Values[]> {
  const all: Values[] = [];
  for (const [index, { dims, fill }] of op.shapes.test.entries()) {
    const prepared = unwrap(prepare(op, version, dims, dtype, params));
    const run = await runOnce(gpu, pipelines, prepared, op.inputs(dims, fill, dtype, 300 + index));
    if (!run.ok) throw new Error(explain(run.error));
    all.push(run.value);
  }
  return all;
}

describe('parameters that roles give', () => {
  it('are found, and are of versions that are compared below', () => {
    const names = (key: string): string[] => [...(used.get(key)?.keys() ?? [])];
    expect(names('linear/03_few_rows')).toHaveLength(6);
    const rows = (lanes: number, columns: number) => `COLUMNS ${columns} LANES ${lanes} SEGMENTS ${lanes}`;
    expect(names('linear/09_segment_row').sort()).toEqual(
      [rows(32, 4), rows(32, 16), rows(64, 4), rows(64, 16), rows(128, 4)].sort(),
    );
    expect(names('linear/10_columns')).toHaveLength(4);
    expect(names('sample/01_bisection')).toEqual(['LANES 64', 'LANES 256']);
    for (const key of used.keys()) {
      const version = [...catalog.values()]
        .flatMap((entry) => entry.versions)
        .find((v) => `${v.op}/${v.id}` === key);
      expect(version?.reduction, key).not.toBe('none');
    }
  });
});

for (const { op, versions } of catalog.values()) {
  const ids = [...new Set(versions.map((v) => v.reduction))].filter((id) => id !== 'none');
  for (const id of ids) {
    for (const dtype of op.dtypes) {
      const claims = versions.filter((v) => v.reduction === id && v.dtypes.includes(dtype));
      const able = claims.filter((v) => missing(gpu.device, v, dtype).length === 0);
      const [first] = able;
      const others = claims.flatMap((version) =>
        [...(used.get(`${op.id}/${version.id}`) ?? [])].map(([values, params]) => ({
          version,
          name: `${version.id} with ${values}`,
          params,
        })),
      );
      if (others.length === 0) continue;
      let want: Promise<Values[]> | undefined;
      describe(`${op.id} ${id} ${dtype}`, () => {
        for (const { version, name, params } of others) {
          const runs = first !== undefined && able.includes(version);
          it.skipIf(!runs)(
            `${name} = ${first?.id ?? claims[0]?.id}${runs ? '' : ` (needs ${missing(gpu.device, version, dtype).join(', ')})`}`,
            async () => {
              if (!first) return;
              want ??= outputsOf(op, first, dtype, {});
              const got = await outputsOf(op, version, dtype, params);
              const differs = firstDifference(got, await want);
              expect(differs, JSON.stringify(op.shapes.test[differs?.shape ?? 0])).toBeNull();
            },
          );
        }
      });
    }
  }
}
