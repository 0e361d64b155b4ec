// Turns a trace file into a workload: recognises the format, reads it, scales lengths and time, and says
// what it changed.

import { err, type Failure, failure, ok, type Result } from '../../core/result.ts';
import type { Limits } from '../../engine/view.ts';
import { fitShapes, toRequests } from '../blocks/fit.ts';
import type { Generated } from '../contract.ts';
import type { Importer } from './contract.ts';
import { csvImporters } from './csv.ts';
import { mooncakeImporter } from './mooncake.ts';
import { sharegptImporter } from './sharegpt.ts';

export const importers: readonly Importer[] = [...csvImporters, mooncakeImporter, sharegptImporter];

export interface TraceOptions {
  readonly limits: Limits;
  /** Take only the first so many requests; 0 takes all. */
  readonly first: number;
  /** Factor on all lengths; 0 chooses one that fits (blocks/fit.ts). */
  readonly scale: number;
  /** Times are divided by this: 2 plays the trace twice as fast. */
  readonly speed: number;
  /** Spread stamps that were quantized. */
  readonly spread: boolean;
  readonly limit: 'exact' | 'window';
}

export function importTrace(text: string, options: TraceOptions): Result<Generated, Failure> {
  const head = text.slice(0, 4096);
  const importer = importers.find((candidate) => candidate.recognise(head));
  if (!importer)
    return err(
      failure(
        'unknown-format',
        'The file is none of the traces that can be read.',
        `Known formats: ${importers.map((i) => i.title).join(', ')}.`,
      ),
    );
  const read = importer.read(text, { spread: options.spread });
  if (!read.ok) return read;
  const { rows, notes } = read.value;
  const taken = options.first > 0 ? rows.slice(0, options.first) : rows;
  const sorted = [...taken].sort((a, b) => a.time - b.time);
  const fitted = fitShapes(sorted, options.scale, options.limits);
  const times = sorted.map((row) => row.time / options.speed);
  return ok({
    requests: toRequests(fitted.shapes, times, options.limits, options.limit),
    notes: [
      `${importer.title}: ${taken.length} of ${rows.length} requests.`,
      ...notes,
      ...fitted.notes,
      ...(options.speed === 1 ? [] : [`Time is played ${options.speed} times as fast.`]),
    ],
  });
}
