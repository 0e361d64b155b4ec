// What an importer of recorded traces does: text in, rows with plain numbers out, or the line that is bad.

import { err, type Failure, failure, type Result } from '../../core/result.ts';
import type { PromptPart } from '../../engine/request.ts';

export interface TraceRow {
  /** Seconds since the first row. */
  readonly time: number;
  readonly prompt: readonly PromptPart[];
  readonly output: number;
}

export interface Imported {
  readonly rows: readonly TraceRow[];
  /** What was changed or assumed. */
  readonly notes: readonly string[];
}

export interface ImportOptions {
  /** Spread stamps that were quantized evenly over their bucket. */
  readonly spread: boolean;
}

export interface Importer {
  readonly id: string;
  readonly title: string;
  /** Whether the start of a file looks like this format. */
  recognise(head: string): boolean;
  read(text: string, options: ImportOptions): Result<Imported, Failure>;
}

/** A failure that names the line, counted from 1 as editors do. */
export const badLine = (format: string, line: number, problem: string): Result<never, Failure<'bad-line'>> =>
  err(failure('bad-line', `${format}, line ${line}: ${problem}.`, 'Mend or remove the line.'));

/** The lines of a text with their numbers; CRLF and a missing last newline are no matter. */
export function* linesOf(text: string): Generator<readonly [number, string]> {
  let number = 0;
  for (const line of text.split('\n')) {
    number++;
    const trimmed = line.endsWith('\r') ? line.slice(0, -1) : line;
    if (trimmed.trim() !== '') yield [number, trimmed];
  }
}

/** A count of at least `least`, or undefined. */
export const count = (text: unknown, least: number): number | undefined => {
  const value = typeof text === 'number' ? text : Number(String(text ?? '').trim() || Number.NaN);
  return Number.isInteger(value) && value >= least ? value : undefined;
};
