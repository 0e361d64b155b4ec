// The commands as a person types them, on SwiftShader: what they write, and that a wrong kernel is told by the exit code.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { GpuRun } from '../../bench/batching/gpu.ts';
import type { NullTest } from '../../bench/batching/null.ts';
import { unwrap } from '../../src/core/result.ts';
import { readCostModel } from '../../src/engine/cost-model.ts';
import { attentionFigures } from '../../src/measure/attention.ts';
import type { ModelFile } from '../../src/measure/model.ts';
import type { OffloadReport } from '../../src/measure/offload.ts';
import type { QualityFile } from '../../src/measure/quality.ts';
import { timesOf } from '../../src/measure/rank.ts';
import { parseResultFile } from '../../src/measure/read-results.ts';
import { ceilingNames, type ResultRow } from '../../src/measure/schema.ts';

const folder = mkdtempSync(join(tmpdir(), 'lockstep-commands-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function bench(...args: string[]): { code: number | null; out: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['scripts/run.mjs', 'bench/main.ts', ...args, '--gpu', 'swiftshader'],
    { encoding: 'utf8', timeout: 170_000 },
  );
  return { code: status, out: `${stdout}\n${stderr}` };
}
const read = (name: string) => unwrap(parseResultFile(readFileSync(join(folder, name), 'utf8'), name));
/** A shared machine may make the figures doubtful, which fails the command; nothing else may. */
function expectTold(code: number | null, out: string, invalid: readonly string[], may = 'drifted'): void {
  expect(invalid.filter((why) => !why.includes(may))).toEqual([]);
  expect(code, out).toBe(invalid.length > 0 ? 1 : 0);
}
const tiny = ['--op', 'matmul', '--dtype', 'f32', '--shape', '64x64x64', '--quick'];

const figures = ['medianMs', 'p10Ms', 'p90Ms', 'gflops', 'gbps'] as const satisfies (keyof ResultRow)[];

it('kernels: verifies, times and writes the versioned schema', () => {
  const json = join(folder, 'good.json');
  const { code, out } = bench('kernels', ...tiny, '--versions', '01,02', '--json', json);
  const file = read('good.json');
  expectTold(code, out, file.invalid);
  expect(file.results.map(({ op, version, shape, dtype }) => [op, version, shape, dtype])).toEqual([
    ['matmul', '01_naive', '64x64x64', 'f32'],
    ['matmul', '02_shared_tile', '64x64x64', 'f32'],
  ]);
  for (const row of file.results) {
    expect(row).toMatchObject({
      verified: true,
      status: 'measured',
      why: null,
      peer: 'lockstep',
      clock: 'gpu',
    });
    for (const key of figures) expect(row[key], `${row.version} ${key}`).toBeGreaterThan(0);
    expect(row.maxError).toBeLessThanOrEqual(row.tolerance);
    expect(timesOf(row.samplesMs)).toHaveLength(row.n);
  }
  expect(file.device).toMatchObject({ fallback: true });
  expect(file.device.flags.length).toBeGreaterThan(0);
  expect(Object.keys(file.ceilings).sort()).toEqual([...ceilingNames].sort());
  expect(file.ceilings.f32?.value).toBeGreaterThan(0);
  expect(out).toContain('01_naive');
});

it('kernels: a wrong kernel has no figure and fails the command', () => {
  const right = readFileSync('shaders/matmul/01_naive.wgsl', 'utf8');
  const wrong = right.replace('var sum = 0.0;', 'var sum = 0.001;');
  expect(wrong).not.toBe(right);
  const source = join(folder, 'planted.wgsl');
  writeFileSync(source, wrong);
  const json = join(folder, 'wrong.json');
  const { code, out } = bench('kernels', ...tiny, '--versions', '01', '--source', source, '--json', json);
  expect(code).toBe(1);
  expect(out).toContain('FAILED matmul planted 64x64x64 f32');
  const rows = new Map(read('wrong.json').results.map((row) => [row.version, row]));
  expect(rows.get('01_naive')).toMatchObject({ verified: true });
  expect(rows.get('planted')).toMatchObject({
    ...{ verified: false, status: 'unverified', medianMs: null, samplesMs: [] },
  });
  expect(rows.get('planted')?.why).toContain('failed verification');
});

it('names what it does not know, before it starts a browser', () => {
  const { code, out } = bench('kernels', '--op', 'matmul', '--versions', '99');
  expect(code).toBe(1);
  expect(out).toContain('--versions 99: matmul has 01_naive');
});

