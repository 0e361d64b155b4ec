// The device that the kernel tests share.

import { unwrap } from '../../src/core/result.ts';
import { type Gpu, openGpu } from '../../src/gpu/device.ts';
import { Pipelines } from '../../src/gpu/pipelines.ts';

let shared: Promise<{ gpu: Gpu; pipelines: Pipelines }> | undefined;

export function testGpu(): Promise<{ gpu: Gpu; pipelines: Pipelines }> {
  shared ??= openGpu({ want: 'auto' }).then((opened) => {
    const gpu = unwrap(opened);
    return { gpu, pipelines: new Pipelines(gpu.device) };
  });
  return shared;
}
