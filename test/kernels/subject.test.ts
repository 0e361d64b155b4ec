// What is timed: every benched op passes its own check at a shape of the test set, and a version that wrote nothing fails it.

import { describe, expect, it } from 'vitest';
import { unwrap } from '../../src/core/result.ts';
import { readBack } from '../../src/gpu/dispatch.ts';
import { growRing, makeInputs, ringBytes } from '../../src/gpu/inputs.ts';
import { makeSubject } from '../../src/gpu/subject.ts';
import { missing } from '../../src/gpu/support.ts';
import { wallClock } from '../../src/gpu/timing.ts';
import { catalog } from '../../src/kernels/catalog.ts';
import { testGpu } from './gpu.ts';

const { gpu, pipelines } = await testGpu();
const benched = [...catalog.values()].filter(({ op }) => Object.keys(op.shapes.bench).length > 0);

describe('a timed output', () => {
  it.each(benched.map((e) => [e.op.id, e] as const))(
    '%s is right, and not when it is cleared',
    async (_, e) => {
      const { op, versions } = e;
      const version = versions.find(
        (v) => v.dtypes.includes('f32') && missing(gpu.device, v, 'f32').length === 0,
      );
      const dims = op.shapes.step;
      if (!version) throw new Error(`no version of ${op.id} runs here`);
      const set = unwrap(makeInputs(gpu, op, dims, 'f32'));
      const subject = unwrap(await makeSubject(gpu, pipelines, set, version, {}));
      subject.clear();
      await wallClock(gpu).time(unwrap(await subject.runs(set.ring)), 1);
      expect((await subject.check()).why).toBe('');
      subject.clear();
      const written = Object.values(op.tensors).some((t) => t.role === 'out');
      if (written) expect((await subject.check()).verified).toBe(false);
      subject.dispose();
      set.scope.dispose();
    },
  );
});

describe('a run in parts', () => {
  it('starts each where a binding may, gives the whole result, and leaves nothing of what was tried', async () => {
    const entry = catalog.get('matmul');
    const version = entry?.versions[0];
    if (!entry || !version) throw new Error('no matmul');
    const dims = { m: 200, n: 3, k: 5 }; // rows of 16 and 32 bytes: ten of them end between two starts
    const set = unwrap(makeInputs(gpu, entry.op, dims, 'f32'));
    const subject = unwrap(await makeSubject(gpu, pipelines, set, version, {}));
    const { live } = gpu.memory;
    const clock = wallClock(gpu);
    for (const rows of [64, 128]) unwrap(await subject.first(rows, (run) => clock.time([run], 1)));
    expect(gpu.memory.live).toBe(live);
    subject.clear();
    gpu.device.pushErrorScope('validation');
    await clock.time(unwrap(await subject.runs(set.ring, 10)), 1);
    expect(await gpu.device.popErrorScope()).toBeNull();
    expect((await subject.check()).why).toBe('');
    subject.dispose();
    set.scope.dispose();
  });
});

describe('the cold ring', () => {
  it('holds as many copies as were asked for, or says by its size that they did not fit', async () => {
    const entry = catalog.get('matmul');
    if (!entry) throw new Error('no matmul');
    const set = unwrap(makeInputs(gpu, entry.op, { m: 64, n: 64, k: 64 }, 'f32'));
    const grown = await growRing(set, { enough: 2 ** 20, least: 2 ** 20 });
    expect(ringBytes(grown)).toBeGreaterThanOrEqual(2 ** 20);
    expect(grown.ring).toHaveLength(32);
    set.scope.dispose();
  });

  it('counts what a run reads of a table, not the table, and is left out where too many would be needed', async () => {
    const entry = catalog.get('embedding');
    if (!entry) throw new Error('no embedding');
    const dims = { ...entry.op.shapes.step, t: 2, rows: 4096 };
    const set = unwrap(makeInputs(gpu, entry.op, dims, 'f32'));
    expect(ringBytes(set)).toBeLessThan(2 ** 10);
    const { live } = gpu.memory;
    expect(await growRing(set, { enough: 2 ** 20, least: 2 ** 19 })).toBe(set);
    expect(gpu.memory.live).toBe(live);
    set.scope.dispose();
  });

  it('rotates what is changed in place too, and leaves the first copy to be checked', async () => {
    const entry = catalog.get('residual_add');
    const version = entry?.versions[0];
    if (!entry || !version) throw new Error('no residual_add');
    const set = unwrap(makeInputs(gpu, entry.op, { m: 8, n: 64 }, 'f32'));
    const grown = await growRing(set, { enough: 3 * 4096, least: 4096 });
    expect(grown.ring).toHaveLength(3);
    const subject = unwrap(await makeSubject(gpu, pipelines, set, version, {}));
    subject.clear();
    await wallClock(gpu).time(unwrap(await subject.runs(grown.ring)), 3);
    // each copy was changed once, the first in the subject's own buffer
    expect((await subject.check()).why).toBe('');
    const cells = await Promise.all(
      grown.ring.map(async ({ x }) => new Float32Array(x ? await readBack(gpu, x) : new ArrayBuffer(0))[5]),
    );
    expect(cells[0]).not.toBe(cells[1]);
    expect(cells[1]).toBe(cells[2]);
    subject.dispose();
    set.scope.dispose();
  });
});
