// The roles of a model without a device: which kernels would serve it.

import type { ModelConfig } from '../../../src/model/config.ts';
import type { ModelOptions, RuntimeOptions } from '../../../src/model/contract.ts';
import { storedFormat } from '../../../src/model/formats.ts';
import type { RoleSpec } from '../../../src/model/kernels.ts';
import { rolesOf } from '../../../src/model/roles.ts';
import { headKey, matricesOf } from '../../../src/model/tensors.ts';
import type { ServedBy } from '../../../src/model/versions.ts';
import type { MatrixPart } from '../../../src/model/weights.ts';

/** No role looks at the buffers of its weights. */
const buffers = {} as Pick<MatrixPart, 'cells' | 'scales'>;

export function specsOf(
  config: ModelConfig,
  options: ModelOptions,
  runtime: RuntimeOptions,
  by: ServedBy,
): readonly RoleSpec[] {
  const parts = (key: string): MatrixPart[] =>
    matricesOf(config)
      .filter((matrix) => matrix.key === key)
      .map((matrix) => ({
        ...buffers,
        matrix,
        stored: storedFormat(options.weights, matrix.columns),
        first: 0,
        rows: matrix.rows,
      }));
  return [...rolesOf(config, options, runtime, parts, headKey(config), by).values()];
}
