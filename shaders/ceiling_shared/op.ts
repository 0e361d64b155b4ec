// ceiling_shared: the most that a workgroup reads from its own memory in a second.

import { dimOf } from '../../src/kernels/dims.ts';
import type { Op } from '../../src/kernels/op.ts';

const op: Op = {
  id: 'ceiling_shared',
  title: 'Workgroup-memory bandwidth',
  about:
    'Every invocation sums `steps` vec4u of a 4 KiB tile, neighbours reading neighbours: no bank conflicts.',
  purpose: 'ceiling',
  dims: { lanes: 'invocations, a multiple of 256', steps: 'loads of each invocation, a multiple of 4' },
  dtypes: ['f32'],
  tensors: { y: { role: 'out', cells: 'u32', shape: ['lanes'], about: 'sum of what it read' } },
  cellMap: [],
  flops: '4 * steps * lanes',
  shapes: {
    test: [{ dims: { lanes: 512, steps: 16 }, fill: 'zeros' }],
    bench: {},
    quick: [],
    step: { lanes: 256, steps: 4 },
  },
  inputs: () => ({}),
  reference: (_, dims, rows) => {
    const steps = dimOf(dims, 'steps');
    const picked = rows ?? Array.from({ length: dimOf(dims, 'lanes') }, (_lane, i) => i);
    // tile[i] = vec4(i, i + 1, i + 2, i + 3); load s of lane l is tile[(l + s) % 256]
    const value = Float64Array.from(picked, (lane) => {
      let sum = 0;
      for (let s = 0; s < steps; s++) sum += 4 * ((lane + s) % 256) + 6;
      return sum;
    });
    return { y: { value, magnitude: value } };
  },
  tolerance: () => ({ relative: 0, absolute: 0, reason: 'integers, exact' }),
};
export default op;
