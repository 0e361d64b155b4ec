// Every stop of every tour finds its place in the kernel as it is today.

import { describe, expect, it } from 'vitest';
import { kernelSubject } from '../../../src/app/step/subject.ts';
import type { Tour } from '../../../src/app/step/tour.ts';
import { placeTime } from '../../../src/app/step/tour-place.ts';
import { collect } from '../../../src/core/collect.ts';
import { unwrap } from '../../../src/core/result.ts';
import { catalog } from '../../../src/kernels/catalog.ts';
import { compileKernel, Run, Timeline } from '../../../src/stepper/index.ts';

const tours = collect<Tour>(import.meta.glob('../../../src/app/tours/*.ts', { eager: true }));

function record(kernel: string) {
  const request = {
    kernel,
    dims: null,
    dtype: 'f32',
    params: {},
    fill: 'normal',
    seed: 1,
    edited: null,
  } as const;
  const settings = { subgroupSize: 32, order: { kind: 'round-robin' }, workgroup: 0, pass: 0 } as const;
  const { launch } = unwrap(kernelSubject(catalog, request, settings));
  const { kernel: compiled } = compileKernel(launch.source, { constants: launch.constants });
  const [pass] = launch.passes;
  if (!compiled || !pass) throw new Error(`${kernel} does not compile`);
  const run = unwrap(Run.start(compiled, { workgroups: pass.workgroups, buffers: launch.buffers }, 'checks'));
  const timeline = Timeline.open(run, 0).finish();
  const names = [...compiled.bindings.map((b) => b.name), ...compiled.workgroupVars.map((v) => v.name)];
  return {
    lines: launch.source.split('\n'),
    recording: { steps: timeline.steps, length: timeline.length, statements: compiled.statements },
    names,
    touches: (name: string) =>
      timeline.recorder.stepsTouching(
        new Set([compiled.bindings.findIndex((b) => b.name === name) + 1]),
        0,
        4,
      ).length,
  };
}

describe.each([...tours.values()])('the tour $id', (tour) => {
  const { lines, recording, names, touches } = record(tour.kernel);

  it('has six to ten stops', () => {
    expect(tour.stops.length).toBeGreaterThanOrEqual(6);
    expect(tour.stops.length).toBeLessThanOrEqual(10);
  });

  it.each(tour.stops.map((stop, i) => ({ ...stop, number: i + 1 })))('$number: $title', (stop) => {
    for (const name of stop.view.mem ?? []) expect(names).toContain(name);
    const { at } = stop;
    if (typeof at === 'string') return;
    if ('touch' in at) expect(touches(at.touch)).toBeGreaterThan(at.nth);
    else expect(placeTime(recording, lines, at)).toBeGreaterThan(0);
  });
});
