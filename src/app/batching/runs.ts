// Runs that the page can show beside those it computes: recorded ones that come with the site, the reader's
// own, and opened files. Whose a run is never changes.

import { err, type Failure, failure, ok, type Result } from '../../core/result.ts';
import { recordRun } from '../../engine/record.ts';
import { replay } from '../../engine/replay.ts';
import { type RunFile, readRunFile, writeRunFile } from '../../engine/run-file.ts';
import type { Served } from './serve.ts';

/** Several runs in one file: the strategies of a comparison, each with its repeats. */
const SET = 'lockstep-runs';
const SET_VERSION = 1;

export const runFileOf = (served: Served): RunFile => recordRun(served.trace, served.requests, served.header);

/** One run as a run file, several as a set of them. */
export function writeRuns(runs: readonly Served[]): string {
  const files = runs.map(runFileOf);
  const [only] = files;
  if (files.length === 1 && only) return writeRunFile(only);
  return `{"format": "${SET}", "version": ${SET_VERSION}, "runs": [\n${files.map(writeRunFile).join(',\n')}]}\n`;
}

/** Reads a run file or a set of them, and replays each. */
export function readRuns(text: string): Result<readonly Served[], Failure> {
  const files = readFiles(text);
  if (!files.ok) return files;
  const runs: Served[] = [];
  for (const file of files.value) {
    const trace = replay(file);
    if (!trace.ok) return trace;
    runs.push({ trace: trace.value, header: file.header, requests: file.requests });
  }
  return ok(runs);
}

function readFiles(text: string): Result<readonly RunFile[], Failure> {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    data = null; // readRunFile says what is wrong with it
  }
  const set = data as { format?: unknown; version?: unknown; runs?: unknown } | null;
  if (set?.format !== SET) {
    const one = readRunFile(text);
    return one.ok ? ok([one.value]) : one;
  }
  if (set.version !== SET_VERSION || !Array.isArray(set.runs) || set.runs.length === 0)
    return err(
      failure(
        'version',
        'This set of runs cannot be read.',
        'Open it with the version of Lockstep that wrote it.',
      ),
    );
  const files: RunFile[] = [];
  for (const run of set.runs) {
    const file = readRunFile(JSON.stringify(run));
    if (!file.ok) return file;
    files.push(file.value);
  }
  return ok(files);
}

const recordedFiles = import.meta.glob<string>('/bench/results/batching/*.json', {
  query: '?raw',
  import: 'default',
});
const opened = new Map<string, Promise<readonly Served[]>>();

function open(path: string, load: () => Promise<string>): Promise<readonly Served[]> {
  const known = opened.get(path);
  if (known) return known;
  const reading = load().then((text) => {
    const runs = readRuns(text);
    if (!runs.ok) throw new Error(`${path}: ${runs.error.message}`);
    return runs.value;
  });
  opened.set(path, reading);
  return reading;
}

/**
 * The recorded runs of a workload: those of one device. Measured ones stand before simulated ones. Empty when
 * there are none.
 */
export async function recordedRuns(workload: string): Promise<readonly Served[]> {
  const name = (path: string): string => path.split('/').at(-1) ?? path;
  const wanted = Object.entries(recordedFiles).filter(([path]) => name(path).startsWith(`${workload}.`));
  const all = (await Promise.all(wanted.map(([path, load]) => open(path, load)))).flat();
  const devices = [...new Set(all.map((run) => run.header.device))];
  const measured = devices.find((d) =>
    all.some((run) => run.header.device === d && run.header.clock === 'wall'),
  );
  return all.filter((run) => run.header.device === (measured ?? devices[0]));
}
