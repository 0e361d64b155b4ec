// onnxruntime-web, WebGPU execution provider: MatMul on f32, MatMulNBits with 8-bit weights. It takes our device; inputs and
// output are GPU buffers, so nothing is copied in a call. Its WebAssembly is served from node_modules.

import wasm from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import { assert, at } from '../../src/core/assert.ts';
import { readBack } from '../../src/gpu/dispatch.ts';
import { dimOf } from '../../src/kernels/dims.ts';
import type { Tolerance } from '../../src/kernels/op.ts';
import type { Peer, PeerSession, Problem, Solver } from './contract.ts';
import { modelOf, type OneNode } from './onnx/model.ts';

type Ort = typeof import('onnxruntime-web/webgpu');

/** Weights of the model may not pass what one protobuf message holds comfortably. */
const mostModelBytes = 2 ** 28;

async function solverOf(
  ort: Ort,
  device: GPUDevice,
  name: string,
  node: OneNode,
  given: Readonly<Record<string, Float32Array<ArrayBuffer>>>,
): Promise<Solver> {
  const session = await ort.InferenceSession.create(modelOf(node), {
    executionProviders: [{ name: 'webgpu', device }],
    logSeverityLevel: 3,
  });
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const buffers: GPUBuffer[] = [];
  const tensor = (label: string, size: number, dims: readonly number[]) => {
    const buffer = device.createBuffer({ label: `onnxruntime ${label}`, size: Math.max(16, size), usage });
    buffers.push(buffer);
    return { buffer, tensor: ort.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims }) };
  };
  const feeds = Object.fromEntries(
    node.inputs.flatMap(({ name: input, dims, data }) => {
      const values = given[input];
      if (data) return [];
      assert(values, `${name}: no values for ${input}`);
      const made = tensor(input, values.byteLength, dims);
      device.queue.writeBuffer(made.buffer, 0, values);
      return [[input, made.tensor]];
    }),
  );
  const cells = node.output.dims.reduce((product, d) => product * d, 1);
  const out = tensor('output', cells * 4, node.output.dims);
  return {
    name,
    async call() {
      await session.run(feeds, { [node.output.name]: out.tensor });
    },
    read: async () => new Float32Array(await readBack({ device }, out.buffer, cells * 4)),
    async dispose() {
      await session.release();
      for (const buffer of buffers) buffer.destroy();
    },
  };
}

function matmul({ dims, inputs }: Problem): [string, OneNode, Record<string, Float32Array<ArrayBuffer>>] {
  const [m, n, k] = [dimOf(dims, 'm'), dimOf(dims, 'n'), dimOf(dims, 'k')];
  const { a, b } = inputs;
  assert(a && b, 'matmul has the inputs a and b');
  return [
    'MatMul',
    {
      operator: 'MatMul',
      domain: '',
      attributes: {},
      inputs: [
        { name: 'a', type: 'float32', dims: [m, k] },
        { name: 'b', type: 'float32', dims: [k, n] },
      ],
      output: { name: 'c', type: 'float32', dims: [m, n] },
    },
    { a: Float32Array.from(a), b: Float32Array.from(b) },
  ];
}

/** Cells that share a scale in MatMulNBits: a power of two from 16. A scale a row is repeated for each block. */
const blockOf = (group: number): number | null =>
  group >= 16 && group <= 256 && Number.isInteger(Math.log2(group)) ? group : null;

/** MatMulNBits over our int8 weights: unsigned with zero point 128, its default. */
function matmulNBits({ dims, inputs }: Problem, accuracyLevel: 0 | 4): OneNode | null {
  const [m, n, k] = [dimOf(dims, 'm'), dimOf(dims, 'n'), dimOf(dims, 'k')];
  const { w, w_scales } = inputs;
  assert(w && w_scales, 'an int8 matmul has the inputs w and w_scales');
  const groups = w_scales.length / n;
  const block = groups === 1 ? 128 : blockOf(dimOf(dims, 'group'));
  const blocks = block ? Math.ceil(k / block) : 0;
  if (!block || k === 0 || n * blocks * block > mostModelBytes) return null;
  const cells = new Uint8Array(n * blocks * block).fill(128);
  const scales = new Float32Array(n * blocks);
  for (let row = 0; row < n; row++) {
    for (let t = 0; t < k; t++) cells[row * blocks * block + t] = at(w, row * k + t) + 128;
    for (let g = 0; g < blocks; g++)
      scales[row * blocks + g] = at(w_scales, row * groups + (groups === 1 ? 0 : g));
  }
  return {
    operator: 'MatMulNBits',
    domain: 'com.microsoft',
    attributes: { K: k, N: n, bits: 8, block_size: block, accuracy_level: accuracyLevel },
    inputs: [
      { name: 'a', type: 'float32', dims: [m, k] },
      { name: 'w', type: 'uint8', dims: [n, blocks, block], data: cells },
      { name: 'scales', type: 'float32', dims: [n * blocks], data: new Uint8Array(scales.buffer) },
    ],
    output: { name: 'c', type: 'float32', dims: [m, n] },
  };
}

/** It rounds activations to int8 itself, by blocks: half a step of the block's largest, against a mean far below it. */
const int8Activations: Tolerance = {
  relative: 2 ** -6,
  absolute: 1e-37,
  reason:
    'activations rounded to int8 by blocks: at most max|a| / 254 a cell, and max|a| is under four times the mean of |a|',
};

/** Float activations: those of matmul_w8, or those of matmul_w8a8 without their quantization. */
function floatActivations(problem: Problem): Problem {
  const { a, a_scales, ...weights } = problem.inputs;
  const k = dimOf(problem.dims, 'k');
  assert(a, 'an int8 matmul has the input a');
  if (!a_scales) return problem;
  const floats = a.map((x, i) => Math.fround(x * at(a_scales, Math.floor(i / k))));
  return { op: 'matmul_w8', dims: problem.dims, inputs: { ...weights, a: floats } };
}

const peer: Peer = {
  id: 'onnxruntime',
  package: 'onnxruntime-web',
  bundle: [],
  ops: ['matmul', 'matmul_w8', 'matmul_w8a8'],
  async open(device): Promise<PeerSession> {
    const ort = await import('onnxruntime-web/webgpu');
    ort.env.wasm.numThreads = 1; // threads need headers that static hosts do not send; the GPU's work is the same
    ort.env.wasm.wasmPaths = { wasm };
    return {
      async solvers(problem) {
        if (problem.op === 'matmul') return [await solverOf(ort, device, ...matmul(problem))];
        const solvers: Solver[] = [];
        const floats = floatActivations(problem);
        const given = { a: Float32Array.from(floats.inputs['a'] ?? []) };
        const exact = matmulNBits(floats, 0);
        const rounding = matmulNBits(floats, 4);
        if (exact) {
          const solver = await solverOf(ort, device, 'MatMulNBits 8 bit', exact, given);
          solvers.push({ ...solver, solves: floats });
        }
        if (rounding) {
          const solver = await solverOf(ort, device, 'MatMulNBits 8 bit, int8 activations', rounding, given);
          solvers.push({ ...solver, solves: floats, tolerance: int8Activations });
        }
        return solvers;
      },
    };
  },
};
export default peer;
