// Kernels of several passes: their counters together, line by line, and what the address says of them.

import { describe, expect, it } from 'vitest';
import {
  countersOf,
  linesOf,
  type Pass,
  readChoice,
  readsIn,
  writeChoice,
} from '../../../src/app/step/passes.ts';
import { unwrap } from '../../../src/core/result.ts';
import { catalog } from '../../../src/kernels/catalog.ts';
import { flopsPerByte, sumOf } from '../../../src/stepper/index.ts';
import { runShipped } from '../../../src/stepper/shipped.ts';

/** The passes of a shipped version on its step shape, as the worker hands them over. */
function passesOf(opId: string, versionId: string): Pass[] {
  const entry = catalog.get(opId);
  const version = entry?.versions.find((v) => v.id === versionId);
  if (!entry || !version)
    throw new Error(`${opId}/${versionId} is gone: name another kernel of several passes`);
  const { passes } = unwrap(runShipped(entry.op, version));
  return passes.map(({ kernel, run }) => {
    const report = run.report();
    if (!report) throw new Error('checked runs have a report');
    const whole = {
      ...report,
      outputs: run.outputs(),
      bindingNames: kernel.bindings.map((b) => b.name),
      reads: kernel.bindings.map((_, i) => run.reads(i)),
      ms: 0,
    };
    return { entry: kernel.entryPoint, whole };
  });
}

describe('passes together', () => {
  const passes = passesOf('matmul', '09_split_k');
  const [one, two] = passes.map((p) => p.whole.totals);

  it('sum what they count, and weigh lane efficiency by hits', () => {
    expect(passes.map((p) => p.entry)).toEqual(['main', 'combine']);
    if (!one || !two) throw new Error('two passes');
    const all = countersOf(passes, null);
    expect(all.flops).toBe(one.flops + two.flops);
    expect(all.bytesRead).toBe(one.bytesRead + two.bytesRead);
    expect(all.laneStatements).toBe(one.laneStatements + two.laneStatements);
    const lanes = (c: typeof one): number => c.laneStatements / c.laneEfficiency;
    expect(all.laneEfficiency).toBeCloseTo(all.laneStatements / (lanes(one) + lanes(two)), 12);
    expect(countersOf(passes, 1)).toEqual(two);
    expect(countersOf(passes, 7)).toEqual(all);
    expect(sumOf([]).laneEfficiency).toBe(1);
  });

  it('have an intensity of FLOPs alone: index arithmetic is none', () => {
    const all = countersOf(passes, null);
    expect(all.intOps).toBeGreaterThan(0);
    expect(flopsPerByte(all)).toBe(all.flops / (all.bytesRead + all.bytesWritten));
    expect(flopsPerByte(sumOf([]))).toBe(0);
  });

  it('share lines: each line counts over all of them', () => {
    const lines = linesOf(passes);
    expect(sumOf(lines).bytesRead).toBe(countersOf(passes, null).bytesRead);
    expect(lines.map((l) => l.line)).toEqual([...new Set(lines.map((l) => l.line))].sort((a, b) => a - b));
  });

  it('read an input cell together; a name that none binds is no answer', () => {
    const [first] = passes;
    const at = first?.whole.bindingNames.indexOf('a') ?? -1;
    expect(readsIn(passes, 'a', 0)).toBe(first?.whole.reads[at]?.[0]);
    expect(readsIn(passes, 'a', 0)).toBeGreaterThan(0);
    expect(readsIn(passes, 'nothing', 0)).toBeNull();
  });

  it('are chosen in the address', () => {
    for (const [mine, its] of [
      [null, null],
      [1, null],
      [null, 0],
      [0, 1],
    ] as const)
      expect(readChoice(writeChoice(mine, its))).toEqual({ mine, its });
    expect(readChoice('x:-3')).toEqual({ mine: null, its: null });
  });
});
