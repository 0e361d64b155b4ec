// Searches tile sizes for this device and shape (search.ts says how). A candidate counts only when its output is right, here and on
// every test shape of the op; it replaces the default only when it is faster by more than the noise.

import { runOnce } from '../../gpu/dispatch.ts';
import type { InputSet } from '../../gpu/inputs.ts';
import { makeSubject } from '../../gpu/subject.ts';
import { sample } from '../../gpu/timing.ts';
import type { KernelVersion } from '../../kernels/catalog.ts';
import { catalog } from '../../kernels/catalog.ts';
import type { Dtype } from '../../kernels/op.ts';
import { prepare } from '../../kernels/prepare.ts';
import type { ParamValues } from '../../kernels/specialize.ts';
import { verify } from '../../kernels/verify.ts';
import { candidates } from '../../measure/tuning.ts';
import { enter } from './contender.ts';
import { searchParams, type Tuned } from './search.ts';
import type { Bench, Effort } from './session.ts';

/** The best parameters for `version` at the set's shape, or null when nothing could be measured. */
export async function tune(
  bench: Bench,
  set: InputSet,
  version: KernelVersion,
  effort: Effort,
  say: (what: string) => void,
): Promise<Tuned | null> {
  const { gpu, pipelines, clock, request } = bench;
  return searchParams(candidates(version, effort.candidates), {
    async open(params) {
      const subject = await makeSubject(gpu, pipelines, set, version, params);
      if (!subject.ok) return null;
      const entered = await enter(clock, set, subject.value, request.effort);
      if (!entered.ok) {
        subject.value.dispose();
        return null;
      }
      const { plan, warm } = entered.value;
      return { sample: () => sample(clock, plan, warm), dispose: () => subject.value.dispose() };
    },
    accept: (params) => checkEverywhere(bench, version, set.dtype, params),
    say,
    stop: () => bench.stop(),
  });
}

/** True when `params` gives right results on every test shape of the op. */
export async function checkEverywhere(
  bench: Bench,
  version: KernelVersion,
  dtype: Dtype,
  params: ParamValues,
): Promise<boolean> {
  const op = catalog.get(version.op)?.op;
  if (!op) return false;
  for (const [i, { dims, fill }] of op.shapes.test.entries()) {
    const prepared = prepare(op, version, dims, dtype, params);
    if (!prepared.ok) return false;
    const inputs = op.inputs(dims, fill, dtype, 500 + i);
    const run = await runOnce(bench.gpu, bench.pipelines, prepared.value, inputs);
    if (!run.ok) return false;
    const tolerance = op.tolerance(dims, dtype);
    for (const [name, want] of Object.entries(op.reference(inputs, dims))) {
      const got = run.value[name];
      if (!got || !verify(got, want, tolerance).verified) return false;
    }
  }
  return true;
}
