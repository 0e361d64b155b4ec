// Loading as the page follows it: a source of weights that tells how far it is.

import { ok } from '../../core/result.ts';
import type { ModelConfig } from '../../model/config.ts';
import { matricesOf } from '../../model/tensors.ts';
import type { WeightSource } from '../../model/weights.ts';
import type { GenerateEvent } from './protocol.ts';

/** `source`, watched: an event every 50 ms at most, in cells of all matrices. */
export function watchLoading(
  source: WeightSource,
  config: ModelConfig,
  emit: (event: GenerateEvent) => void,
): WeightSource {
  const total = matricesOf(config).reduce((sum, m) => sum + m.rows * m.columns, 0);
  let done = 0;
  let told = 0;
  const tell = (what: string): void => {
    const now = performance.now();
    if (now - told < 50) return;
    emit({ type: 'loading', done, total, what });
    told = now;
  };
  return {
    ...source,
    async fill(part, written) {
      const { columns } = part.matrix;
      const key = `weights: ${part.matrix.key}`;
      tell(key);
      const whole = done + part.rows * columns;
      const filled = await source.fill(part, (rows) => {
        done += rows * columns;
        tell(key);
        return written?.(rows) ?? ok(true);
      });
      done = whole; // not every source tells of rows
      // the last thing before the first step, and on a slow device the longest
      if (filled.ok && done >= total) emit({ type: 'loading', done, total, what: 'compiling kernels' });
      return filled;
    },
    vector(vector) {
      tell(`weights: ${vector.key}`);
      return source.vector(vector);
    },
  };
}
