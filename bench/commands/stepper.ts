// npm run bench -- stepper: how fast the lockstep machine is, beside wgsl_reflect, in one process on one core.

import type { Command } from 'commander';
import { prng } from '../../src/core/prng.ts';
import { unwrap } from '../../src/core/result.ts';
import { spread } from '../../src/core/stats.ts';
import { catalog } from '../../src/kernels/catalog.ts';
import { prepare } from '../../src/kernels/prepare.ts';
import {
  type CompileOptions,
  compileKernel,
  type Dispatch,
  type Kernel,
  Run,
  Timeline,
} from '../../src/stepper/index.ts';
import { buffersOf } from '../../src/stepper/shipped.ts';
import type { Subcommand } from '../main.ts';

/** A product without barriers and workgroup memory, because the peer runs one invocation after the other. */
const plain = `@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> c: array<f32>;
@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  var sum: f32 = 0.0;
  for (var k: u32 = 0u; k < 32u; k = k + 1u) {
    sum = sum + a[id.y * 32u + k] * b[k * 32u + id.x];
  }
  c[id.y * 32u + id.x] = sum;
}`;
const SIDE = 32;

/** wgsl_reflect by its module file: what its package names for Node is CommonJS that Node reads as a module. */
const peerModule = 'wgsl_reflect/wgsl_reflect.module.js';
type Peer = typeof import('wgsl_reflect');

const compiled = (source: string, entryPoint?: string): Kernel => {
  const { kernel, diagnostics } = compileKernel(source, entryPoint ? { entryPoint } : {});
  if (!kernel) throw new Error(JSON.stringify(diagnostics));
  return kernel;
};

const seconds = (f: () => void): number => {
  const start = performance.now();
  f();
  return (performance.now() - start) / 1000;
};

/** Runs `a` and `b` in turns, so that what else the machine does hits both. */
function interleaved(rounds: number, ...bodies: (() => number)[]): number[][] {
  const times: number[][] = bodies.map(() => []);
  for (let i = 0; i < rounds; i++) for (const [k, body] of bodies.entries()) times[k]?.push(body());
  return times;
}

const shown = (values: readonly number[], unit: string, digits = 1): string => {
  const s = spread(values);
  return `${s.median.toFixed(digits)} ${unit} (p10 ${s.p10.toFixed(digits)}, p90 ${s.p90.toFixed(digits)}, n ${s.n})`;
};

/** The tiled product of the ladder, 128 × 128 × 128. */
function tiled(): { kernel: Kernel; dispatch: Dispatch } {
  const entry = catalog.get('matmul');
  const version = entry?.versions.find((v) => v.id === '02_shared_tile');
  if (!entry || !version)
    throw new Error('shaders/matmul/02_shared_tile.wgsl is gone: name another tiled kernel here.');
  const dims = { m: 128, n: 128, k: 128 };
  const prepared = unwrap(prepare(entry.op, version, dims, 'f32'));
  const [pass] = prepared.passes;
  if (!pass) throw new Error('the tiled kernel has a pass');
  const buffers = buffersOf(prepared, entry.op.inputs(dims, 'normal', 'f32', 1));
  return { kernel: compiled(prepared.code, pass.entry), dispatch: { workgroups: pass.workgroups, buffers } };
}

async function againstPeer(rounds: number): Promise<void> {
  const { WgslExec, WgslParser } = (await import(peerModule)) as Peer;
  const random = prng(5);
  const side = () => Float32Array.from({ length: SIDE * SIDE }, () => random.normal());
  const [a, b] = [side(), side()];
  const kernel = compiled(plain);
  const bytes = (x: Float32Array) => new Uint8Array(x.buffer.slice(0));
  const dispatch: Dispatch = {
    workgroups: [SIDE / 8, SIDE / 8, 1],
    buffers: [a, b, new Float32Array(SIDE * SIDE)].map((x, binding) => ({
      group: 0,
      binding,
      bytes: bytes(x),
    })),
  };
  const answers = { ours: new Float32Array(), peer: new Float32Array() };
  let statements = 0;
  const ours = (): number => {
    const run = unwrap(Run.start(kernel, dispatch, 'results'));
    const time = seconds(() => run.finish());
    answers.ours = new Float32Array((run.outputs()[0]?.bytes ?? new Uint8Array()).slice().buffer);
    statements = run.laneStatements;
    return statements / time / 1e6;
  };
  const peer = (): number => {
    const c = new Float32Array(SIDE * SIDE);
    const exec = new WgslExec(new WgslParser().parse(plain));
    const time = seconds(() =>
      exec.dispatchWorkgroups('main', [SIDE / 8, SIDE / 8, 1], { 0: { 0: a, 1: b, 2: c } }),
    );
    answers.peer = c;
    return statements / time / 1e6;
  };
  for (let i = 0; i < 20; i++) ours();
  const [mine = [], theirs = []] = interleaved(rounds, ours, peer);
  const wrong = answers.ours.findIndex((x, i) => Math.abs(x - (answers.peer[i] ?? Number.NaN)) > 1e-4);
  console.log(`plain product ${SIDE}³, lane-statements a second, interleaved:`);
  console.log(`  stepper       ${shown(mine, 'M/s')}`);
  console.log(`  wgsl_reflect  ${shown(theirs, 'M/s', 3)}`);
  console.log(
    `  ratio         ${(spread(mine).median / spread(theirs).median).toFixed(0)}×; answers ${wrong < 0 ? 'agree' : `differ at cell ${wrong}`}`,
  );
}

