// What a device cannot run is refused by name before the driver sees it.

import { expect, it } from 'vitest';
import { unwrap } from '../../src/core/result.ts';
import { compile } from '../../src/gpu/dispatch.ts';
import { catalog } from '../../src/kernels/catalog.ts';
import { prepare } from '../../src/kernels/prepare.ts';
import { testGpu } from './gpu.ts';

const { gpu, pipelines } = await testGpu();

it('refuses tiles that need more workgroup memory than the device has, and says how much', async () => {
  const entry = catalog.get('matmul');
  const version = entry?.versions.find((v) => v.id === '05_transposed_8x8');
  if (!entry || !version)
    throw new Error('matmul/05_transposed_8x8 is gone: choose another tiled version here.');
  const prepared = unwrap(prepare(entry.op, version, entry.op.shapes.step, 'f32'));
  expect(prepared.workgroupBytes).toBe(16384);
  const most = gpu.device.limits.maxComputeWorkgroupStorageSize;
  const code = `${prepared.code}\n// larger tiles`; // pipelines are cached by their code
  const refused = await compile(pipelines, { ...prepared, code, workgroupBytes: most + 1 });
  expect(!refused.ok && refused.error.message).toBe(
    `${prepared.label} takes ${most + 1} bytes of workgroup memory; this device has ${most}.`,
  );
  expect((await compile(pipelines, prepared)).ok).toBe(true);
});
