import { describe, expect, it } from 'vitest';
import { err, ok, type Result, unwrap } from '../../src/core/result.ts';
import { type Held, Holder } from '../../src/worker/holder.ts';

class Fake implements Held {
  readonly want: string;
  readonly lost: Promise<string>;
  lose: (reason: string) => void = () => undefined;
  closed = 0;
  constructor(want: string) {
    this.want = want;
    this.lost = new Promise((resolve) => {
      this.lose = resolve;
    });
  }
  close(): void {
    this.closed++;
    this.lose('destroyed');
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

function holder() {
  const opened: Fake[] = [];
  const losses: string[] = [];
  const has = { devices: true };
  const held = new Holder<string, Fake, string>(
    async (want): Promise<Result<Fake, string>> => {
      await turn();
      if (!has.devices) return err('no device');
      const session = new Fake(want);
      opened.push(session);
      return ok(session);
    },
    (_, reason, again) =>
      void again.then((next) => losses.push(`${reason}: ${next.ok ? 'back' : next.error}`)),
  );
  return { held, opened, losses, has };
}

describe('the device that is held', () => {
  it('is opened once for one wish, also when two ask at the same time', async () => {
    const { held, opened } = holder();
    const [a, b] = await Promise.all([held.ensure('auto'), held.ensure('auto')]);
    expect(unwrap(a)).toBe(unwrap(b));
    expect(unwrap(await held.ensure('auto'))).toBe(unwrap(a));
    expect(opened).toHaveLength(1);
  });
  it('is of the adapter that was asked for, also while another one opens', async () => {
    const { held } = holder();
    const [a, b] = await Promise.all([held.ensure('auto'), held.ensure('swiftshader')]);
    expect([unwrap(a).want, unwrap(b).want]).toEqual(['auto', 'swiftshader']);
    expect(held.current?.want).toBe('swiftshader');
  });
  it('is closed when another one takes its place, which is no loss', async () => {
    const { held, opened, losses } = holder();
    await held.ensure('auto');
    await held.ensure('swiftshader');
    await turn();
    expect(opened.map(({ closed }) => closed)).toEqual([1, 0]);
    expect(losses).toEqual([]);
  });
  it('stays when another one cannot be had', async () => {
    const { held, opened, has } = holder();
    const first = unwrap(await held.ensure('auto'));
    has.devices = false;
    expect(await held.ensure('hardware')).toEqual(err('no device'));
    expect(unwrap(await held.ensure('auto'))).toBe(first);
    expect(opened[0]?.closed).toBe(0);
  });
  it('is opened again when it is lost', async () => {
    const { held, opened, losses, has } = holder();
    unwrap(await held.ensure('auto')).lose('reset');
    await turn();
    await turn();
    expect(losses).toEqual(['reset: back']);
    expect(held.current).toBe(opened[1]);
    has.devices = false;
    opened[1]?.lose('reset again');
    await turn();
    await turn();
    expect(losses[1]).toBe('reset again: no device');
    expect(held.current).toBeUndefined();
  });
});
