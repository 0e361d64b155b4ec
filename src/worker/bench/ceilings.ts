// Measures the ceilings of this device, in the run that refers to them, with kernels that are checked like all others.

import { assert } from '../../core/assert.ts';
import { err, ok, type Result, unwrap } from '../../core/result.ts';
import type { Gpu } from '../../gpu/device.ts';
import { bind, compile } from '../../gpu/dispatch.ts';
import type { InputSet } from '../../gpu/inputs.ts';
import type { Pipelines } from '../../gpu/pipelines.ts';
import { Scope } from '../../gpu/scope.ts';
import { makeSubject } from '../../gpu/subject.ts';
import { missing } from '../../gpu/support.ts';
import { type Clock, estimate, planSample, sample } from '../../gpu/timing.ts';
import { catalog } from '../../kernels/catalog.ts';
import type { Dims, Dtype, Op } from '../../kernels/op.ts';
import { prepare } from '../../kernels/prepare.ts';
import { measured } from '../../measure/samples.ts';
import {
  type Ceiling,
  type CeilingGap,
  type CeilingName,
  type Ceilings,
  ceilingNames,
  type MissingCeilings,
} from '../../measure/schema.ts';

interface Probe {
  readonly name: CeilingName;
  readonly op: string;
  readonly dtype: Dtype;
  readonly dims: Dims;
  readonly unit: Ceiling['unit'];
  /** Work of one run, in units of 1e6 of what `unit` counts a millisecond, at the dims that ran; 1 for µs. */
  work(dims: Dims): number;
  /** How many invocations keep a device busy is not told: they are doubled until a run is long enough. */
  readonly grows?: true;
  readonly how: string;
}

const mib = 2 ** 20;
/** Busy milliseconds before the first ceiling, and before each: a clock that has not ramped up flatters every percentage. */
const warmUpMs = { first: 400, each: 100 };
/** A run of a growing ceiling takes this long at least, so that its ragged start and end are under 1 %. */
const longEnoughMs = 2;
const mostLanes = 2 ** 22;

const lanesOf = (dims: Dims): number => dims['lanes'] ?? 0;

function probes(gpu: Gpu): Probe[] {
  const { limits } = gpu.device;
  const lanes = gpu.fallback ? 2 ** 12 : 2 ** 18;
  const bytes = Math.min(
    (gpu.fallback ? 128 : 512) * mib,
    limits.maxStorageBufferBindingSize,
    limits.maxBufferSize,
  );
  const n = Math.floor(bytes / 4 / 1024) * 1024;
  const steps = 1024;
  const few = gpu.fallback ? lanes : 2 ** 16;
  const chains = { lanes: few, steps, scale: 1, shift: 1 };
  const size = `${Math.round((n * 4) / mib)} MiB of hashed noise`;
  return [
    {
      name: 'readBandwidth',
      op: 'ceiling_read',
      dtype: 'f32',
      dims: { n, lanes, seed: 9 },
      unit: 'GB/s',
      work: () => (n * 4) / 1e6,
      how: `one sweep over ${size}, vec4 loads, four in flight`,
    },
    {
      name: 'copyBandwidth',
      op: 'ceiling_copy',
      dtype: 'f32',
      dims: { n: n / 2, seed: 9 },
      unit: 'GB/s',
      work: () => (n * 4) / 1e6,
      how: `copying half of ${size}; read and write counted`,
    },
    {
      name: 'workgroupBandwidth',
      op: 'ceiling_shared',
      dtype: 'f32',
      dims: { lanes: few, steps },
      unit: 'GB/s',
      work: (dims) => (lanesOf(dims) * steps * 16) / 1e6,
      grows: true,
      how: 'vec4 reads of a 4 KiB tile, no bank conflicts',
    },
    {
      name: 'f32',
      op: 'ceiling_fma',
      dtype: 'f32',
      dims: chains,
      unit: 'GFLOP/s',
      work: (dims) => (32 * lanesOf(dims) * steps) / 1e6,
      grows: true,
      how: '16 independent FMA chains in registers',
    },
    {
      name: 'f16',
      op: 'ceiling_fma',
      dtype: 'f16',
      dims: chains,
      unit: 'GFLOP/s',
      work: (dims) => (32 * lanesOf(dims) * steps) / 1e6,
      grows: true,
      how: '16 independent f16 FMA chains in registers',
    },
    {
      name: 'dot4i8',
      op: 'ceiling_dot4i8',
      dtype: 'f32',
      dims: { lanes: few, steps, w: 0x7f03fe81 },
      unit: 'GOP/s',
      work: (dims) => (64 * lanesOf(dims) * steps) / 1e6,
      grows: true,
      how: '8 dot4I8Packed chains in registers; a product and a sum are two operations',
    },
    {
      name: 'dispatch',
      op: 'ceiling_copy',
      dtype: 'f32',
      dims: { n: 64, seed: 9 },
      unit: 'µs',
      work: () => 1,
      how: 'dispatches of a 256-byte copy, each depending on the one before',
    },
  ];
}

const nothing: Ceilings = {
  readBandwidth: null,
  copyBandwidth: null,
  workgroupBandwidth: null,
  f32: null,
  f16: null,
  dot4i8: null,
  dispatch: null,
};

export interface CeilingBench {
  readonly gpu: Gpu;
  readonly pipelines: Pipelines;
  readonly clock: Clock;
  /** Samples of each ceiling. */
  readonly samples: number;
  /** Ceilings to measure; all of them when left out. */
  readonly names?: readonly CeilingName[];
  /** Told of each before it is measured, with those that are known. */
  report?(name: CeilingName, sofar: Ceilings): void;
  stopped(): boolean;
}

