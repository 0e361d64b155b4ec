// Which kernel versions this device can run, and what the others lack, by name.

import type { KernelVersion } from '../kernels/catalog.ts';
import type { Need } from '../kernels/header.ts';
import type { Dtype } from '../kernels/op.ts';

/** The needs of `version` at `dtype` that the device lacks; empty when it can run. */
export function missing(device: GPUDevice, version: Pick<KernelVersion, 'needs'>, dtype: Dtype): Need[] {
  const all = new Set<Need>(version.needs);
  if (dtype === 'f16') all.add('shader-f16');
  return [...all].filter((need) =>
    need === 'packed_4x8_integer_dot_product'
      ? !navigator.gpu.wgslLanguageFeatures.has(need)
      : !device.features.has(need),
  );
}
