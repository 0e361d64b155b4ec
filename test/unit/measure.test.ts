import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { at } from '../../src/core/assert.ts';
import { unwrap } from '../../src/core/result.ts';
import { unwritten } from '../../src/gpu/subject.ts';
import { planSample } from '../../src/gpu/timing.ts';
import { catalog } from '../../src/kernels/catalog.ts';
import { limitOf, readsMuch, timing } from '../../src/measure/bound.ts';
import { parseResultFile } from '../../src/measure/read-results.ts';
import { type Ceiling, type Ceilings, deviceLine } from '../../src/measure/schema.ts';
import { candidates, shapeClass, textHash, tuningKey } from '../../src/measure/tuning.ts';
import { file, row } from './views-rows.ts';

const ceiling = (value: number, unit: Ceiling['unit']): Ceiling => ({
  value,
  unit,
  p10: value,
  p90: value,
  n: 9,
  how: '',
});
const ceilings: Ceilings = {
  readBandwidth: ceiling(100, 'GB/s'),
  copyBandwidth: null,
  workgroupBandwidth: null,
  f32: ceiling(1000, 'GFLOP/s'),
  f16: null,
  dot4i8: null,
  dispatch: ceiling(10, 'µs'),
};

describe('what bounds a run', () => {
  it('is the highest floor', () => {
    // 2 GFLOP at 1000 GFLOP/s: 2 ms; 12 MB at 100 GB/s: 0.12 ms; one dispatch: 0.01 ms
    expect(limitOf({ flops: 2e9, bytes: 12e6, dispatches: 1, peak: 'f32' }, ceilings)).toEqual({
      bound: 'compute',
      ceiling: 'f32',
      floorMs: 2,
    });
    expect(limitOf({ flops: 1e6, bytes: 64e6, dispatches: 1, peak: 'f32' }, ceilings)?.bound).toBe(
      'bandwidth',
    );
    expect(limitOf({ flops: 1e3, bytes: 1e3, dispatches: 2, peak: 'f32' }, ceilings)).toMatchObject({
      bound: 'launch',
      floorMs: 0.02,
    });
  });
  it('says whether a cache could change a time, also of what computes longest', () => {
    // reading 100 MB takes 1 ms, 1 GFLOP as long
    const reads = (readMs: number, computeMs: number, of = ceilings) =>
      readsMuch({ flops: 1e9 * computeMs, bytes: 1e8 * readMs, dispatches: 1, peak: 'f32' }, of);
    expect([reads(8, 9.8), reads(2, 9.8), reads(9.8, 2), reads(2.5, 9.8)]).toEqual([true, false, true, true]);
    expect(reads(8, 9.8, { ...ceilings, readBandwidth: null })).toBe(false);
  });
  it('gives rates and the fraction of that ceiling', () => {
    const work = { flops: 2e9, bytes: 12e6, dispatches: 1, peak: 'f32' } as const;
    const t = timing(work, { median: 4, p10: 3, p90: 5, n: 9 }, limitOf(work, ceilings));
    expect(t).toMatchObject({ gflops: 500, gbps: 3, fractionOfCeiling: 0.5 });
  });
});

describe('sampling plans', () => {
  it('takes the slope of a coarse clock, over 200 of its steps', () => {
    const plan = planSample({ kind: 'gpu', quantumNs: 65_536 }, 0.1);
    expect(plan.method).toBe('slope');
    expect(plan.repeats * 0.1).toBeGreaterThanOrEqual(200 * 0.065_536);
  });
  it('times a long run once, directly', () => {
    expect(planSample({ kind: 'gpu', quantumNs: 1 }, 50)).toEqual({ method: 'direct', repeats: 1 });
  });
  it('takes the cost of waiting out of the wall clock wherever two runs fit into a submit', () => {
    expect(planSample({ kind: 'wall', quantumNs: 0 }, 40)).toEqual({ method: 'slope', repeats: 1 });
    expect(planSample({ kind: 'wall', quantumNs: 0 }, 140)).toEqual({ method: 'direct', repeats: 1 });
  });
  it('never plans past the submit limit', () => {
    const plan = planSample({ kind: 'wall', quantumNs: 0 }, 90);
    expect(plan.repeats * 2 * 90).toBeLessThanOrEqual(200);
  });
});

describe('cells that were never written', () => {
  it('are seen as tiles left at zero, not as single sums that cancel or as padding', () => {
    const layout = { cells: 'f32', shape: [3, 6], rows: 3, columns: 6, pitch: 8, bytes: 96 } as const;
    const cells = new Float32Array(24).fill(1);
    for (const padding of [6, 7, 14, 15, 22, 23]) cells[padding] = 0;
    cells[9] = 0; // a sum that cancels
    expect(unwritten(layout, cells.buffer)).toBe(0);
    cells.fill(0, 18, 22);
    expect(unwritten(layout, cells.buffer)).toBe(4);
  });
});

describe('tuning', () => {
  const version = {
    path: 'x.wgsl',
    require: ['A * B <= 32'],
    params: [
      { name: 'A', kind: 'const', default: 4, choices: [4, 8, 16] },
      { name: 'B', kind: 'const', default: 4, choices: [2, 4] },
    ],
  } as const;
  it('tries the default first and nothing that a @require forbids', () => {
    const all = candidates(version, 100);
    expect(all[0]).toEqual({ A: 4, B: 4 });
    expect(all).toHaveLength(5); // 16 × 4 is forbidden
    expect(candidates(version, 3)).toHaveLength(3);
  });
  it('keys by shape class and shader text', () => {
    expect(shapeClass({ m: 1, n: 4000 })).toBe('m1 n4096');
    expect(textHash('a')).not.toBe(textHash('b'));
    const versions = catalog.get('matmul')?.versions ?? [];
    const tiled = at(versions, 4);
    const keyOf = (version: typeof tiled) => tuningKey(file([]).device, version, { m: 8 }, 'f32');
    expect(tiled.lib).toContain('tile');
    expect(keyOf(tiled)).toBe(keyOf({ ...tiled }));
    expect(keyOf({ ...tiled, source: `${tiled.source} ` })).not.toBe(keyOf(tiled));
    expect(keyOf({ ...tiled, lib: tiled.lib.slice(1) })).not.toBe(keyOf(tiled));
  });
});