it('peers: all on one device, checked, in two tables', () => {
  const json = join(folder, 'peers.json');
  const { code, out } = bench(
    ...['peers', '--op', 'matmul', '--shape', '64x64x64', '--versions', '02,04', '--quick', '--json', json],
  );
  const file = read('peers.json');
  expectTold(code, out, file.invalid);
  const verified = (rows: readonly ResultRow[] = []): string[] =>
    [...new Set(rows.filter((row) => row.verified && row.medianMs !== null).map((row) => row.peer))].sort();
  expect(verified(file.results), out).toEqual(['jax', 'lockstep', 'onnxruntime', 'tfjs']);
  expect(verified(file.calls), out).toEqual(['jax', 'lockstep', 'onnxruntime', 'tfjs']);
  expect(file.calls?.every((row) => row.clock === 'wall')).toBe(true);
  expect(out).toContain('kernel against kernel (gpu clock)');
  expect(out).toContain('call against call (wall clock)');
});

it('attention: decode and prefill through pages, beside contiguous and gathered', () => {
  const json = join(folder, 'attention.json');
  const { code, out } = bench(
    ...[
      'attention',
      '--quick',
      '--phase',
      'decode,prefill',
      '--heads',
      '2',
      '--group',
      '2',
      '--head-dim',
      '32',
    ],
    ...['--context', '48', '--batch', '1', '--chunk', '8', '--json', json],
  );
  const file = read('attention.json');
  expectTold(code, out, file.invalid);
  const figures = attentionFigures(file.results, file.ceilings);
  expect(figures.map(({ of, why }) => [of.phase, of.batch, of.context, of.tokens, why])).toEqual([
    ['decode', 1, 48, 1, null],
    ['prefill', 1, 48, 8, null],
  ]);
  for (const { pagedMs, contiguousMs, gatherMs, readMs, readFraction, overContiguous } of figures) {
    for (const figure of [pagedMs, contiguousMs, gatherMs, readMs, readFraction, overContiguous?.ratio])
      expect(figure).toBeGreaterThan(0);
    expect(overContiguous?.high).toBeLessThan(Number.POSITIVE_INFINITY);
  }
  expect(file.results.every((row) => row.status === 'measured')).toBe(true);
});

it('model: whole steps of a tiny shape, beside the floors of the device', () => {
  const json = join(folder, 'model.json');
  const { code, out } = bench(
    ...['model', '--config', 'nano', '--weights', 'f32,i8-row', '--batch', '1', '--context', '16'],
    ...['--prompt', '8', '--samples', '2', '--no-split', '--json', json],
  );
  expect(code, out).toBe(0);
  const file = JSON.parse(readFileSync(json, 'utf8')) as ModelFile;
  expect(file).toMatchObject({ schema: 'lockstep-model', version: 1, invalid: [] });
  expect(file.results.map((r) => [r.phase, r.weights, r.batch, r.tokens, r.status, r.turns])).toEqual([
    ['prefill', 'f32', 1, 8, 'measured', 0],
    ['decode', 'f32', 1, 1, 'measured', 0],
    ['prefill', 'i8-row', 1, 8, 'measured', 0],
    ['decode', 'i8-row', 1, 1, 'measured', 0],
  ]);
  expect(out).toContain('readback ms');
  expect(out).toMatch(/Int8 weights against float ones[\s\S]* in turns/);
  for (const row of file.results) {
    for (const key of ['tokensPerSecond', 'stepMs', 'awaitedMs', 'hostMs', 'dispatches'] as const)
      expect(row[key], `${row.phase} ${key}`).toBeGreaterThan(0);
    expect(row.readbackMs).toBeCloseTo((row.awaitedMs ?? 0) - (row.stepMs ?? 0), 9);
    const { launch, bandwidth, compute } = row.floorsMs;
    for (const floor of [launch, bandwidth, compute]) expect(floor).toBeGreaterThan(0);
    expect(row.launchPlusBandwidthMs).toBeCloseTo((launch ?? 0) + (bandwidth ?? 0), 9);
    expect(row.fractionOfLaunchPlusBandwidth).toBeGreaterThan(0);
  }
});

it('offload: both threads, calls, and buffers of every size', () => {
  const json = join(folder, 'offload.json');
  const { code, out } = bench('offload', '--quick', '--json', json);
  const report = JSON.parse(readFileSync(json, 'utf8')) as OffloadReport;
  // other tests keep this machine busy, too
  expectTold(code, out, report.invalid, 'keeps this machine busy');
  for (const arm of [report.main, report.worker]) {
    expect(arm.rounds).toHaveLength(4);
    expect(arm.dispatchesPerSecond).toBeGreaterThan(0);
    expect(arm.frames.frames).toBeGreaterThan(0);
  }
  // the reference alone holds the thread that computes it for longer than a frame
  expect(Math.max(...report.main.rounds.map((round) => round.prepareMs))).toBeGreaterThan(16);
  expect(report.main.frames.longestTaskMs).toBeGreaterThan(0);
  expect(report.moves.map(({ bytes }) => bytes)).toEqual(
    [1, 16, 256, 1024, 4096, 16384, 65536].map((k) => k * 1024),
  );
  expect(report.call.idle.n).toBeGreaterThan(0);
});

