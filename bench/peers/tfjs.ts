// TensorFlow.js, WebGPU backend: matMul. Its backend takes our device.

import { assert } from '../../src/core/assert.ts';
import { readBack } from '../../src/gpu/dispatch.ts';
import { dimOf } from '../../src/kernels/dims.ts';
import type { Peer } from './contract.ts';

const peer: Peer = {
  id: 'tfjs',
  package: '@tensorflow/tfjs-backend-webgpu',
  bundle: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-webgpu'],
  ops: ['matmul'],
  async open(device) {
    const tf = await import('@tensorflow/tfjs-core');
    const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu');
    tf.removeBackend('webgpu');
    tf.registerBackend('webgpu', () => new WebGPUBackend(device, device.adapterInfo));
    await tf.setBackend('webgpu');
    await tf.ready();
    // it collects 15 dispatches before it submits; a call that is waited for must be submitted at once
    tf.env().set('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE', 1);
    return {
      async solvers({ dims, dtype, inputs }) {
        if (dtype !== 'f32') return []; // it has no f16 tensors
        const [m, n, k] = [dimOf(dims, 'm'), dimOf(dims, 'n'), dimOf(dims, 'k')];
        const { a, b } = inputs;
        assert(a && b, 'matmul has the inputs a and b');
        const left = tf.tensor2d(Float32Array.from(a), [m, k]);
        const right = tf.tensor2d(Float32Array.from(b), [k, n]);
        let out: ReturnType<typeof tf.matMul> | undefined;
        return [
          {
            name: 'matMul',
            async call() {
              out?.dispose();
              out = tf.matMul(left, right);
            },
            async read() {
              assert(out, 'read before the first call');
              // data() keeps a copy on the CPU and would answer from it the next time
              const copy = out.dataToGPU();
              assert(copy.buffer, 'the output is not on the device');
              const values = await readBack({ device }, copy.buffer, m * n * 4);
              copy.tensorRef.dispose();
              return new Float32Array(values);
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
