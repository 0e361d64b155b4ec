// npm run bench -- kernels: every version of every op, verified, then timed, in headless Chrome.

import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { explain } from '../../src/core/result.ts';
import { catalog, versionOf } from '../../src/kernels/catalog.ts';
import type { Dims, Dtype } from '../../src/kernels/op.ts';
import type { ParamValues } from '../../src/kernels/specialize.ts';
import type { ResultFile } from '../../src/measure/schema.ts';
import { groupsOf } from '../../src/worker/bench/groups.ts';
import type { BenchItem, BenchRequest, CustomVersion } from '../../src/worker/protocol.ts';
import { commandLine, commitHash, write, writeJson } from '../io.ts';
import type { Subcommand } from '../main.ts';
import { among, type DeviceOptions, list, measuringOptions, type OutputOptions } from '../options.ts';
import { deviceLost, kernelsExitCode } from '../outcome.ts';
import { ceilingLines, groupRows, kernelTable, markdown, plainTable } from '../report.ts';
import { type DeviceEvent, withDevice } from '../session.ts';

interface Options extends DeviceOptions, OutputOptions {
  op?: string[];
  shape?: string[];
  versions?: string[];
  dtype?: Dtype[];
  source?: string[];
  quick?: boolean;
  tune?: boolean;
  tuned: string;
}

/** `512` (a name of the op), `1x4096x4096` (its dims in order) or `m=1,n=2,k=3` to named dims. */
export function parseShape(op: string, text: string): [string, Dims] {
  const entry = catalog.get(op);
  const known = entry?.op.shapes.bench[text];
  if (known) return [text, known];
  const names = Object.keys(entry?.op.dims ?? {});
  const pairs = text.includes('=')
    ? text.split(/[,;]/).map((p) => p.split('='))
    : text.split('x').map((v, i) => [names[i] ?? '?', v]);
  const dims = Object.fromEntries(pairs.map(([name, value]) => [name ?? '?', Number(value)]));
  const wrong = Object.entries(dims).find(
    ([name, value]) => !names.includes(name) || !Number.isInteger(value) || value < 0,
  );
  if (wrong || !names.every((n) => n in dims)) {
    throw new Error(
      `--shape ${text}: ${op} has the shapes ${Object.keys(entry?.op.shapes.bench ?? {}).join(', ')}, or give ${names.join(' x ')} as whole numbers.`,
    );
  }
  return [text, dims];
}

/** What the options ask for. Throws, saying what exists, when a name is unknown or nothing would run. */
export function itemsOf(
  options: Pick<Options, 'op' | 'shape' | 'versions' | 'dtype' | 'quick'>,
): BenchItem[] {
  const benched = [...catalog.values()].filter((e) => Object.keys(e.op.shapes.bench).length > 0);
  const ids = options.op ?? benched.map((e) => e.op.id);
  const items = ids.flatMap((id): BenchItem[] => {
    const entry = catalog.get(id);
    if (!entry)
      throw new Error(`--op ${id}: no such op. There are ${benched.map((e) => e.op.id).join(', ')}.`);
    const { op, versions } = entry;
    const names = options.shape ?? (options.quick ? op.shapes.quick : Object.keys(op.shapes.bench));
    const chosen = (options.versions ?? []).map((v) => {
      const found = versions.find((x) => x.id === v || x.id.startsWith(`${v}_`));
      if (!found) throw new Error(`--versions ${v}: ${id} has ${versions.map((x) => x.id).join(', ')}.`);
      const { dtype } = options;
      if (dtype && !dtype.some((d) => found.dtypes.includes(d)))
        throw new Error(`--versions ${v}: ${found.id} has no ${dtype.join(', ')}.`);
      return found.id;
    });
    const dtypes = options.dtype?.filter((d) => op.dtypes.includes(d)) ?? op.dtypes;
    // an op that was named must run; of all ops, those that have the dtype do
    if (dtypes.length === 0 && options.op)
      throw new Error(`--dtype ${options.dtype?.join(', ')}: ${id} has ${op.dtypes.join(', ')} only.`);
    const shapes = Object.fromEntries(names.map((name) => parseShape(id, name)));
    return dtypes.length > 0 ? [{ op: id, versions: chosen, shapes, dtypes }] : [];
  });
  if (groupsOf(items).every(({ versions }) => versions.length === 0))
    throw new Error(
      'Nothing to run: no version is meant for these shapes and types. Name one with --versions.',
    );
  return items;
}

