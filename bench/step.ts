// npm run step -- FILE.wgsl: runs a kernel in the lockstep machine, prints what it counts and finds. Shipped
// kernels (shaders/op/version.wgsl) get their op's step shape and are compared with its reference; any other
// WGSL file gets the workgroups and buffers that the options name. Exit code: 0 clean, 1 findings or wrong
// results, 2 when it could not be run.

import { readFile } from 'node:fs/promises';
import { Command, CommanderError, Option } from 'commander';
import { prng } from '../src/core/prng.ts';
import { err, explain, type Failure, failure, ok, type Result } from '../src/core/result.ts';
import { catalog } from '../src/kernels/catalog.ts';
import type { Fill } from '../src/kernels/op.ts';
import {
  type BindingInfo,
  type BufferInput,
  compileKernel,
  type Diagnostic,
  type Order,
  Run,
  type SubgroupSize,
  sumOf,
} from '../src/stepper/index.ts';
import { runShipped } from '../src/stepper/shipped.ts';
import { type PassReport, printReport, type StepReport } from './step-report.ts';

interface Options {
  readonly json?: boolean;
  readonly entry?: string;
  readonly subgroup: string;
  readonly order: string;
  readonly dims: Readonly<Record<string, number>>;
  readonly param: Readonly<Record<string, number>>;
  readonly dtype?: 'f32' | 'f16';
  readonly fill: Fill;
  readonly seed: string;
  readonly workgroups: string;
  readonly buffer: Readonly<Record<string, string>>;
  readonly lines?: boolean;
}

const pairs =
  <T>(read: (text: string) => T) =>
  (text: string, before: Readonly<Record<string, T>>): Readonly<Record<string, T>> => {
    const out = { ...before };
    for (const pair of text.split(',')) {
      const [name = '', value = ''] = pair.split('=');
      out[name] = read(value);
    }
    return out;
  };

function orderOf(text: string): Order {
  const [kind, seed] = text.split(':');
  if (kind === 'seeded') return { kind, seed: Number(seed ?? 1) };
  return kind === 'sequential' || kind === 'adversarial' ? { kind } : { kind: 'round-robin' };
}

const command = (): Command =>
  new Command('npm run step --')
    .description('Runs a kernel in the lockstep machine and reports races, bounds, barriers and traffic.')
    .argument('<file>', 'a .wgsl file; shipped ones are known by their path')
    .option('--json', 'print one JSON object instead of tables')
    .option('--lines', 'print the counters of every source line')
    .option('--entry <name>', 'entry point, for files with several')
    .addOption(
      new Option('--subgroup <size>', 'lanes a subgroup').choices(['4', '8', '16', '32', '64']).default('32'),
    )
    .option('--order <order>', 'round-robin, sequential, adversarial or seeded:N', 'round-robin')
    .option('--dims <m=8,n=8>', 'shape of a shipped kernel; its step shape when left out', pairs(Number), {})
    .option('--param <NAME=value>', 'params of a shipped kernel, or override constants', pairs(Number), {})
    .addOption(new Option('--dtype <type>', 'what a shipped kernel computes in').choices(['f32', 'f16']))
    .addOption(
      new Option('--fill <fill>', 'inputs of a shipped kernel')
        .choices(['normal', 'outliers', 'zeros', 'special', 'iota'])
        .default('normal'),
    )
    .option('--seed <n>', 'seed of the inputs', '1')
    .option('--workgroups <x,y,z>', 'grid of a kernel of your own', '1,1,1')
    .option(
      '--buffer <name=fill:count>',
      'buffer of a kernel of your own: zeros, iota or random and how many elements, or numbers as in dims=64:64:8; zeros:256 when left out',
      pairs(String),
      {},
    )
    .exitOverride()
    .showHelpAfterError('(add --help for the options)');

