// jax-js: matmul, jitted. It asks navigator.gpu for a device; while it does so it is handed ours (which has every limit and
// feature that it asks for), because what is compared must share one device and one clock.

import { assert } from '../../src/core/assert.ts';
import { dimOf } from '../../src/kernels/dims.ts';
import type { Peer } from './contract.ts';

/** Runs `body` while every adapter of this page answers requestDevice with `device`. */
async function lend<T>(device: GPUDevice, body: () => Promise<T>): Promise<T> {
  const { gpu } = navigator;
  const requestAdapter = gpu.requestAdapter.bind(gpu);
  gpu.requestAdapter = async (options) => {
    const adapter = await requestAdapter(options);
    if (adapter) adapter.requestDevice = async () => device;
    return adapter;
  };
  try {
    return await body();
  } finally {
    Reflect.deleteProperty(gpu, 'requestAdapter'); // the prototype's own is back
  }
}

const peer: Peer = {
  id: 'jax',
  package: '@jax-js/jax',
  bundle: ['@jax-js/jax'],
  ops: ['matmul'],
  async open(device) {
    const { init, defaultDevice, getWebGPUDevice, jit, numpy: np } = await import('@jax-js/jax');
    await lend(device, () => init('webgpu'));
    assert(getWebGPUDevice() === device, 'jax-js runs on another device');
    defaultDevice('webgpu');
    const matmul = jit(np.matmul);
    return {
      async solvers({ dims, dtype, inputs }) {
        const [m, n, k] = [dimOf(dims, 'm'), dimOf(dims, 'n'), dimOf(dims, 'k')];
        const { a, b } = inputs;
        assert(a && b, 'matmul has the inputs a and b');
        const array = (values: Float64Array, shape: number[]) => {
          const made = np.array(Float32Array.from(values), { shape, dtype: np.float32 });
          return dtype === 'f16' ? made.astype(np.float16) : made;
        };
        const left = array(a, [m, k]);
        const right = array(b, [k, n]);
        let out: ReturnType<typeof matmul> | undefined;
        return [
          {
            name: 'jit(matmul)',
            async call() {
              out?.dispose();
              out = matmul(left.ref, right.ref);
              await out.ref.gpuBuffer(); // arrays are lazy: this hands the work to the queue and waits for nothing
            },
            async read() {
              assert(out, 'read before the first call');
              return out.ref.data();
            },
            async dispose() {
              out?.dispose();
              left.dispose();
              right.dispose();
            },
          },
        ];
      },
    };
  },
};
export default peer;
