// The kernel that CONTRIBUTING.md shows is a real one: its text passes the contract of matmul.

import { expect, it } from 'vitest';
import guide from '../../CONTRIBUTING.md?raw';
import { unwrap } from '../../src/core/result.ts';
import { runOnce } from '../../src/gpu/dispatch.ts';
import { catalog, type KernelVersion } from '../../src/kernels/catalog.ts';
import { parseHeader } from '../../src/kernels/header.ts';
import { prepare } from '../../src/kernels/prepare.ts';
import { reflect } from '../../src/kernels/reflect.ts';
import { verify } from '../../src/kernels/verify.ts';
import { testGpu } from './gpu.ts';

it('the example version of CONTRIBUTING.md is right on every shape of matmul', async () => {
  const { gpu, pipelines } = await testGpu();
  const source = /```wgsl\n([\s\S]*?)```/.exec(guide)?.[1] ?? '';
  const header = unwrap(parseHeader('CONTRIBUTING.md', source));
  const op = catalog.get('matmul')?.op;
  if (!op) throw new Error('no matmul');
  const version: KernelVersion = {
    ...header,
    op: 'matmul',
    id: 'example',
    path: 'CONTRIBUTING.md',
    source,
    reflection: reflect(source),
  };
  for (const [i, { dims, fill }] of op.shapes.test.entries()) {
    const inputs = op.inputs(dims, fill, 'f32', i);
    const got = unwrap(await runOnce(gpu, pipelines, unwrap(prepare(op, version, dims, 'f32')), inputs));
    const want = op.reference(inputs, dims)['c'];
    if (!want || !got['c']) throw new Error('no output');
    expect(verify(got['c'], want, op.tolerance(dims, 'f32')).verified, JSON.stringify(dims)).toBe(true);
  }
});
