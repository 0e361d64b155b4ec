// Loading as the page follows it: a source of weights that tells how far it is and ends when asked to.

import { err, ok, type Result } from '../../core/result.ts';
import type { ModelConfig } from '../../model/config.ts';
import { type Cancelled, cancelled, type Stop } from '../../model/stopped.ts';
import { matricesOf } from '../../model/tensors.ts';
import type { WeightSource } from '../../model/weights.ts';
import type { GenerateEvent } from './protocol.ts';

/** `source`, watched: an event every 50 ms at most, in cells of all matrices. */
export function watchLoading(
  source: WeightSource,
  config: ModelConfig,
  emit: (event: GenerateEvent) => void,
  stop: Stop,
): WeightSource {
  const total = matricesOf(config).reduce((sum, m) => sum + m.rows * m.columns, 0);
  let done = 0;
  let told = 0;
  const next = (what: string): Result<true, Cancelled> => {
    if (stop()) return err(cancelled('Loading'));
    const now = performance.now();
    if (now - told >= 50) {
      emit({ type: 'loading', done, total, what });
      told = now;
    }
    return ok(true);
  };
  return {
    ...source,
    async fill(part) {
      const { columns } = part.matrix;
      const key = `weights: ${part.matrix.key}`;
      const on = next(key);
      if (!on.ok) return on;
      const whole = done + part.rows * columns;
      const filled = await source.fill(part, (rows) => {
        done += rows * columns;
        return next(key);
      });
      done = whole; // not every source tells of rows
      // the last thing before the first step, and on a slow device the longest
      if (filled.ok && done >= total) emit({ type: 'loading', done, total, what: 'compiling kernels' });
      return filled;
    },
    async vector(vector) {
      const on = next(`weights: ${vector.key}`);
      return on.ok ? source.vector(vector) : on;
    },
  };
}
