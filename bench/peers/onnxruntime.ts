// onnxruntime-web, WebGPU execution provider: MatMul on f32, MatMulNBits with 8-bit weights, attention of a decode. It takes our
// device; inputs and output are GPU buffers, so nothing is copied in a call. Its WebAssembly is served from node_modules.

import wasm from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import { assert, at } from '../../src/core/assert.ts';
import { Float16Array } from '../../src/core/float16.ts';
import { readBack } from '../../src/gpu/dispatch.ts';
import { dimOf } from '../../src/kernels/dims.ts';
import { roundTo } from '../../src/kernels/layout.ts';
import type { Dtype, Tolerance } from '../../src/kernels/op.ts';
import type { Peer, PeerSession, Problem, Solver, Unable } from './contract.ts';
import { attentionCalls } from './onnx/attention.ts';
import { type ElementType, modelOf, type OneNode, presentInputs, type TensorInfo } from './onnx/model.ts';

type Ort = typeof import('onnxruntime-web/webgpu');

/** Weights of the model may not pass what one protobuf message holds comfortably. */
const mostModelBytes = 2 ** 28;

type Cells = Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;
const cellBytes: Readonly<Record<ElementType, number>> = {
  float32: 4,
  float16: 2,
  int32: 4,
  int8: 1,
  uint8: 1,
};

const floatType = { f32: 'float32', f16: 'float16' } as const satisfies Record<Dtype, ElementType>;

/** Floats as a buffer of that type holds them. */
const floats = (dtype: Dtype, values: Float64Array): Cells =>
  dtype === 'f16' ? new Uint8Array(new Float16Array(values).buffer) : Float32Array.from(values);

/** A session of a one-node model with its inputs and its output in GPU buffers. `rescale` is applied to what is read. */
async function solverOf(
  ort: Ort,
  device: GPUDevice,
  name: string,
  node: OneNode,
  given: Readonly<Record<string, Cells>>,
  rescale?: (value: number, index: number) => number,
): Promise<Solver> {
  const session = await ort.InferenceSession.create(modelOf(node), {
    executionProviders: [{ name: 'webgpu', device }],
    logSeverityLevel: 3,
  });
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const buffers: GPUBuffer[] = [];
  const tensor = ({ name: label, type, dims }: TensorInfo) => {
    assert(type !== 'int8', `${name}: onnxruntime-web takes no int8 from the GPU, so ${label} cannot be fed`);
    const size = dims.reduce((product, d) => product * d, cellBytes[type]);
    const buffer = device.createBuffer({
      label: `onnxruntime ${label}`,
      size: Math.max(16, Math.ceil(size / 4) * 4),
      usage,
    });
    buffers.push(buffer);
    return { buffer, size, tensor: ort.Tensor.fromGpuBuffer(buffer, { dataType: type, dims }) };
  };
  const feeds = Object.fromEntries(
    presentInputs(node).flatMap((input) => {
      const values = given[input.name];
      if (input.data) return [];
      assert(values, `${name}: no values for ${input.name}`);
      const made = tensor(input);
      device.queue.writeBuffer(made.buffer, 0, values);
      return [[input.name, made.tensor]];
    }),
  );
  const out = tensor(node.output);
  const fetches = { [node.output.name]: out.tensor };
  for (const { name: output, type, dims, with: input } of node.shared ?? []) {
    const buffer = feeds[input]?.gpuBuffer;
    assert(
      buffer && type !== 'int8',
      `${name}: ${output} continues ${input}, which is no input on the device`,
    );
    fetches[output] = ort.Tensor.fromGpuBuffer(buffer, { dataType: type, dims });
  }
  return {
    name,
    async call() {
      await session.run(feeds, fetches);
    },
    async read() {
      const read = await readBack({ device }, out.buffer, out.size);
      const { type } = node.output;
      const values =
        type === 'int32'
          ? new Int32Array(read)
          : type === 'float16'
            ? new Float16Array(read)
            : new Float32Array(read);
      return rescale ? Float32Array.from(values, rescale) : values;
    },
    async dispose() {
      await session.release();
      for (const buffer of buffers) buffer.destroy();
    },
  };
}

function matmul({ dims, dtype, inputs }: Problem): [string, OneNode, Record<string, Cells>] {
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
        { name: 'a', type: floatType[dtype], dims: [m, k] },
        { name: 'b', type: floatType[dtype], dims: [k, n] },
      ],
      output: { name: 'c', type: floatType[dtype], dims: [m, n] },
    },
    { a: floats(dtype, a), b: floats(dtype, b) },
  ];
}

/** Cells that share a scale in MatMulNBits: a power of two from 16. A scale a row is repeated for each block. */
const blockOf = (group: number): number | null =>
  group >= 16 && group <= 256 && Number.isInteger(Math.log2(group)) ? group : null;