/** Runs the command line; returns the exit code. */
export default async function main(argv: readonly string[]): Promise<number> {
  const program = command();
  try {
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
  const [file = ''] = program.args;
  const options = program.opts<Options>();
  const report = await step(file, options);
  if (!report.ok) {
    if (options.json) console.log(JSON.stringify({ error: report.error }));
    else console.error(explain(report.error));
    return 2;
  }
  if (options.json) console.log(JSON.stringify(report.value, null, 1));
  else printReport(report.value, options.lines === true);
  const clean = report.value.passes.every((p) => p.findings.length === 0);
  return clean && Object.values(report.value.verdicts).every((v) => v.verified) ? 0 : 1;
}

async function step(file: string, options: Options): Promise<Result<StepReport, Failure>> {
  const [id = '', folder = ''] = file
    .replace(/\.wgsl$/, '')
    .split('/')
    .reverse();
  const entry = catalog.get(folder);
  const version = entry?.versions.find((v) => v.id === id);
  return entry && version && file.includes('shaders/')
    ? shipped(entry.op.id, id, options)
    : own(file, await readFile(file, 'utf8').catch(() => undefined), options);
}

const passReport = (run: Run): PassReport => {
  const report = run.report();
  if (!report) throw new Error('checked runs have a report');
  const { totals, lines, findings, laneStatements, guardedReads } = report;
  const { entryPoint, subgroupSize } = run.kernel;
  return {
    entry: entryPoint,
    workgroups: run.dispatch.workgroups,
    subgroupSize,
    laneStatements,
    guardedReads,
    totals,
    lines,
    findings,
  };
};

function shipped(op: string, id: string, options: Options): Result<StepReport, Failure> {
  const entry = catalog.get(op);
  const version = entry?.versions.find((v) => v.id === id);
  if (!entry || !version)
    return err(failure('unknown-kernel', `There is no ${op}/${id}.`, 'Name a file under shaders/.'));
  const started = performance.now();
  const run = runShipped(entry.op, version, {
    dims: { ...entry.op.shapes.step, ...options.dims },
    params: options.param,
    fill: options.fill,
    seed: Number(options.seed),
    subgroupSize: Number(options.subgroup) as SubgroupSize,
    order: orderOf(options.order),
    ...(options.dtype ? { dtype: options.dtype } : {}),
  });
  if (!run.ok) return run;
  const { prepared, passes, verdicts } = run.value;
  const reports = passes.map((p) => passReport(p.run));
  return ok({
    kernel: prepared.label,
    passes: reports,
    milliseconds: performance.now() - started,
    totals: sumOf(reports.map((p) => p.totals)),
    verdicts,
  });
}

const place = (d: Diagnostic): string => `${d.span.line}:${d.span.column}: ${d.message} ${d.hint}`;

function own(file: string, source: string | undefined, options: Options): Result<StepReport, Failure> {
  if (source === undefined)
    return err(failure('no-file', `${file} cannot be read.`, 'Name an existing .wgsl file.'));
  const { kernel, diagnostics } = compileKernel(source, {
    subgroupSize: Number(options.subgroup) as SubgroupSize,
    constants: options.param,
    ...(options.entry ? { entryPoint: options.entry } : {}),
  });
  if (!kernel) {
    return err(failure('does-not-compile', diagnostics.map((d) => `${file}:${place(d)}`).join('\n'), ''));
  }
  const [x = 1, y = 1, z = 1] = options.workgroups.split(',').map(Number);
  const started = performance.now();
  const run = Run.start(
    kernel,
    {
      workgroups: [x, y, z],
      order: orderOf(options.order),
      buffers: kernel.bindings.map((b) =>
        filled(b, options.buffer[b.name] ?? 'zeros:256', Number(options.seed)),
      ),
    },
    'checks',
  );
  if (!run.ok) return run;
  const report = passReport(run.value.finish());
  const milliseconds = performance.now() - started;
  return ok({ kernel: file, passes: [report], milliseconds, totals: report.totals, verdicts: {} });
}

/** A buffer for a binding from `zeros:256`, `iota:64`, `random:1024` (elements), or from numbers, `64:64:8`. */
function filled(b: BindingInfo, text: string, seed: number): BufferInput {
  const [fill = '', count] = text.split(':');
  const numbers = /^-?[\d.]/.test(fill) ? text.split(':').map(Number) : undefined;
  const stride = b.type.kind === 'array' ? b.type.stride : 4;
  const grows = b.type.kind === 'array' && b.type.count === undefined;
  const bytes = Math.max(
    b.minBytes,
    grows ? (numbers ? 4 * numbers.length : stride * Number(count ?? 256)) : 0,
  );
  const words = new DataView(new ArrayBuffer(Math.ceil(bytes / 4) * 4));
  const float = /f32/.test(b.type.name);
  const random = prng(seed + b.binding);
  const cell = (i: number): number => {
    if (numbers) return numbers[i] ?? 0;
    if (fill === 'iota') return i;
    if (fill === 'random') return float ? random.normal() : random.int(0, 255);
    return 0;
  };
  for (let i = 0; i < words.byteLength; i += 4) {
    if (float) words.setFloat32(i, cell(i / 4), true);
    else words.setUint32(i, cell(i / 4), true);
  }
  return { group: b.group, binding: b.binding, bytes: new Uint8Array(words.buffer, 0, bytes) };
}
