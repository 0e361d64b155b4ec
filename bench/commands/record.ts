// npm run bench -- record NAME: all the benchmarks that the documents and pages show, on one device, into bench/results.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import type { Subcommand } from '../main.ts';
import { among, type DeviceOptions, deviceOptions } from '../options.ts';
import { plainTable } from '../report.ts';

interface Options extends DeviceOptions {
  only?: string[];
  short?: boolean;
  out: string;
}

interface Recording {
  readonly id: string;
  /** Arguments of the subcommand; `short` ones are for a CPU adapter or a first look. */
  readonly full: readonly string[];
  readonly short: readonly string[];
  /** Where its file goes, as options of the subcommand; ID/NAME.json of the folder unless it says otherwise. */
  readonly writes?: (folder: string, name: string) => Written;
  /** It starts a Chrome of its own, here: with the adapter that is asked for, or none at all. */
  readonly own?: 'adapter' | 'no adapter';
}

interface Written {
  readonly file: string;
  readonly args: readonly string[];
}

const asJson = (file: string): Written => ({ file, args: ['--json', file] });

/** In a folder with others of its kind. */
const beside =
  (kind: string, what: string) =>
  (folder: string, name: string): Written =>
    asJson(`${folder}/${kind}/${what}.${name}.json`);

const serving = ['batching', '--clock', 'gpu'];
const ofNano = ['--config', 'nano', '--set', 'workload.requests=12'];

/** In this order: the short ones first; then what others refer to (ceilings, tuned parameters) before those. */
export const recordings: readonly Recording[] = [
  {
    id: 'first-picture',
    ...{ full: ['first-picture'], short: ['first-picture', '--turns', '1'] },
    ...{ writes: beside('page', 'first-picture'), own: 'no adapter' },
  },
  {
    id: 'first-word',
    ...{ full: ['first-word'], short: ['first-word', '--turns', '1'] },
    ...{ writes: beside('page', 'first-word'), own: 'adapter' },
  },
  {
    id: 'first-comparison',
    ...{ full: ['first-comparison'], short: ['first-comparison', '--turns', '1'] },
    ...{ writes: beside('page', 'first-comparison'), own: 'adapter' },
  },
  {
    id: 'record-lessons',
    ...{ full: ['record-lessons'], short: ['record-lessons'] },
    own: 'adapter',
    // a file a lesson; the first is looked for
    writes: (folder, name) => ({
      file: `${folder}/batching/joining.${name}.json`,
      args: ['--out', `${folder}/batching`, '--name', name],
    }),
  },
  {
    id: 'batching',
    full: [...serving, '--calibrate'],
    short: [...serving, ...ofNano, '--strategies', 'static,continuous'],
    // the folder of the lessons' runs is bench/results/batching
    writes: beside('serving', 'comparison'),
  },
  {
    id: 'page-cost',
    ...{ full: ['page-cost'], short: ['page-cost', '--turns', '1'] },
    ...{ writes: beside('page', 'page-cost'), own: 'adapter' },
  },
  {
    id: 'null',
    full: [...serving, '--null', '--strategies', 'continuous'],
    short: [...serving, ...ofNano, '--null', '20', '--strategies', 'continuous'],
    writes: beside('serving', 'null'),
  },
  {
    id: 'accuracy',
    full: [
      ...serving,
      '--accuracy',
      '--strategies',
      'continuous,unified,static',
      '--set',
      'workload.requests=192',
    ],
    short: [...serving, ...ofNano, '--accuracy', '--strategies', 'continuous'],
    writes: beside('serving', 'accuracy'),
  },
  {
    id: 'kernels',
    full: ['kernels', '--tune'],
    short: ['kernels', '--quick', '--op', 'matmul,quantize_rows'],
  },
  {
    id: 'peers',
    full: ['peers'],
    short: ['peers', '--quick', '--op', 'matmul', '--shape', '256', '--dtype', 'f32'],
  },
  {
    id: 'attention',
    full: [
      ...['attention', '--phase', 'decode,prefill', '--batch', '1,8,64', '--context', '1024,8192,32768'],
      ...['--group', '4', '--kv', 'f32,f16,i8'],
    ],
    short: [
      ...['attention', '--quick', '--phase', 'decode,prefill', '--heads', '4', '--context', '256'],
      ...['--batch', '1,8', '--chunk', '16'],
    ],
  },
  {
    id: 'attention-pages',
    full: [
      ...['attention', '--batch', '8', '--context', '8192', '--group', '1,4,8', '--kv', 'f32,f16,i8'],
      ...['--page', '8,16,32,64'],
    ],
    short: ['attention', '--quick', '--heads', '4', '--context', '256', '--batch', '8', '--page', '8,64'],
  },
  {
    id: 'model',
    full: [
      ...['model', '--config', 'SmolLM2-135M,Llama-3.2-1B', '--weights', 'f32,f16,i8-row'],
      ...['--kv', 'f32,f16,i8', '--numerics', 'canonical,fast', '--batch', '1,2,4,8,16,32,64'],
    ],
    short: [
      ...['model', '--config', 'nano', '--weights', 'f32,i8-row', '--numerics', 'canonical,fast'],
      ...['--batch', '1,8'],
    ],
  },
  { id: 'quality', full: ['quality'], short: ['quality', '--quick'] },
  { id: 'offload', full: ['offload'], short: ['offload', '--quick'] },
];

