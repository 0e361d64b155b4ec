// The Mooncake traces: one JSON object a line, prompts as hashes of 512-token blocks (the last may be
// partial), times in milliseconds and, in the conversation trace, rounded to 3 s.

import { type Failure, ok, type Result } from '../../core/result.ts';
import type { PromptPart } from '../../engine/request.ts';
import {
  badLine,
  count,
  type Imported,
  type Importer,
  type ImportOptions,
  linesOf,
  type TraceRow,
} from './contract.ts';

const BLOCK = 512;
const NAME = 'Mooncake trace';

interface Line {
  readonly timestamp?: unknown;
  readonly input_length?: unknown;
  readonly output_length?: unknown;
  readonly hash_ids?: unknown;
}

/** The grid in milliseconds that the times were rounded to (give or take 1 %), or 0. */
function gridOf(times: readonly number[]): number {
  const distinct = [...new Set(times)].sort((a, b) => a - b);
  if (distinct.length === times.length || distinct.length < 3) return 0;
  const gaps = distinct.slice(1).map((time, i) => time - (distinct[i] as number));
  // the real file has 5999 among the multiples of 3000
  const grid = Math.round(Math.min(...gaps) / 10) * 10;
  const near = (time: number) => Math.abs(time - Math.round(time / grid) * grid) <= grid / 100;
  return grid >= 1000 && distinct.every(near) ? grid : 0;
}

function spreadOut(times: readonly number[], grid: number): number[] {
  const buckets = times.map((time) => Math.round(time / grid));
  const counts = new Map<number, number>();
  for (const bucket of buckets) counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  const seen = new Map<number, number>();
  return buckets.map((bucket) => {
    const n = seen.get(bucket) ?? 0;
    seen.set(bucket, n + 1);
    return grid * (bucket + n / (counts.get(bucket) ?? 1));
  });
}

function read(text: string, { spread }: ImportOptions): Result<Imported, Failure> {
  const rows: Omit<TraceRow, 'time'>[] = [];
  const times: number[] = [];
  for (const [number, line] of linesOf(text)) {
    let data: Line | null;
    try {
      data = JSON.parse(line) as Line | null;
    } catch {
      return badLine(NAME, number, 'this is not JSON');
    }
    if (typeof data !== 'object' || data === null) return badLine(NAME, number, 'this is no object');
    const time = count(data.timestamp, 0);
    const input = count(data.input_length, 1);
    const output = count(data.output_length, 1);
    const hashes = data.hash_ids;
    if (time === undefined) return badLine(NAME, number, 'timestamp is no count of milliseconds');
    if (input === undefined) return badLine(NAME, number, 'input_length is no count');
    if (output === undefined) return badLine(NAME, number, 'output_length is no count');
    if (!Array.isArray(hashes) || hashes.length !== Math.ceil(input / BLOCK))
      return badLine(
        NAME,
        number,
        `hash_ids must have ${Math.ceil(input / BLOCK)} entries for ${input} tokens`,
      );
    const prompt: PromptPart[] = [];
    for (const [b, hash] of hashes.entries()) {
      if (count(hash, 0) === undefined)
        return badLine(NAME, number, 'hash_ids holds something else than counts');
      prompt.push({ seed: Number(hash), length: Math.min(BLOCK, input - b * BLOCK) });
    }
    times.push(time);
    rows.push({ prompt, output });
  }
  if (rows.length === 0) return badLine(NAME, 1, 'the file is empty');
  const grid = gridOf(times);
  const notes: string[] = [];
  if (grid > 0)
    notes.push(
      spread
        ? `Times are rounded to ${grid / 1000} s; requests of one stamp are spread evenly over it.`
        : `Times are rounded to ${grid / 1000} s and replayed so: an artificial burst every ${grid / 1000} s.`,
    );
  const spaced = grid > 0 && spread ? spreadOut(times, grid) : times;
  const first = spaced[0] ?? 0;
  return ok({
    rows: rows.map((row, i) => ({ ...row, time: ((spaced[i] as number) - first) / 1000 })),
    notes,
  });
}

export const mooncakeImporter: Importer = {
  id: 'mooncake',
  title: NAME,
  recognise: (head) => head.includes('"hash_ids"'),
  read,
};