describe('result files', () => {
  it('names what is wrong with a file that is none', () => {
    const message = (text: string) => {
      const r = parseResultFile(text, 'x.json');
      return r.ok ? 'ok' : r.error.message;
    };
    expect(message('{')).toContain('x.json: is no JSON');
    expect(message('{"schema":"other"}')).toContain('is not a "lockstep-kernels" file');
    expect(message('{"schema":"lockstep-kernels","version":9}')).toContain(
      'has schema version 9; this Lockstep reads 1',
    );
    const good = {
      schema: 'lockstep-kernels',
      version: 1,
      results: [{ op: 'm', version: 'v', peer: 'p', shape: 's', dtype: 'f32', medianMs: -1, samplesMs: [] }],
      device: {},
      ceilings: {},
    };
    expect(message(JSON.stringify(good))).toContain('results[0].medianMs is -1');
    const now = { ...file([row({ version: 'v', samplesMs: [1, null, 1] })]) };
    expect(message(JSON.stringify(now))).toBe('ok');
    const odd = { ...now, results: now.results.map((r) => ({ ...r, status: 'fine' })) };
    expect(message(JSON.stringify(odd))).toContain('results[0].status is fine; it is one of measured');
  });

  it.each<readonly [string, object, string]>([
    ['a row that is none', { results: [null] }, 'results[0] is no object'],
    ['no list of what is wrong', { invalid: undefined }, 'has no list of sentences "invalid"'],
    ['calls that are none', { calls: {} }, 'has no list "calls"'],
    ['a call that is none', { calls: ['x'] }, 'calls[0] is no object'],
    ['samples of words', { results: [{ ...row({ version: 'v' }), samplesMs: ['1'] }] }, 'samplesMs'],
    ['dims of words', { results: [{ ...row({ version: 'v' }), dims: { m: '8' } }] }, 'results[0].dims'],
    ['no dims', { results: [{ ...row({ version: 'v' }), dims: null }] }, 'results[0].dims'],
    ['a figure of words', { results: [{ ...row({ version: 'v' }), gbps: '<b>' }] }, 'results[0].gbps is <b>'],
    ['a reason that is none', { results: [{ ...row({ version: 'v' }), coldWhy: 3 }] }, 'results[0].coldWhy'],
    ['a device without a name', { device: { ...file([]).device, vendor: 7 } }, 'device.vendor'],
    ['a ceiling that is none', { ceilings: { ...file([]).ceilings, f32: 3 } }, 'ceilings.f32 is no ceiling'],
  ])('refuses, by name, %s', (_, over, message) => {
    const read = parseResultFile(JSON.stringify({ ...file([row({ version: 'v' })]), ...over }), 'x.json');
    expect(read.ok ? 'ok' : read.error.message).toContain(message);
  });

  it('that are recorded are all read', () => {
    for (const folder of ['kernels', 'attention', 'peers', 'tuning'])
      for (const name of readdirSync(`bench/results/${folder}`)) {
        if (!name.endsWith('.json')) continue;
        const path = `bench/results/${folder}/${name}`;
        const read = parseResultFile(readFileSync(path, 'utf8'), path);
        expect(read.ok ? path : read.error.message).toBe(path);
      }
  });

  it('call a fallback adapter by its name', () => {
    const on = (architecture: string, description = '') =>
      deviceLine({ ...file([]).device, fallback: true, architecture, description }).split(' · ')[0];
    expect(on('swiftshader')).toBe('SwiftShader: a CPU');
    expect(on('', 'llvmpipe (LLVM 15.0.7, 256 bits)')).toBe('llvmpipe: a CPU');
    expect(on('', 'Microsoft Basic Render Driver')).toBe('Microsoft Basic Render: a CPU');
  });

  it('of version 1 still load, with the status that their words say', () => {
    const recorded = unwrap(
      parseResultFile(readFileSync('bench/results/kernels/swiftshader.json', 'utf8'), 'recorded'),
    );
    expect(recorded.results.length).toBeGreaterThan(10);
    for (const { status, why, medianMs } of recorded.results)
      expect(status === 'measured', why ?? '').toBe(medianMs !== null);
    const said = (why: string | null, verified = false): string | undefined => {
      const { status: _, ...old } = row({ version: 'v', why, verified });
      const text = JSON.stringify({ ...file([]), version: 1, results: [old], calls: [old] });
      const { results, calls } = unwrap(parseResultFile(text));
      expect(calls?.[0]?.status).toBe(results[0]?.status);
      return results[0]?.status;
    };
    expect(said(null, true)).toBe('measured');
    expect(said('failed verification: c: 3 of 9 cells, worst 1 for 2')).toBe('unverified');
    expect(said('the timed output failed verification: c: 3 of 9 cells')).toBe('unverified');
    expect(said('skipped: this device has no shader-f16')).toBe('skipped');
    expect(said('refused: predicted to take 40 s a run. Choose a smaller shape.')).toBe('refused');
    expect(said('not run: cancelled')).toBe('cancelled');
    expect(said('no valid interval from this clock', true)).toBe('untimed');
  });
});