/** MatMulNBits over our int8 weights: unsigned with zero point 128, its default. */
function matmulNBits({ dims, dtype, inputs }: Problem, accuracyLevel: 0 | 4): OneNode | null {
  const [m, n, k] = [dimOf(dims, 'm'), dimOf(dims, 'n'), dimOf(dims, 'k')];
  const { w, w_scales } = inputs;
  assert(w && w_scales, 'an int8 matmul has the inputs w and w_scales');
  const groups = w_scales.length / n;
  const block = groups === 1 ? 128 : blockOf(dimOf(dims, 'group'));
  const blocks = block ? Math.ceil(k / block) : 0;
  if (!block || k === 0 || n * blocks * block > mostModelBytes) return null;
  const cells = new Uint8Array(n * blocks * block).fill(128);
  const scales = new Float64Array(n * blocks);
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
      { name: 'a', type: floatType[dtype], dims: [m, k] },
      { name: 'w', type: 'uint8', dims: [n, blocks, block], data: cells },
      {
        name: 'scales',
        type: floatType[dtype],
        dims: [n * blocks],
        data: new Uint8Array(floats(dtype, scales).buffer),
      },
    ],
    output: { name: 'c', type: floatType[dtype], dims: [m, n] },
  };
}

/** It rounds activations to int8 itself, by blocks: half a step of the block's largest, against a mean far below it. */
const int8Activations: Tolerance = {
  relative: 2 ** -6,
  absolute: 1e-37,
  reason:
    'activations rounded to int8 by blocks: at most max|a| / 254 a cell, and max|a| is under four times the mean of |a|',
};

/** MatMulInteger: int8 × int8 to int32, by rows of both. Which device runs it shows in its recording. */
function matmulInteger({ dims, inputs }: Problem): [OneNode, Record<string, Cells>] | null {
  const [m, n, k] = [dimOf(dims, 'm'), dimOf(dims, 'n'), dimOf(dims, 'k')];
  const { a, w, w_scales } = inputs;
  if (!a || !w || w_scales?.length !== n || k % 4 !== 0) return null;
  const right = new Int8Array(k * n);
  for (let row = 0; row < n; row++) for (let t = 0; t < k; t++) right[t * n + row] = at(w, row * k + t);
  return [
    {
      operator: 'MatMulInteger',
      domain: '',
      attributes: {},
      inputs: [
        { name: 'a', type: 'uint8', dims: [m, k] },
        { name: 'w', type: 'int8', dims: [k, n], data: new Uint8Array(right.buffer) },
        { name: 'zero', type: 'uint8', dims: [], data: Uint8Array.of(128) },
      ],
      output: { name: 'c', type: 'int32', dims: [m, n] },
    },
    { a: Uint8Array.from(a, (x) => x + 128) },
  ];
}

/** Float activations: those of matmul_w8, or those of matmul_w8a8 without their quantization. */
function floatActivations(problem: Problem): Problem {
  const { a, a_scales, ...weights } = problem.inputs;
  const k = dimOf(problem.dims, 'k');
  assert(a, 'an int8 matmul has the input a');
  if (!a_scales) return problem;
  const exact = a.map((x, i) => x * at(a_scales, Math.floor(i / k)));
  return { ...problem, op: 'matmul_w8', inputs: { ...weights, a: roundTo(problem.dtype, exact) } };
}

const peer: Peer = {
  id: 'onnxruntime',
  package: 'onnxruntime-web',
  bundle: [],
  ops: ['matmul', 'matmul_w8', 'matmul_w8a8', 'paged_attention'],
  async open(device): Promise<PeerSession> {
    const ort = await import('onnxruntime-web/webgpu');
    ort.env.wasm.numThreads = 1; // threads need headers that static hosts do not send; the GPU's work is the same
    ort.env.wasm.wasmPaths = { wasm };
    return {
      async solvers(problem) {
        if (problem.op === 'matmul') return [await solverOf(ort, device, ...matmul(problem))];
        const solvers: (Solver | Unable)[] = [];
        if (problem.op === 'paged_attention') {
          for (const call of attentionCalls(problem, device.features.has('shader-f16'))) {
            if ('why' in call) {
              solvers.push(call);
              continue;
            }
            const { name, node, given, ...of } = call;
            const cells = Object.entries(given).map(([key, values]) => [key, floats(of.cells, values)]);
            try {
              const solver = await solverOf(ort, device, name, node, Object.fromEntries(cells));
              solvers.push({ ...solver, ...of });
            } catch (error) {
              solvers.push({ name, why: `its session did not open: ${String(error)}` });
            }
          }
          return solvers;
        }
        const floating = floatActivations(problem);
        const given = { a: floats(problem.dtype, floating.inputs['a'] ?? new Float64Array()) };
        const exact = matmulNBits(floating, 0);
        const rounding = matmulNBits(floating, 4);
        if (exact) {
          const solver = await solverOf(ort, device, 'MatMulNBits 8 bit', exact, given);
          solvers.push({ ...solver, solves: floating });
        }
        if (rounding) {
          const solver = await solverOf(ort, device, 'MatMulNBits 8 bit, int8 activations', rounding, given);
          solvers.push({ ...solver, solves: floating, tolerance: int8Activations });
        }
        const { a_scales, w_scales } = problem.inputs;
        const integer = a_scales && w_scales ? matmulInteger(problem) : null;
        if (a_scales && w_scales && integer) {
          const n = dimOf(problem.dims, 'n');
          const scale = (sum: number, i: number): number =>
            sum * at(a_scales, Math.floor(i / n)) * at(w_scales, i % n);
          solvers.push(await solverOf(ort, device, 'MatMulInteger', ...integer, scale));
        }
        return solvers;
      },
    };
  },
};
export default peer;