export interface MeasuredCeilings {
  readonly ceilings: Ceilings;
  /** Why each ceiling that is null was not measured. */
  readonly missingCeilings: MissingCeilings;
}

/** The named ceilings. Throws when a ceiling kernel fails its own check. */
export async function measureCeilings(bench: CeilingBench): Promise<MeasuredCeilings> {
  const { gpu, names = ceilingNames, stopped } = bench;
  let ceilings = nothing;
  const gaps: Partial<Record<CeilingName, CeilingGap>> = {};
  let first = true;
  for (const probe of probes(gpu)) {
    const { name } = probe;
    if (!names.includes(name)) gaps[name] = 'not asked';
    else if (stopped()) gaps[name] = 'cancelled';
    else {
      bench.report?.(name, ceilings);
      const made = await measureOne(bench, probe, first ? warmUpMs.first : warmUpMs.each);
      first = false;
      if (made.ok) ceilings = { ...ceilings, [name]: made.value };
      else gaps[name] = made.error;
    }
  }
  return { ceilings, missingCeilings: gaps };
}

async function measureOne(
  { gpu, pipelines, clock, samples }: CeilingBench,
  probe: Probe,
  busyMs: number,
): Promise<Result<Ceiling, CeilingGap>> {
  const entry = catalog.get(probe.op);
  const version = entry?.versions[0];
  assert(entry && version, `shaders/${probe.op} is missing`);
  if (missing(gpu.device, version, probe.dtype).length > 0) return err('unsupported');
  return Scope.with(gpu, probe.name, async (scope) => {
    const ring: Record<string, GPUBuffer> = {};
    if ('x' in entry.op.tensors) {
      const made = scope.storage('x', (probe.dims['n'] ?? 0) * 4);
      if (!made.ok) return err('not made');
      await fillHash(gpu, pipelines, made.value, probe.dims);
      ring['x'] = made.value;
    }
    const until = performance.now() + busyMs;
    for (let dims = probe.dims; ; dims = { ...dims, lanes: 2 * lanesOf(dims) }) {
      const set = ceilingSet(entry.op, probe.dtype, dims, scope, ring);
      const made = await makeSubject(gpu, pipelines, set, version, {});
      if (!made.ok) return err('not made');
      const subject = made.value;
      try {
        const runs = unwrap(await subject.runs(set.ring));
        let runMs = await estimate(clock, runs);
        const plan = () => planSample(clock, runMs);
        while (performance.now() < until) await sample(clock, plan(), runs);
        runMs = await estimate(clock, runs); // again, now that the clock has ramped up
        if (probe.grows && !gpu.fallback && runMs < longEnoughMs && lanesOf(dims) < mostLanes) continue;
        subject.clear();
        const times: number[] = [];
        for (let i = 0; i < samples * 2 && times.length < samples; i++) {
          const ms = await sample(clock, plan(), runs);
          if (ms !== null) times.push(ms);
        }
        const check = await subject.check();
        if (!check.verified) throw new Error(`The ceiling ${probe.name} ${check.why}`);
        const durations = measured(times);
        if (!durations.ok) return err('noise');
        const ms = durations.value;
        const rate = (t: number): number => (probe.unit === 'µs' ? t * 1e3 : probe.work(dims) / t);
        const [slow, fast] = [rate(ms.p90), rate(ms.p10)];
        return ok({
          value: rate(ms.median),
          unit: probe.unit,
          p10: Math.min(slow, fast),
          p90: Math.max(slow, fast),
          n: ms.n,
          how: probe.how,
        });
      } finally {
        subject.dispose();
      }
    }
  });
}

/** What a ceiling kernel runs on, and sixteen of its outputs to check. */
function ceilingSet(
  op: Op,
  dtype: Dtype,
  dims: Dims,
  scope: Scope,
  ring: Readonly<Record<string, GPUBuffer>>,
): InputSet {
  const extent = dims['lanes'] ?? dims['n'] ?? 1;
  const count = Math.min(16, extent);
  const rows = Array.from({ length: count }, (_, i) =>
    Math.floor((i * (extent - 1)) / Math.max(1, count - 1)),
  );
  return { op, dims, dtype, scope, ring: [ring], rows, expected: op.reference({}, dims, rows), ideal: {} };
}

/** Fills `buffer` with hashed noise on the device. */
async function fillHash(gpu: Gpu, pipelines: Pipelines, buffer: GPUBuffer, dims: Dims): Promise<void> {
  const fill = catalog.get('fill_hash');
  const version = fill?.versions[0];
  assert(fill && version, 'shaders/fill_hash is missing');
  const prepared = unwrap(prepare(fill.op, version, { n: dims['n'] ?? 0, seed: dims['seed'] ?? 0 }, 'f32'));
  const compiled = unwrap(await compile(pipelines, prepared));
  await Scope.with(gpu, 'fill', async (scope) => {
    const uniform = unwrap(scope.uniform('uniform', prepared.uniform));
    const encoder = gpu.device.createCommandEncoder({ label: 'fill' });
    const pass = encoder.beginComputePass();
    bind(gpu.device, compiled, { y: buffer }, uniform).encode(pass);
    pass.end();
    gpu.device.queue.submit([encoder.finish()]);
    await gpu.device.queue.onSubmittedWorkDone();
  });
}