/** Shaders of the caller's own as versions named by their files. Throws when one cannot be told from another or is not one. */
export function customOf(options: Pick<Options, 'op' | 'source'>): CustomVersion[] {
  return (options.source ?? []).map((path) => {
    const [op, second] = options.op ?? [];
    if (!op || second)
      throw new Error(`--source ${path}: name the one op that it is a version of with --op.`);
    const id = basename(path, '.wgsl');
    if (catalog.get(op)?.versions.some((v) => v.id === id))
      throw new Error(`--source ${path}: ${op} ships a version "${id}". Rename the file.`);
    const source = readFileSync(path, 'utf8');
    const version = versionOf(op, id, source);
    if (!version.ok) throw new Error(explain(version.error));
    return { op, id, source };
  });
}

async function run(options: Options): Promise<number> {
  const items = itemsOf(options);
  const stored: Record<string, ParamValues> = existsSync(options.tuned)
    ? (JSON.parse(readFileSync(options.tuned, 'utf8')) as Record<string, ParamValues>)
    : {};
  const request: BenchRequest = {
    items,
    effort: options.quick ? 'quick' : 'full',
    tuning: options.tune ? 'search' : 'stored',
    tuned: stored,
    custom: customOf(options),
    command: commandLine(),
  };
  const found: Record<string, ParamValues> = {};
  const on = (event: DeviceEvent): void => {
    if (event.type === 'tuned') found[event.key] = event.params;
  };
  return withDevice(options, on, async (session) => {
    const { driver, device } = session;
    const ended = await driver.page.evaluate((r) => window.lockstep.bench(r), request);
    if (!ended.ok) throw new Error(explain(ended.error));
    const file: ResultFile = { ...ended.value, commit: commitHash(), device };
    report(file);
    if (options.json) writeJson(options.json, file);
    if (options.markdown) write(options.markdown, markdown(file));
    if (Object.keys(found).length > 0)
      write(options.tuned, `${JSON.stringify({ ...stored, ...found }, null, 2)}\n`);
    return kernelsExitCode(file.results, { invalid: file.invalid, lost: await deviceLost(session) });
  });
}

function report(file: ResultFile): void {
  console.log(
    `\nCeilings, measured in this run:\n${ceilingLines(file)
      .map((l) => `  ${l}`)
      .join('\n')}`,
  );
  for (const [key, rows] of groupRows(file.results))
    console.log(`\n${key}\n${plainTable(kernelTable(rows))}`);
  for (const why of file.invalid) console.log(`\nINVALID: ${why}`);
}

const kernels: Subcommand = {
  id: 'kernels',
  register(program: Command) {
    const shapes = [...catalog.values()]
      .filter((e) => Object.keys(e.op.shapes.bench).length > 0)
      .map(
        (e) =>
          `  ${e.op.id}: ${Object.keys(e.op.shapes.bench).join(' | ')}\n    ${e.versions.map((v) => v.id).join(' ')}`,
      )
      .join('\n');
    const command = program
      .command('kernels')
      .description('verify, then time, every kernel version')
      .option('--op <ids>', 'ops, comma-separated (default: all)', list)
      .option('--shape <shapes>', 'shapes by name, or dims as 1x4096x4096', list)
      .option('--versions <ids>', 'versions, by name or number', list)
      .option('--dtype <types>', 'f32, f16 (default: all the op has)', among(['f32', 'f16']))
      .option('--source <files>', 'shaders of your own, checked and timed as versions of the one --op', list)
      .option('--quick', 'few samples, small shapes')
      .option('--tune', 'search tile sizes for this device and keep the winners')
      .option('--tuned <file>', 'where winners are kept', '.cache/tuned.json');
    measuringOptions(command)
      .addHelpText('after', `\nOps, their shapes and versions:\n${shapes}`)
      .action(async (options: Options) => {
        process.exitCode = await run(options);
      });
  },
};
export default kernels;
