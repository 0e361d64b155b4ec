// The CSV formats of traces: Azure 2023 and 2024, BurstGPT, Vidur. They differ in the names of columns and
// in how they write time.

import { type Failure, ok, type Result } from '../../core/result.ts';
import { badLine, count, type Imported, type Importer, linesOf, type TraceRow } from './contract.ts';

interface Format {
  readonly id: string;
  readonly title: string;
  readonly time: string;
  readonly prompt: string;
  readonly output: string;
  /** Seconds on the trace's own clock, or undefined when it cannot be read. */
  readonly seconds: (text: string) => number | undefined;
}

const decimal = (text: string): number | undefined => {
  const value = Number(text.trim() || Number.NaN);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
};

/** `2023-11-16 18:17:03.9799600`: no zone (taken as UTC), up to seven decimals. */
function stamp(text: string): number | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(\.\d+)?(?:Z|[+-]\d\d:\d\d)?$/.exec(
    text.trim(),
  );
  if (!match) return undefined;
  const [y, mo, d, h, mi, s] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return Date.UTC(y, mo - 1, d, h, mi, s) / 1000 + Number(match[7] ?? 0);
}

const FORMATS: readonly Format[] = [
  {
    id: 'azure',
    title: 'Azure LLM inference trace',
    time: 'TIMESTAMP',
    prompt: 'ContextTokens',
    output: 'GeneratedTokens',
    seconds: stamp,
  },
  {
    id: 'burstgpt',
    title: 'BurstGPT',
    time: 'Timestamp',
    prompt: 'Request tokens',
    output: 'Response tokens',
    seconds: decimal,
  },
  {
    id: 'vidur',
    title: 'Vidur',
    time: 'arrived_at',
    prompt: 'num_prefill_tokens',
    output: 'num_decode_tokens',
    seconds: decimal,
  },
];

const columnsOf = (line: string): string[] => line.split(',').map((name) => name.trim());

function read(format: Format, text: string): Result<Imported, Failure> {
  const rows: TraceRow[] = [];
  const notes: string[] = [];
  let place: { time: number; prompt: number; output: number } | undefined;
  let first: number | undefined;
  let empty = 0;
  for (const [number, line] of linesOf(text)) {
    const cells = columnsOf(line);
    if (!place) {
      const at = (name: string) => cells.indexOf(name);
      place = { time: at(format.time), prompt: at(format.prompt), output: at(format.output) };
      const missing = [format.time, format.prompt, format.output].filter((name) => !cells.includes(name));
      if (missing.length > 0) return badLine(format.title, number, `the header lacks ${missing.join(', ')}`);
      continue;
    }
    const time = format.seconds(cells[place.time] ?? '');
    const prompt = count(cells[place.prompt], 0);
    const output = count(cells[place.output], 0);
    if (time === undefined) return badLine(format.title, number, `"${cells[place.time] ?? ''}" is no time`);
    if (prompt === undefined)
      return badLine(format.title, number, `"${cells[place.prompt] ?? ''}" is no count`);
    if (output === undefined)
      return badLine(format.title, number, `"${cells[place.output] ?? ''}" is no count`);
    first ??= time;
    if (prompt === 0 || output === 0) {
      empty++;
      continue;
    }
    if (time < first) return badLine(format.title, number, 'the time runs backwards to before the first row');
    rows.push({ time: time - first, prompt: [{ seed: number, length: prompt }], output });
  }
  if (!place) return badLine(format.title, 1, 'the file is empty');
  if (empty > 0) notes.push(`${empty} rows without prompt or answer (failed requests) are left out.`);
  return ok({ rows, notes });
}

export const csvImporters: readonly Importer[] = FORMATS.map((format) => ({
  id: format.id,
  title: format.title,
  recognise: (head) => columnsOf(head.split('\n', 1)[0] ?? '').includes(format.prompt),
  read: (text) => read(format, text),
}));
