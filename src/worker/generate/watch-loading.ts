// Loading as the page follows it: a source of weights that tells how far it is and ends when asked to.

import { err, failure } from '../../core/result.ts';
import type { ModelConfig } from '../../model/config.ts';
import { matricesOf } from '../../model/tensors.ts';
import type { WeightSource } from '../../model/weights.ts';
import type { GenerateEvent } from './protocol.ts';

/** `source`, watched: an event every 50 ms at most, in cells of all matrices. */
export function watchLoading(
  source: WeightSource,
  config: ModelConfig,
  emit: (event: GenerateEvent) => void,
  stop: () => string | null,
): WeightSource {
  const total = matricesOf(config).reduce((sum, m) => sum + m.rows * m.columns, 0);
  let done = 0;
  let told = 0;
  return {
    ...source,
    fill: async (part) => {
      if (stop())
        return err(failure('bad-checkpoint', 'Loading was cancelled.', 'Nothing was kept; load again.'));
      const now = performance.now();
      if (now - told >= 50) {
        emit({ type: 'loading', done, total, what: part.matrix.key });
        told = now;
      }
      done += part.rows * part.matrix.columns;
      return source.fill(part);
    },
  };
}
