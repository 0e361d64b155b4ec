// A comparison on the device says all that one on the virtual clock says, under the same names.

import { expect, it } from 'vitest';
import { comparisonOn } from '../../../bench/batching/gpu.ts';
import { goodputText } from '../../../bench/batching/print.ts';
import { runBatching } from '../../../bench/batching/run.ts';
import { unwrap } from '../../../src/core/result.ts';
import { fakeServing, options, request } from './fake-serving.ts';

it('both clocks have one schema', async () => {
  const wanted = { ...request(['workload.requests=12'], ['static', 'continuous']), slo: { ttft: 60 } };
  const virtual = unwrap(runBatching(wanted)).report;
  const { report: gpu } = await comparisonOn(
    fakeServing(() => 1),
    wanted,
    options,
    null,
  );
  const keys = (of: object): string[] => Object.keys(of).sort();
  expect(keys(gpu)).toEqual([...keys(virtual), 'answers', 'invalid', 'requests'].sort());
  expect([gpu.format, gpu.version]).toEqual([virtual.format, virtual.version]);
  expect(keys(gpu.formulas)).toEqual(keys(virtual.formulas));
  const measured = ['repeats', 'spread', 'againstFirst', 'latencies', 'bound', 'host', 'lag'];
  gpu.results.forEach((result, i) => {
    const other = virtual.results[i] ?? expect.fail();
    expect(keys(result)).toEqual([...keys(other), ...measured].sort());
    expect(keys(result.metrics)).toEqual(keys(other.metrics));
    expect(result.metrics['output_throughput']).toBeCloseTo(other.metrics['output_throughput'] ?? 0, 6);
  });
});

it('goodput as a capacity is searched for on the fitted clock, or the report says why it is not', async () => {
  const wanted = { ...request(['workload.requests=12'], ['static']), slo: { ttft: 1 } };
  const serving = fakeServing(() => 1);
  const run = async (calibrate: boolean, change = {}) =>
    (await comparisonOn(serving, { ...wanted, ...change }, { ...options, calibrate }, null)).report;
  const fitted = await run(true);
  // the fake fits the clock that the request has: the virtual run searches the same
  const virtual = unwrap(runBatching(wanted)).report.results[0]?.metrics['goodput_capacity'];
  expect(virtual).toBeGreaterThan(0);
  expect(fitted.results[0]?.metrics['goodput_capacity']).toBeCloseTo(virtual ?? 0, 6);
  expect(goodputText(fitted.results)[0]).toMatch(/requests\/s \(vLLM\); as a capacity [\d.]+ requests\/s on/);
  const unfitted = await run(false);
  expect(unfitted.results[0]?.metrics['goodput_capacity']).toBeUndefined();
  expect(unfitted.notes.join()).toContain('with --calibrate it is made');
  expect(goodputText(unfitted.results)[0]).toContain('as a capacity – (DistServe)');
  expect((await run(true, { workload: 'two-slot', settings: request([]).settings })).notes.join()).toContain(
    'two-slot has no rate',
  );
  expect((await run(false, { slo: undefined })).notes).toEqual([]);
});
