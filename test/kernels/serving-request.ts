// The comparison that the serving tests ask a worker for, and vary.

import type { Request } from '../../src/engine/request.ts';
import type { Limits } from '../../src/engine/view.ts';
import { presets } from '../../src/model/presets.ts';
import type { ServedModel, ServeRequest } from '../../src/worker/serving/protocol.ts';

export const limits: Limits = { pages: 512, pageSize: 16, window: 256, vocabulary: presets.nano.vocab };
const model: ServedModel = {
  config: presets.nano,
  options: { weights: 'f32', kv: 'f32', kernels: 'auto' },
  seed: 1,
};
export const requests = (count: number, output: number): Request[] =>
  Array.from({ length: count }, (_, id) => ({
    id,
    arrival: 0,
    prompt: [{ seed: id + 1, length: 8 }],
    maxTokens: output,
    endsAfter: output,
  }));
/** Eight requests of 24 tokens on nano, static beside continuous batching, forty turns. */
export const comparison = (rest: Partial<ServeRequest> = {}): ServeRequest => ({
  model,
  limits,
  contenders: [
    { label: 'static', strategy: 'static', knobs: {} },
    { label: 'continuous', strategy: 'continuous', knobs: {} },
  ],
  requests: requests(8, 24),
  workload: { id: 'test', knobs: {} },
  lookahead: 0,
  repeats: 40,
  seed: 1,
  ...rest,
});
