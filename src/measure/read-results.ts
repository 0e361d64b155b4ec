// Reads result files, which come from strangers too: by links, downloads and drops. Whatever is used of a file is looked at first, and
// what is wrong with one that is none is named.

import { messageOf } from '../core/message-of.ts';
import { err, type Failure, failure, ok, type Result } from '../core/result.ts';
import {
  type ResultFile,
  type ResultRow,
  type RowStatus,
  rowStatuses,
  schemaName,
  schemaVersion,
} from './schema.ts';

/** Version 1 told in words alone why a row has no figure, and left lost samples out of `samplesMs`. */
const oldestVersion = 1;

/** Reads a result file. Names what is wrong with one that is none. */
export function parseResultFile(
  text: string,
  name = 'the file',
): Result<ResultFile, Failure<'bad-result-file'>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return bad(name, `is no JSON (${messageOf(error)}).`);
  }
  return readResultFile(value, name);
}

const bad = (name: string, message: string) =>
  err(
    failure(
      'bad-result-file',
      `${name}: ${message}`,
      'Open a JSON file written by Lockstep (Download, or --json).',
    ),
  );

/** Checks a file's parsed JSON. Files of older versions are brought into today's form. */
export function readResultFile(
  value: unknown,
  name = 'the file',
): Result<ResultFile, Failure<'bad-result-file'>> {
  if (!isObject(value)) return bad(name, 'holds no object.');
  const { schema, version } = value;
  if (schema !== schemaName) return bad(name, `is not a "${schemaName}" file.`);
  if (version !== schemaVersion && version !== oldestVersion)
    return bad(
      name,
      `has schema version ${String(version)}; this Lockstep reads ${oldestVersion} to ${schemaVersion}.`,
    );
  const wrong = wrongWith(value, version);
  if (wrong) return bad(name, wrong);
  const read = value as unknown as Omit<ResultFile, 'version'>;
  if (version === schemaVersion) return ok({ ...read, version: schemaVersion });
  const upgrade = (row: ResultRow): ResultRow => ({ ...row, status: statusInWords(row) });
  return ok({
    ...read,
    version: schemaVersion,
    results: read.results.map(upgrade),
    ...(read.calls ? { calls: read.calls.map(upgrade) } : {}),
  });
}

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): boolean => typeof value === 'string';
const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);
const isListOf = (of: (value: unknown) => boolean) => (value: unknown) =>
  Array.isArray(value) && value.every(of);
const isNumbers = (value: unknown): boolean => isObject(value) && Object.values(value).every(isNumber);
const orNull = (of: (value: unknown) => boolean) => (value: unknown) => value === null || of(value);
const orAbsent = (of: (value: unknown) => boolean) => (value: unknown) => value === undefined || of(value);

/** What is wrong with a file of a version that is read, as a sentence; undefined when nothing is. */
function wrongWith(file: Fields, version: number): string | undefined {
  for (const list of ['results', 'calls'] as const) {
    const rows = file[list];
    if (rows === undefined && list === 'calls') continue;
    if (!Array.isArray(rows)) return `has no list "${list}".`;
    for (const [i, row] of rows.entries()) {
      const wrong = wrongRow(row, version);
      if (wrong) return `${list}[${i}]${wrong}.`;
    }
  }
  for (const part of ['device', 'ceilings'] as const)
    if (!isObject(file[part])) return `has no object "${part}".`;
  if (!isListOf(isText)(file['invalid'])) return 'has no list of sentences "invalid".';
  if (!isText(file['date']) || !isText(file['command'])) return 'says no "date" or no "command".';
  if (!orNull(isText)(file['commit'])) return 'has a "commit" that is no text.';
  return wrongDevice(file['device'] as Fields) ?? wrongCeilings(file['ceilings'] as Fields);
}

/** Fields of a row that hold a number or null. */
const figures = ['p10Ms', 'p90Ms', 'gflops', 'gbps', 'fractionOfCeiling', 'maxError', 'accuracy'] as const;

function wrongRow(row: unknown, version: number): string | undefined {
  if (!isObject(row)) return ' is no object';
  for (const key of ['op', 'version', 'peer', 'shape', 'dtype'] as const)
    if (!isText(row[key])) return `.${key} is missing or no string`;
  const { medianMs, status } = row;
  if (medianMs !== null && !(typeof medianMs === 'number' && medianMs > 0))
    return `.medianMs is ${String(medianMs)}`;
  for (const key of figures) if (!orNull(isNumber)(row[key])) return `.${key} is ${String(row[key])}`;
  if (!isListOf(orNull(isNumber))(row['samplesMs'])) return '.samplesMs is no list of milliseconds';
  for (const key of ['dims', 'params'] as const)
    if (!isNumbers(row[key])) return `.${key} is no object of numbers`;
  if (typeof row['verified'] !== 'boolean') return `.verified is ${String(row['verified'])}`;
  if (!orNull(isText)(row['why'])) return '.why is no sentence';
  if (!orNull(isNumbersAround)(row['cold'])) return '.cold is no timing';
  if (!orAbsent(isText)(row['coldWhy'])) return '.coldWhy is no sentence';
  if (!orNull(isTuned)(row['tuned'])) return '.tuned is no tuning';
  if (version === schemaVersion && !rowStatuses.some((known) => known === status))
    return `.status is ${String(status)}; it is one of ${rowStatuses.join(', ')}`;
  return undefined;
}

const isNumbersAround = (cold: unknown): boolean =>
  isObject(cold) && isNumber(cold['medianMs']) && Object.values(cold).every(orNull(isNumber));
const isTuned = (tuned: unknown): boolean =>
  isObject(tuned) && isNumbers(tuned['params']) && orNull(isNumber)(tuned['overDefault']);

function wrongDevice(device: Fields): string | undefined {
  for (const key of ['vendor', 'architecture', 'device', 'description', 'browser', 'platform'] as const)
    if (!isText(device[key])) return `device.${key} is missing or no string.`;
  for (const key of ['features', 'wgslFeatures', 'flags'] as const)
    if (!isListOf(isText)(device[key])) return `device.${key} is no list of names.`;
  if (!isNumbers(device['limits'])) return 'device.limits is no object of numbers.';
  if (!orNull(isNumbers)(device['subgroups'])) return 'device.subgroups is no range.';
  return orNull(isNumber)(device['timestampQuantumNs'])
    ? undefined
    : 'device.timestampQuantumNs is no number.';
}

function wrongCeilings(ceilings: Fields): string | undefined {
  const isCeiling = (ceiling: unknown): boolean =>
    isObject(ceiling) &&
    isText(ceiling['unit']) &&
    isText(ceiling['how']) &&
    (['value', 'p10', 'p90', 'n'] as const).every((key) => isNumber(ceiling[key]));
  const wrong = Object.entries(ceilings).find(([, ceiling]) => !orAbsent(orNull(isCeiling))(ceiling));
  return wrong && `ceilings.${wrong[0]} is no ceiling.`;
}

/** The status of a row of version 1, by the words that it began its reason with. */
function statusInWords({ verified, why }: Pick<ResultRow, 'verified' | 'why'>): RowStatus {
  if (why === null) return 'measured';
  if (/^(the timed output )?failed verification/.test(why)) return 'unverified';
  if (why.startsWith('skipped:')) return 'skipped';
  if (why.startsWith('not run: cancelled')) return 'cancelled';
  return verified ? 'untimed' : 'refused';
}