function ownSpeed(rounds: number): void {
  const { kernel, dispatch } = tiled();
  const whole = (mode: 'results' | 'checks') => (): number => {
    const run = unwrap(Run.start(kernel, dispatch, mode));
    return seconds(() => run.finish());
  };
  const statements = unwrap(Run.start(kernel, dispatch, 'results')).finish().laneStatements;
  whole('checks')();
  const [fast = [], checked = []] = interleaved(rounds, whole('results'), whole('checks'));
  const rate = (times: readonly number[]) =>
    shown(
      times.map((t) => statements / t / 1e6),
      'M/s',
    );
  const ms = (times: readonly number[]) =>
    shown(
      times.map((t) => t * 1e3),
      'ms',
      0,
    );
  console.log(
    `\ntiled product 128³ (shaders/matmul/02_shared_tile.wgsl), ${statements.toLocaleString('en')} lane-statements:`,
  );
  console.log(`  untraced      ${rate(fast)}, whole run ${ms(fast)}`);
  console.log(`  every access checked  ${rate(checked)}, whole run ${ms(checked)}`);
  reach(kernel, dispatch);
}

/** Any statement of any workgroup: opening a workgroup, then going to random times in it. */
function reach(kernel: Kernel, dispatch: Dispatch): void {
  const run = unwrap(Run.start(kernel, dispatch, 'checks')).finish();
  const random = prng(9);
  const opens: number[] = [];
  const seeks: number[] = [];
  for (let i = 0; i < 12; i++) {
    let timeline: Timeline | undefined;
    opens.push(
      1e3 * seconds(() => (timeline = Timeline.open(run, random.int(0, run.workgroups - 1)).finish())),
    );
    for (let k = 0; k < 12; k++)
      seeks.push(1e3 * seconds(() => timeline?.seek(random.int(0, timeline.length))));
  }
  console.log(`  open a workgroup      ${shown(opens, 'ms')}`);
  console.log(`  go to a random time   ${shown(seeks, 'ms')}, worst ${Math.max(...seeks).toFixed(1)} ms`);
}

/** A name that does not exist, in every ninth statement that ends in a semicolon: what editing looks like. */
function broken(code: string): string {
  let statements = 0;
  return code
    .split('\n')
    .map((line) =>
      /^ .*[^{}];$/.test(line) && ++statements % 9 === 0 ? line.replace(/;$/, ' + nothing;') : line,
    )
    .join('\n');
}

interface Source {
  readonly path: string;
  readonly code: string;
  readonly options: CompileOptions;
}

function longestShipped(): Source {
  const sources = [...catalog.values()].flatMap(({ op, versions }) =>
    versions.flatMap((v) => {
      const p = prepare(op, v, op.shapes.step, v.dtypes[0] ?? 'f32');
      if (!p.ok) return [];
      const { code, constants, passes } = p.value;
      return [{ path: v.path, code, options: { constants, entryPoint: passes[0]?.entry ?? 'main' } }];
    }),
  );
  const [longest] = sources.toSorted((a, b) => b.code.length - a.code.length);
  if (!longest) throw new Error('no shipped kernel can be prepared: run the unit tests');
  return longest;
}

const compileTime =
  (code: string, { options }: Source) =>
  (): number =>
    1e3 * seconds(() => compileKernel(code, options));

/** Source to code and diagnostics. `cold` is the first call of this process, in milliseconds. */
function frontEnd(rounds: number, source: Source, cold: number): void {
  const { path, code } = source;
  const wrong = broken(code);
  const errors = compileKernel(wrong, source.options).diagnostics.length;
  const once = compileTime(code, source);
  const onceWrong = compileTime(wrong, source);
  for (let i = 0; i < 150; i++) once() + onceWrong();
  const [warm = [], warmWrong = []] = interleaved(4 * rounds, once, onceWrong);
  console.log(
    `\nfront end, the longest shipped kernel (${path}, ${code.split('\n').length} lines with its library):`,
  );
  console.log(`  first call of the process  ${cold.toFixed(1)} ms`);
  console.log(`  warm                       ${shown(warm, 'ms')}`);
  console.log(`  warm, with ${errors} errors        ${shown(warmWrong, 'ms')}`);
}

const command: Subcommand = {
  id: 'stepper',
  register(program: Command): void {
    program
      .command('stepper')
      .description(
        'lane-statements a second of the lockstep machine, beside wgsl_reflect (no GPU, no browser)',
      )
      .option('--rounds <n>', 'interleaved repetitions', '15')
      .action(async (options: { readonly rounds: string }) => {
        const rounds = Number(options.rounds);
        const longest = longestShipped();
        const cold = compileTime(longest.code, longest)();
        await againstPeer(rounds);
        ownSpeed(rounds);
        frontEnd(rounds, longest, cold);
      });
  },
};

export default command;