it('quality: every way beside f32, on the same text', () => {
  const json = join(folder, 'quality.json');
  const { code, out } = bench(
    ...['quality', '--quick', '--documents', '2', '--weights', 'i8-row', '--activations', 'i8', '--kv', 'i8'],
    ...['--json', json],
  );
  expect(code, out).toBe(0);
  const file = JSON.parse(readFileSync(json, 'utf8')) as QualityFile;
  expect(file).toMatchObject({ schema: 'lockstep-quality', version: 2, model: 'base', documents: 2 });
  expect(file.results.map((r) => [r.weights, r.activations, r.kv, r.why])).toEqual([
    ['f32', 'f32', 'f32', null],
    ['i8-row', 'i8', 'i8', null],
  ]);
  const [f32, int8] = file.results;
  expect(f32?.tokens).toBeGreaterThan(100);
  expect(int8?.tokens).toBe(f32?.tokens);
  expect(f32?.fromF32).toBeNull();
  expect(int8?.fromF32?.positions).toBe(f32?.tokens);
  for (const figure of [int8?.fromF32?.logitRms, int8?.fromF32?.klMean]) expect(figure).toBeGreaterThan(0);
  for (const { prefill, decode } of file.results)
    for (const rate of [prefill, decode]) expect(rate?.tokensPerSecond).toBeGreaterThan(0);
  expect(out).toContain('over f32 (95 %)');
  expect(out).toContain('logit error RMS');
});

it('batching: real text, answered by a trained model until it ends by itself', () => {
  const json = join(folder, 'text.json');
  const set = 'workload.requests=4,workload.kind=questions,workload.prompt=40';
  const { code, out } = bench(
    ...['batching', '--clock', 'gpu', '--workload', 'real-text', '--set', set, '--repeat', '1'],
    ...['--strategies', 'static,continuous', '--json', json, '--run', join(folder, 'run.json')],
  );
  expect(code, out).toBe(0);
  const { answers, results } = JSON.parse(readFileSync(json, 'utf8')) as GpuRun['report'];
  expect(results.map(({ identical }) => identical)).toEqual([null, true]);
  expect(answers).toHaveLength(4);
  for (const { prompt, answer, tokens } of answers) {
    expect(prompt).toMatch(/:$/);
    expect(answer).toMatch(/^ \S/);
    // its line's end ended it, long before the cap
    expect(answer.endsWith('\n'), answer).toBe(true);
    expect(tokens).toBeLessThan(64);
  }
});

/** A few requests of a tiny model, for what is measured over and over. */
const few = [
  ...['batching', '--clock', 'gpu', '--config', 'nano', '--strategies', 'continuous'],
  ...['--set', 'workload.requests=4,workload.prompt=8,workload.output=4'],
];

it('batching: fits the virtual clock first, and says how far it is from the device', () => {
  const [json, fit] = [join(folder, 'fitted.json'), join(folder, 'fit.json')];
  const { code, out } = bench(
    ...[...few, '--repeat', '1', '--slo', 'ttft=10s', '--calibrate', fit, '--json', json],
    ...['--run', join(folder, 'fitted-run.json')],
  );
  const report = JSON.parse(readFileSync(json, 'utf8')) as GpuRun['report'];
  expectTold(code, out, report.invalid);
  expect(out).toMatch(/calibrated in [\d.]+ s: \d+ kinds of steps/);
  expect(out).toContain('the fitted virtual clock says: output_throughput');
  expect(unwrap(readCostModel(readFileSync(fit, 'utf8'))).provenance).toMatchObject({ kind: 'fitted' });
  // the two meanings of goodput, one of them searched for on the fitted clock
  const [result] = report.results;
  expect(result?.metrics['goodput']).toBeGreaterThan(0);
  expect(result?.metrics['goodput']).toBeLessThanOrEqual(result?.metrics['request_throughput'] ?? 0);
  expect(result?.metrics['goodput_capacity']).toBeGreaterThan(0);
});

it('batching: a strategy against itself, as the command compares and as the page does', () => {
  const json = join(folder, 'null.json');
  const { code, out } = bench(...few, '--null', '10', '--json', json);
  const test = JSON.parse(readFileSync(json, 'utf8')) as NullTest;
  expectTold(code, out, test.invalid);
  expect(test).toMatchObject({ format: 'lockstep-null-test', version: 2, turns: 10, identical: true });
  for (const times of Object.values(test.times)) expect(timesOf(times)).toHaveLength(10);
  expect(test.page).toMatchObject({ turns: 10, comparisons: 1 });
  expect(Object.keys(test.page.slower)).toContain('longest-gap');
  expect(out).toMatch(/a page that shows these figures calls a difference in [01] of 1/);
});
