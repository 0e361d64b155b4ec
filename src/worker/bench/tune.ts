// Searches tile sizes for this device and shape. A candidate counts only when its output is right, here and on every
// test shape of the op; it replaces the default only when it is faster by more than the noise.

import { median } from '../../core/stats.ts';
import { runOnce } from '../../gpu/dispatch.ts';
import { type InputSet, makeSubject } from '../../gpu/subject.ts';
import type { KernelVersion } from '../../kernels/catalog.ts';
import { catalog } from '../../kernels/catalog.ts';
import type { Dtype } from '../../kernels/op.ts';
import { prepare } from '../../kernels/prepare.ts';
import type { ParamValues } from '../../kernels/specialize.ts';
import { verify } from '../../kernels/verify.ts';
import { compareTurns } from '../../measure/rank.ts';
import { measured } from '../../measure/samples.ts';
import { candidates } from '../../measure/tuning.ts';
import { type Contender, enter, take } from './contender.ts';
import type { Bench, Effort } from './session.ts';

export interface Tuned {
  readonly params: ParamValues;
  /** Speed-up over the defaults; 1 when they won. */
  readonly overDefault: number;
}

/** The best parameters for `version` at the set's shape, or null when nothing could be measured. */
export async function tune(
  bench: Bench,
  set: InputSet,
  version: KernelVersion,
  effort: Effort,
  say: (what: string) => void,
): Promise<Tuned | null> {
  const open: { params: ParamValues; contender: Contender }[] = [];
  const enterWith = async (params: ParamValues): Promise<Contender | null> => {
    const subject = await makeSubject(bench.gpu, bench.pipelines, set, version, params);
    if (!subject.ok) return null;
    const entered = await enter(bench.clock, set, subject.value, bench.request.effort);
    if (entered.ok) return entered.value;
    subject.value.dispose();
    return null;
  };
  try {
    const tries = candidates(version, effort.candidates);
    for (const [i, params] of tries.entries()) {
      if (bench.stop()) return null;
      say(`tuning, candidate ${i + 1} of ${tries.length}`);
      const contender = await enterWith(params);
      if (!contender) {
        if (i === 0) return null;
        continue;
      }
      for (let s = 0; s < 3; s++) await take(bench.clock, contender);
      if (measured(contender.samples).ok) open.push({ params, contender });
      else {
        contender.subject.dispose();
        if (i === 0) return null; // nothing to be faster than
      }
      // the default and the three best stay; the others give their buffers back
      const ranked = open.slice(1).sort((a, b) => median(a.contender.samples) - median(b.contender.samples));
      for (const loser of ranked.slice(3)) {
        loser.contender.subject.dispose();
        open.splice(open.indexOf(loser), 1);
      }
    }
    say('tuning, final');
    for (let s = 0; s < 9 && !bench.stop(); s++) {
      for (const entry of s % 2 === 0 ? open : [...open].reverse()) await take(bench.clock, entry.contender);
    }
    const [base, ...rest] = open;
    if (!base) return null;
    const ranked = rest.sort((a, b) => median(a.contender.samples) - median(b.contender.samples));
    for (const { params, contender } of ranked) {
      // the three samples of the search picked it, so they are no evidence for it
      const [tried, defaults] = [contender.samples.slice(3), base.contender.samples.slice(3)];
      if (!measured(tried).ok || !measured(defaults).ok) break;
      const result = compareTurns(tried, defaults);
      if (result.verdict !== 'faster') break;
      if (await checkEverywhere(bench, version, set.dtype, params))
        return { params, overDefault: result.ratio };
    }
    return { params: base.params, overDefault: 1 };
  } finally {
    for (const { contender } of open) contender.subject.dispose();
  }
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
