// Cold times: versions whose time memory may set again, with inputs that no cache holds any more.

import { explain } from '../../core/result.ts';
import { growRing, type InputSet, ringBytes } from '../../gpu/inputs.ts';
import { planSample, sample } from '../../gpu/timing.ts';
import { readsMuch } from '../../measure/bound.ts';
import type { Ceilings } from '../../measure/schema.ts';
import { type Contender, workOf } from './contender.ts';
import type { Bench, Effort } from './session.ts';

const mib = 2 ** 20;
/** Bytes that a round of a ring should read, and those with which it is still larger than any cache. */
const ringSize = {
  gpu: { enough: 512 * mib, least: 256 * mib },
  cpu: { enough: 256 * mib, least: 64 * mib },
};

/**
 * Contenders that read much for what they compute again, each over a ring of its inputs larger than any cache, in turns; a reason where memory is too short
 * for such a ring. Outputs are cleared before it: the caller checks what the last turn wrote.
 */
export async function measureCold(
  bench: Bench,
  all: readonly { readonly set: InputSet; readonly contender: Contender }[],
  ceilings: Ceilings,
  effort: Effort,
): Promise<void> {
  const bound = all.filter(
    ({ set, contender: c }) => c.chunk === undefined && readsMuch(workOf(set, c.subject), ceilings),
  );
  if (bound.length === 0 || bench.stop()) return;
  const { enough, least } = bench.gpu.fallback ? ringSize.cpu : ringSize.gpu;
  const grown = new Map<InputSet, InputSet>();
  for (const set of new Set(bound.map((b) => b.set))) grown.set(set, await growRing(set, { enough, least }));
  const rings = [];
  for (const { set, contender } of bound) {
    const cold = grown.get(set) ?? set;
    if (ringBytes(cold) < least) {
      contender.coldWhy = `not timed cold: more copies of its inputs would be needed than fit, or are made, for a round to read ${least / mib} MiB, which no cache holds`;
      continue;
    }
    const runs = await contender.subject.runs(cold.ring);
    if (!runs.ok) {
      contender.coldWhy = `not timed cold: ${explain(runs.error)}`;
      continue;
    }
    const whole = Math.max(1, contender.estimateMs);
    // every sample walks on through the ring: at least one whole round where that is short enough
    const plan = planSample(bench.clock, whole);
    rings.push({
      contender,
      runs: runs.value,
      plan: {
        ...plan,
        repeats: Math.max(plan.repeats, Math.min(cold.ring.length, Math.floor(100 / whole))),
      },
      next: 0,
    });
  }
  for (const { contender } of rings) contender.subject.clear();
  for (let round = 0; round < effort.samples && !bench.stop(); round++) {
    for (const entry of round % 2 === 0 ? rings : [...rings].reverse()) {
      const rotated = [...entry.runs.slice(entry.next), ...entry.runs.slice(0, entry.next)];
      entry.next = (entry.next + entry.plan.repeats) % entry.runs.length;
      entry.contender.coldSamples.push(await sample(bench.clock, entry.plan, rotated));
    }
  }
}
