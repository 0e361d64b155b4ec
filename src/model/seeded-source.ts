// The source of weights that are made on the GPU from a seed: no download, and a host twin in seeded.ts.

import { assert } from '../core/assert.ts';
import { ok, type Result, unwrap } from '../core/result.ts';
import type { Gpu } from '../gpu/device.ts';
import { bind, compile } from '../gpu/dispatch.ts';
import type { Pipelines } from '../gpu/pipelines.ts';
import { Scope } from '../gpu/scope.ts';
import { catalog } from '../kernels/catalog.ts';
import { prepare } from '../kernels/prepare.ts';
import { limitOf, seededVector, streamOf } from './seeded.ts';
import type { SourceFailure, WeightSource } from './weights.ts';

/** Weights of any config from `seed`. */
export function seededSource(gpu: Gpu, pipelines: Pipelines, seed: number): WeightSource {
  const entry = catalog.get('seeded_weights');
  const version = entry?.versions[0];
  assert(entry && version, 'shaders/seeded_weights has a version');
  return {
    name: `seed ${seed}`,
    check: async () => ok(true),
    vector: async (vector) => ok(seededVector(seed, vector)),
    async fill(part): Promise<Result<true, SourceFailure>> {
      const { matrix, stored, first, rows } = part;
      const prepared = prepare(
        entry.op,
        version,
        {
          ...stored,
          rows,
          columns: matrix.columns,
          first,
          stream: streamOf(seed, matrix.key),
          limit: limitOf(matrix.columns),
        },
        'f32',
      );
      const made = await compile(pipelines, unwrap(prepared));
      if (!made.ok) return made;
      return Scope.with(gpu, `seed ${matrix.key}`, async (scope) => {
        const uniform = unwrap(scope.uniform('uniform', made.value.prepared.uniform));
        const encoder = gpu.device.createCommandEncoder({ label: scope.label });
        const pass = encoder.beginComputePass({ label: scope.label });
        bind(gpu.device, made.value, { w: part.cells, scales: part.scales }, uniform).encode(pass);
        pass.end();
        gpu.device.queue.submit([encoder.finish()]);
        return ok(true);
      });
    },
  };
}
