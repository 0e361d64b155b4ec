import { describe, expect, it, vi } from 'vitest';
import { failure, ok } from '../../src/core/result.ts';
import type { Ceilings } from '../../src/measure/schema.ts';
import { StepCeilings } from '../../src/worker/step-ceilings.ts';
import { Tasks } from '../../src/worker/tasks.ts';

function fakeTasks() {
  let lose: (reason: string) => void = () => undefined;
  const lost = new Promise<string>((resolve) => {
    lose = resolve;
  });
  return { tasks: new Tasks(async () => ok({ lost, close: () => undefined })), lose: () => lose('reset') };
}
const boom = async (): Promise<never> => {
  throw new Error('ceiling f32 failed verification');
};

describe('a task', () => {
  it('that throws is a failure with its cause, and the next one runs', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const { tasks } = fakeTasks();
    const failed = await tasks.exclusively(boom);
    expect(failed.ok ? '' : failed.error.code).toBe('internal');
    expect(failed.ok ? '' : failed.error.message).toContain('ceiling f32 failed verification');
    expect(await tasks.beside(boom)).toMatchObject({ ok: false, error: { code: 'internal' } });
    expect(said).toHaveBeenCalledTimes(2);
    expect(await tasks.exclusively(async () => ok(1))).toEqual(ok(1));
    said.mockRestore();
  });
  it('that throws because the device is lost says so, also when that is told a moment later', async () => {
    const { tasks, lose } = fakeTasks();
    setTimeout(lose, 10);
    expect(await tasks.exclusively(boom)).toMatchObject({ ok: false, error: { code: 'device-lost' } });
  });
  it('is refused while another one runs, and hears a cancel from its first moment', async () => {
    const { tasks } = fakeTasks();
    const first = tasks.exclusively(async () => ok(tasks.stop()));
    const second = tasks.exclusively(async () => ok(null));
    tasks.cancel('enough');
    expect(await second).toMatchObject({ ok: false, error: { code: 'busy' } });
    expect(await first).toEqual(ok('enough'));
    expect(await tasks.exclusively(async () => ok(tasks.stop()))).toEqual(ok(null));
  });
  it('that gives one value is refused when the device reported an error under it', async () => {
    const { tasks } = fakeTasks();
    const done = await tasks.exclusively(async () => {
      tasks.deviceError('invalid buffer');
      return ok([0, 0, 0]);
    });
    expect(done.ok ? '' : done.error.message).toContain('not to be trusted: invalid buffer');
    expect(await tasks.exclusively(async () => ok(1))).toEqual(ok(1));
  });
  it('whose result says why it is invalid gets errors and doubts added', async () => {
    const { tasks } = fakeTasks();
    tasks.doubt('nothing runs yet');
    const done = await tasks.marked(async () => {
      tasks.deviceError('invalid buffer');
      tasks.doubt('the page was hidden');
      return ok({ invalid: ['cancelled'], rows: 3 });
    });
    expect(done).toEqual(
      ok({
        invalid: ['cancelled', 'the device reported an error: invalid buffer', 'the page was hidden'],
        rows: 3,
      }),
    );
    expect(await tasks.marked(async () => ok({ invalid: [] }))).toEqual(ok({ invalid: [] }));
    const refused = { ok: false, error: failure('refused', 'no', 'no') } as const;
    expect(await tasks.marked(async () => refused)).toEqual(refused);
  });
});

describe('the ceilings of a step', () => {
  const all = { f32: null } as unknown as Ceilings;
  it('are measured once a device', async () => {
    const measure = vi.fn(async () => all);
    const ceilings = new StepCeilings(measure);
    expect(await ceilings.get(() => null)).toEqual(ok(all));
    expect(await ceilings.get(() => null)).toEqual(ok(all));
    expect(measure).toHaveBeenCalledTimes(1);
  });
  it('are not kept when a cancel cut them short, nor measured after one', async () => {
    let why: string | null = null;
    const measure = vi.fn(async () => {
      why = 'cancelled';
      return all;
    });
    const ceilings = new StepCeilings(measure);
    expect(await ceilings.get(() => why)).toEqual({ ok: false, error: 'cancelled' });
    expect(await ceilings.get(() => why)).toEqual({ ok: false, error: 'cancelled' });
    expect(measure).toHaveBeenCalledTimes(1);
    why = null;
    measure.mockImplementation(async () => all);
    expect(await ceilings.get(() => why)).toEqual(ok(all));
  });
  it('that cannot be measured say why, and spoil nothing else', async () => {
    const ceilings = new StepCeilings(boom);
    expect(await ceilings.get(() => null)).toEqual({ ok: false, error: 'ceiling f32 failed verification' });
  });
});
