// What takes part in a race between libraries: ours and theirs behind one interface, each checked against the reference
// in double precision before it may start.

import { assert } from '../../../src/core/assert.ts';
import { Float16Array } from '../../../src/core/float16.ts';
import { explain } from '../../../src/core/result.ts';
import { readBack } from '../../../src/gpu/dispatch.ts';
import type { InputSet } from '../../../src/gpu/inputs.ts';
import { type Check, makeSubject } from '../../../src/gpu/subject.ts';
import { missing } from '../../../src/gpu/support.ts';
import { estimate, planSample, type Run, type SamplePlan, submitLimitMs } from '../../../src/gpu/timing.ts';
import { usage } from '../../../src/gpu/usage.ts';
import { catalog, type KernelVersion } from '../../../src/kernels/catalog.ts';
import { evaluate } from '../../../src/kernels/expr.ts';
import type { Dtype, Expected, Tolerance } from '../../../src/kernels/op.ts';
import type { ParamValues } from '../../../src/kernels/specialize.ts';
import { compulsoryBytes } from '../../../src/kernels/traffic.ts';
import { relativeRms, verify } from '../../../src/kernels/verify.ts';
import type { Work } from '../../../src/measure/bound.ts';
import type { RowStatus } from '../../../src/measure/schema.ts';
import { enter, longestRunMs, workOf } from '../../../src/worker/bench/contender.ts';
import type { Solver } from '../../peers/contract.ts';
import type { Race } from './race.ts';
import { type Range, type Recording, replayOf, restore } from './recorder.ts';

/** Dispatches alone, as our clocks time them. */
export interface KernelForm {
  readonly runs: readonly Run[];
  readonly plan: SamplePlan;
  /** To be called before every sample. */
  prepare(): void;
  /** Zeroes the output, so that only what follows can fill it. */
  clear(): void;
  check(): Promise<Check>;
  /** A sample a turn; null where the clock gave no valid interval. */
  readonly samples: (number | null)[];
}

/** A whole call, until its work is done. */
export interface CallForm {
  once(): Promise<void>;
  /** Zeroes the output, so that only what follows can fill it; absent where each call makes its own. */
  clear?(): void;
  check(): Promise<Check>;
  /** A sample a turn; null where the clock gave no valid interval. */
  readonly samples: (number | null)[];
}

export interface Entrant {
  readonly peer: string;
  readonly version: string;
  readonly reduction: string;
  readonly params: ParamValues;
  readonly work: Work;
  readonly tolerance: number;
  readonly check: Check;
  /** Or why its dispatches cannot be timed alone. */
  readonly kernel: KernelForm | string;
  readonly call: CallForm | string;
  dispose(): Promise<void>;
}

/** Why something does not race, and what its row says of it. */
export interface Refusal {
  readonly status: Exclude<RowStatus, 'measured'>;
  readonly why: string;
}
export type Entry =
  | { readonly ok: true; readonly entrant: Entrant }
  | { readonly ok: false; readonly refusal: Refusal };
const refused = (status: Refusal['status'], why: string): Entry => ({ ok: false, refusal: { status, why } });

/** One of our versions. */
export async function enterOurs(race: Race, set: InputSet, version: KernelVersion): Promise<Entry> {
  const { gpu, pipelines, clock } = race;
  const lacks = missing(gpu.device, version, set.dtype);
  if (lacks.length > 0) return refused('skipped', `skipped: this device has no ${lacks.join(', ')}`);
  const made = await makeSubject(gpu, pipelines, set, version, {});
  if (!made.ok) return refused('refused', `refused: ${explain(made.error)}`);
  const subject = made.value;
  const entered = await enter(clock, set, subject, race.request.effort);
  if (!entered.ok) {
    subject.dispose();
    return entered.error.code === 'unverified'
      ? refused('unverified', entered.error.message)
      : refused('refused', `refused: ${explain(entered.error)}`);
  }
  const { warm, plan, check } = entered.value;
  return {
    ok: true,
    entrant: {
      peer: 'lockstep',
      version: version.id,
      reduction: version.reduction,
      params: subject.params,
      work: workOf(set, subject),
      tolerance: set.op.tolerance(set.dims, set.dtype).relative,
      check,
      kernel: {
        runs: warm,
        plan,
        prepare: () => undefined,
        clear: () => subject.clear(),
        check: () => subject.check(),
        samples: [],
      },
      call: {
        async once() {
          for (const part of warm[0] ?? []) {
            const encoder = gpu.device.createCommandEncoder({ label: version.id });
            const pass = encoder.beginComputePass({ label: version.id });
            part.encode(pass);
            pass.end();
            gpu.device.queue.submit([encoder.finish()]);
          }
        },
        clear: () => subject.clear(),
        check: () => subject.check(),
        samples: [],
      },
      dispose: async () => subject.dispose(),
    },
  };
}

/** One way of a peer. Its call runs twice, the second time recorded; what the recording computes is checked as well. */
export async function enterPeer(
  race: Race,
  set: InputSet,
  peer: string,
  title: string,
  solver: Solver,
): Promise<Entry> {
  const reference = referenceOf(set, solver);
  const check = async (): Promise<Check> => checkValues(reference, await solver.read());
  const { queue } = race.gpu.device;
  await solver.call();
  await queue.onSubmittedWorkDone();
  const start = performance.now();
  const recording = await race.recorder.record(() => solver.call());
  await queue.onSubmittedWorkDone();
  const ms = performance.now() - start;
  if (ms > longestRunMs[race.request.effort])
    return refused('refused', `one call takes ${(ms / 1e3).toFixed(1)} s`);
  const called = await check();
  if (!called.verified) return refused('unverified', called.why);
  if (recording.dispatches.length === 0)
    return refused(
      'skipped',
      `it ran on the CPU: its call made no dispatch on the device (${ms.toFixed(1)} ms)`,
    );
  return {
    ok: true,
    entrant: {
      peer,
      version: title,
      reduction: 'unknown',
      params: {},
      work: {
        flops: evaluate(set.op.flops, set.dims),
        bytes: compulsoryBytes(set.op, set.dims, set.dtype),
        dispatches: recording.dispatches.length,
        peak: set.dtype,
      },
      tolerance: reference.tolerance.relative,
      check: called,
      kernel: await replay(race, title, await solver.read(), solver.cells ?? set.dtype, recording, reference),
      call: { once: () => solver.call(), check, samples: [] },
      dispose: () => solver.dispose(),
    },
  };
}

