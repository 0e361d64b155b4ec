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
}

/** In this order: what others refer to (ceilings, tuned parameters) comes first. */
export const recordings: readonly Recording[] = [
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
  {
    id: 'batching',
    full: ['batching', '--clock', 'gpu', '--calibrate'],
    short: [
      ...['batching', '--clock', 'gpu', '--config', 'nano', '--strategies', 'static,continuous'],
      ...['--set', 'workload.requests=12'],
    ],
  },
  { id: 'quality', full: ['quality'], short: ['quality', '--quick'] },
  { id: 'offload', full: ['offload'], short: ['offload', '--quick'] },
];

function run(name: string, options: Options): number {
  if (!/^[\w.-]+$/.test(name))
    throw new Error(`record ${name}: the name becomes a file's; use letters, digits, dots and hyphens.`);
  const common = [
    ...['--gpu', options.gpu],
    ...(options.browser ? ['--browser', options.browser] : []),
    ...(options.cdp ? ['--cdp', options.cdp] : []),
  ];
  const rows = recordings
    .filter((r) => !options.only || options.only.includes(r.id))
    .map((recording) => {
      const file = `${options.out}/${recording.id}/${name}.json`;
      const args = [...(options.short ? recording.short : recording.full), ...common, '--json', file];
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
  return rows.every((row) => row[1] === 'recorded') ? 0 : 1;
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