export const writtenBy = ({ id, writes }: Recording, folder: string, name: string): Written =>
  writes?.(folder, name) ?? asJson(`${folder}/${id}/${name}.json`);

/** The subcommand with the options that it takes of those that `record` was given. */
export function argumentsOf(
  { full, short, own }: Recording,
  { short: few, gpu, browser, cdp }: Omit<Options, 'out'>,
  written: readonly string[],
): string[] {
  const args = [...(few ? short : full), ...written];
  if (own === 'no adapter') return args;
  // a page takes what adapter there is
  if (own === 'adapter') return [...args, '--gpu', gpu === 'auto' ? 'hardware' : gpu];
  return [
    ...[...args, '--gpu', gpu],
    ...(browser ? ['--browser', browser] : []),
    ...(cdp ? ['--cdp', cdp] : []),
  ];
}

function run(name: string, options: Options): number {
  if (!/^[\w.-]+$/.test(name))
    throw new Error(`record ${name}: the name becomes a file's; use letters, digits, dots and hyphens.`);
  const rows = recordings
    .filter((r) => !options.only || options.only.includes(r.id))
    .map((recording) => {
      const { file, args: written } = writtenBy(recording, options.out, name);
      if (recording.own && options.cdp) return [recording.id, 'left out: needs a browser here', '', ''];
      const args = argumentsOf(recording, options, written);
      console.log(`\n— ${args.join(' ')}`);
      const started = Date.now();
      const { status } = spawnSync(process.execPath, ['scripts/run.mjs', 'bench/main.ts', ...args], {
        stdio: 'inherit',
      });
      const result =
        status === 0 && existsSync(file) ? 'recorded' : `failed (exit ${status ?? 'by a signal'})`;
      return [recording.id, result, `${((Date.now() - started) / 1000).toFixed(0)} s`, file];
    });
  console.log(`\n${plainTable({ head: ['what', 'result', 'took', 'file'], rows })}`);
  return rows.every(([, result = '']) => !result.startsWith('failed')) ? 0 : 1;
}

export default {
  id: 'record',
  register(program: Command) {
    const ids = recordings.map((r) => r.id);
    const command = program
      .command('record <name>')
      .description(
        'every benchmark on this device, one file each under bench/results; a failure does not stop the rest',
      )
      .option('--only <ids>', ids.join(', '), among(ids))
      .option('--short', 'small shapes and few samples: for a CPU adapter or a first look')
      .option('--out <folder>', 'where the files go', 'bench/results');
    deviceOptions(command).action((name: string, options: Options) => {
      process.exitCode = run(name, options);
    });
  },
} satisfies Subcommand;
