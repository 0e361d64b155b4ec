// A whole run inside a link: what of it travels, and back. Packing text is packed.ts.

import type { Failure, Result } from '../../core/result.ts';
import { parseResultFile } from '../../measure/read-results.ts';
import type { ResultFile, ResultRow } from '../../measure/schema.ts';
import { pack, unpack } from '../packed.ts';

const short = (ms: number | null): number | null => (ms === null ? null : Number(ms.toPrecision(5)));

/** The run as a link carries it: rows of one op and dtype, samples rounded to five digits. */
export function trimmed(file: ResultFile, keep: (row: ResultRow) => boolean): ResultFile {
  const results = file.results.filter(keep).map((row) => ({ ...row, samplesMs: row.samplesMs.map(short) }));
  return { ...file, results };
}

export const encodeRun = (file: ResultFile): Promise<string> => pack(JSON.stringify(file));

/** The run in a link, or why there is none. */
export async function decodeRun(
  text: string,
): Promise<Result<ResultFile, Failure<'bad-link' | 'bad-result-file'>>> {
  const what = 'The result in the link';
  const unpacked = await unpack(text, what);
  return unpacked.ok ? parseResultFile(unpacked.value, what) : unpacked;
}