/**
 * The recorded dispatches as something to time, once they are seen to compute the whole output again. Copies that the
 * call makes besides are left out; where the output depends on one, it is not computed again and there is no time.
 */
async function replay(
  race: Race,
  label: string,
  output: ArrayLike<number>,
  cells: Dtype,
  recording: Recording,
  reference: Reference,
): Promise<KernelForm | string> {
  const { gpu, clock } = race;
  const range = await findOutput(gpu.device, recording.ranges, output, cells);
  if (!range) return 'its output buffer was not found among those that its dispatches bind';
  const runs: readonly Run[] = [[replayOf(recording, label)]];
  const clear = (): void => {
    const encoder = gpu.device.createCommandEncoder({ label: 'clear' });
    encoder.clearBuffer(range.buffer, range.offset, range.size);
    gpu.device.queue.submit([encoder.finish()]);
  };
  const check = async (): Promise<Check> => checkValues(reference, await readRange(gpu.device, range, cells));
  const prepare = (): void => restore(gpu.device, recording);
  clear();
  prepare();
  await clock.time(runs, 1);
  const replayed = await check();
  if (!replayed.verified) {
    const copies = recording.copies > 0 ? `, ${recording.copies} copies of its call left out` : '';
    return `its dispatches alone${copies}, replayed, do not compute the output`;
  }
  const estimateMs = await estimate(clock, runs);
  const plan: SamplePlan =
    estimateMs > submitLimitMs ? { method: 'direct', repeats: 1 } : planSample(clock, estimateMs);
  return { runs, plan, prepare, clear, check, samples: [] };
}

/** The bound range that holds exactly what the library reads as its output. */
async function findOutput(
  device: GPUDevice,
  ranges: readonly Range[],
  want: ArrayLike<number>,
  cells: Dtype,
): Promise<Range | null> {
  const size = Math.ceil((want.length * (cells === 'f16' ? 2 : 4)) / 4) * 4;
  const need = usage.storage | usage.copyDst | usage.copySrc; // to be written; to be cleared and read here
  for (const range of ranges) {
    if ((range.buffer.usage & need) !== need || range.size < size) continue;
    const candidate = { ...range, size };
    const got = await readRange(device, candidate, cells);
    if (Array.prototype.every.call(want, (x, i) => Object.is(x, got[i]))) return candidate;
  }
  return null;
}

async function readRange(
  device: GPUDevice,
  { buffer, offset, size }: Range,
  cells: Dtype,
): Promise<ArrayLike<number>> {
  const bytes = (await readBack({ device }, buffer, offset + size)).slice(offset);
  return cells === 'f16' ? new Float16Array(bytes) : new Float32Array(bytes);
}

/** What a peer's output is checked against: rows of the one output, and how close they must be. */
interface Reference {
  readonly rows: readonly number[];
  readonly want: Expected;
  readonly ideal: Float64Array | undefined;
  readonly tolerance: Tolerance;
}

/** Peers may sum f16 products in f16; ours must not (ops' own tolerances). Their accuracy stands beside their speed. */
const f16Sums: Tolerance = {
  relative: 2 ** -8,
  absolute: 2 ** -24,
  reason:
    'sums in f16: the rounding of a random walk of k terms is about 0.6 · 2⁻¹¹ of Σ|terms| rms, at any k; this allows 13 times that',
};

function referenceOf(set: InputSet, { solves, tolerance }: Solver): Reference {
  const op = solves ? catalog.get(solves.op)?.op : set.op;
  assert(op, `there is no op ${solves?.op}`);
  const { rows } = set;
  assert(rows !== 'all', `${op.id} has outputs of one length`);
  const expected = solves ? op.reference(solves.inputs, solves.dims, rows) : set.expected;
  const [name] = Object.keys(expected);
  const want = name === undefined ? undefined : expected[name];
  assert(name !== undefined && want, `${op.id} has an output`);
  const own = set.dtype === 'f16' ? f16Sums : op.tolerance(solves?.dims ?? set.dims, set.dtype);
  return { rows, want, ideal: set.ideal[name], tolerance: tolerance ?? own };
}

/** The reference's rows, in a whole output. */
function checkValues({ rows, want, ideal, tolerance }: Reference, got: ArrayLike<number>): Check {
  const columns = want.value.length / rows.length;
  const picked = Float64Array.from({ length: want.value.length }, (_, i) => {
    const row = rows[Math.floor(i / columns)] ?? 0;
    return got[row * columns + (i % columns)] ?? Number.NaN;
  });
  const { verified, maxError, failed, cells, worst } = verify(picked, want, tolerance);
  return {
    verified,
    maxError,
    accuracy: ideal ? relativeRms(picked, ideal) : 0,
    why: verified
      ? ''
      : `failed verification: ${failed} of ${cells} cells, worst ${worst?.got} for ${worst?.want}`,
  };
}
