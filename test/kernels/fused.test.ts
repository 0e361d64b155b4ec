// An op that says it gives the bits of two others, one after the other, is held to that on every test shape: a model may
// then take either and its tokens stay what they are.

import { describe, expect, it } from 'vitest';
import { assert } from '../../src/core/assert.ts';
import { explain, unwrap } from '../../src/core/result.ts';
import { runOnce } from '../../src/gpu/dispatch.ts';
import { catalog } from '../../src/kernels/catalog.ts';
import type { Dims, Values } from '../../src/kernels/op.ts';
import { prepare } from '../../src/kernels/prepare.ts';
import { testGpu } from './gpu.ts';

const { gpu, pipelines } = await testGpu();

async function outputs(id: string, version: string, dims: Dims, inputs: Values): Promise<Values> {
  const entry = catalog.get(id);
  const found = entry?.versions.find((v) => v.id === version);
  assert(entry && found, `there is ${id}/${version}`);
  const run = await runOnce(gpu, pipelines, unwrap(prepare(entry.op, found, dims, 'f32')), inputs);
  if (!run.ok) throw new Error(explain(run.error));
  return run.value;
}

const rounding = (m: number, k: number): Dims => ({ m, k, group: k, groups: 1 });

/** The outputs of a fused op as two plain ones make them. rope_kv_append has a test of its own, kv-values.test.ts. */
type Pair = (dims: Dims, inputs: Values) => Promise<Values>;

/** A plain op that leaves y, then quantize_rows. */
const thenQuantize =
  (id: string, version: string): Pair =>
  async (dims, inputs) => {
    const { y, ...others } = await outputs(id, version, dims, inputs);
    assert(y, `${id} leaves y`);
    const { m = 0, n = 0 } = dims;
    return {
      ...others,
      ...(await outputs('quantize_rows', '01_group_per_invocation', rounding(m, n), { x: y })),
    };
  };

const pairs: Readonly<Record<string, Pair>> = {
  rms_norm_quantize: thenQuantize('rms_norm', '02_workgroup'),
  rms_norm_residual_quantize: thenQuantize('rms_norm_residual', '01_workgroup'),
  silu_mul_quantize: thenQuantize('silu_mul', '01_vec4'),
  rms_norm_residual: async (dims, { x = new Float64Array(), residual = new Float64Array(), ...inputs }) => {
    const sum = await outputs('residual_add', '01_vec4', dims, { x, residual });
    assert(sum['x'], 'residual_add leaves x');
    return { ...sum, ...(await outputs('rms_norm', '02_workgroup', dims, { x: sum['x'], ...inputs })) };
  },
  linear_a8: async (dims, { x = new Float64Array(), x_scales = new Float64Array(), ...inputs }) => {
    const { m = 0, n = 0, k = 0 } = dims;
    const rounded = await outputs('dequantize_rows', '01_cell', rounding(m, k), { q: x, scales: x_scales });
    const whole = { ...dims, y_n: n, y_0: 0, group: k, groups: 1 };
    return outputs('linear', '01_naive', whole, { ...inputs, ...rounded, scales: new Float64Array(n) });
  },
};

for (const [id, pair] of Object.entries(pairs)) {
  const { op, versions } = catalog.get(id) ?? { op: null, versions: [] };
  describe(`${id} gives the bits of the two ops that it replaces`, () => {
    it.each(versions.map((version) => version.id))('%s', async (version) => {
      assert(op, `there is ${id}`);
      for (const [index, { dims, fill }] of op.shapes.test.entries()) {
        const inputs = op.inputs(dims, fill, 'f32', 500 + index);
        const want = await pair(dims, inputs);
        const got = await outputs(id, version, dims, inputs);
        expect(Object.keys(got).sort()).toEqual(Object.keys(want).sort());
        for (const [name, cells] of Object.entries(want)) {
          const differs = cells.findIndex((cell, i) => !Object.is(cell, got[name]?.[i]));
          expect(differs, `first differing cell of ${name} at ${JSON.stringify(dims)} ${fill}`).toBe(-1);
        }
      }
    });
  });
}
