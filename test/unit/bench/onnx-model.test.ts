// The ONNX writer, checked by the runtime that reads it: a product through onnxruntime's WebAssembly, in Node.

import * as ort from 'onnxruntime-web';
import { expect, it } from 'vitest';
import { modelOf } from '../../../bench/peers/onnx/model.ts';

const run = async (model: Uint8Array, feeds: Record<string, ort.Tensor>): Promise<ort.Tensor> => {
  const session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'] });
  const out = await session.run(feeds);
  await session.release();
  const { c } = out;
  if (!c) throw new Error('no output c');
  return c;
};

it('writes a MatMul that onnxruntime runs', async () => {
  const model = modelOf({
    operator: 'MatMul',
    domain: '',
    attributes: {},
    inputs: [
      { name: 'a', type: 'float32', dims: [2, 3] },
      { name: 'b', type: 'float32', dims: [3, 2] },
    ],
    output: { name: 'c', type: 'float32', dims: [2, 2] },
  });
  const c = await run(model, {
    a: new ort.Tensor('float32', [1, 2, 3, 4, 5, 6], [2, 3]),
    b: new ort.Tensor('float32', [7, 8, 9, 10, 11, 12], [3, 2]),
  });
  expect([...(c.data as Float32Array)]).toEqual([58, 64, 139, 154]);
});

it('writes constants, attributes and other domains: MatMulNBits over more than 127 cells', async () => {
  const [k, n, block] = [160, 2, 32];
  const w = new Uint8Array(n * k).map((_, i) => 128 + ((i * 7) % 19) - 9);
  const scales = new Float32Array((n * k) / block).map((_, i) => 0.5 + i / 8);
  const a = new Float32Array(k).map((_, i) => (i % 5) - 2);
  const model = modelOf({
    operator: 'MatMulNBits',
    domain: 'com.microsoft',
    attributes: { K: k, N: n, bits: 8, block_size: block, accuracy_level: 0 },
    inputs: [
      { name: 'a', type: 'float32', dims: [1, k] },
      { name: 'w', type: 'uint8', dims: [n, k / block, block], data: w },
      { name: 'scales', type: 'float32', dims: [scales.length], data: new Uint8Array(scales.buffer) },
    ],
    output: { name: 'c', type: 'float32', dims: [1, n] },
  });
  const c = await run(model, { a: new ort.Tensor('float32', a, [1, k]) });
  const want = Array.from({ length: n }, (_, row) =>
    a.reduce((sum, x, t) => {
      const cell = row * k + t;
      return sum + x * ((w[cell] ?? 0) - 128) * (scales[Math.floor(cell / block)] ?? 0);
    }, 0),
  );
  const got = [...(c.data as Float32Array)];
  got.forEach((x, i) => {
    expect(x).toBeCloseTo(want[i] ?? Number.NaN, 3);
  });
});
