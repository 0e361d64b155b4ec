import { describe, expect, it } from 'vitest';
import { Watch } from '../../src/gpu/watch.ts';

/** Counts round trips; each takes a turn of the event loop. */
function fakeDevice() {
  let lose = (): void => {};
  const device = {
    trips: 0,
    open: 0,
    lost: new Promise<GPUDeviceLostInfo>((resolve) => {
      lose = () => resolve({ reason: 'unknown', message: 'gone' } as GPUDeviceLostInfo);
    }),
    lose: () => lose(),
    pushErrorScope(): undefined {
      device.open++;
      return undefined;
    },
    popErrorScope(): Promise<null> {
      device.open--;
      device.trips++;
      return new Promise((resolve) => setTimeout(() => resolve(null)));
    },
  };
  return device;
}
const later = <T>(ms: number, value: T): Promise<T> =>
  new Promise((resolve) => setTimeout(() => resolve(value), ms));

describe('watching for the end of GPU work', () => {
  it('goes there and back until the work is done, and then no more', async () => {
    const device = fakeDevice();
    expect(await new Watch(device).over(later(30, 'done'))).toBe('done');
    expect(device.trips).toBeGreaterThan(2);
    expect(device.open).toBe(0);
    await later(10, null);
    const { trips } = device;
    await later(20, null);
    expect(device.trips).toBe(trips);
  });
  it('has one chain for all that is awaited', async () => {
    const [one, two] = [fakeDevice(), fakeDevice()];
    const [single, double] = [new Watch(one), new Watch(two)];
    await Promise.all([single.over(later(40, 0)), double.over(later(40, 0)), double.over(later(40, 0))]);
    expect(two.trips).toBeLessThan(one.trips * 1.5);
  });
  it('passes a failure on, and ends with the device', async () => {
    const device = fakeDevice();
    const watch = new Watch(device);
    await expect(
      watch.over(later(5, null).then(() => Promise.reject(new Error('unmapped')))),
    ).rejects.toThrow('unmapped');
    const never = watch.over(new Promise(() => {}));
    device.lose();
    await later(20, null);
    const { trips } = device;
    await later(20, null);
    expect(device.trips).toBe(trips);
    void never;
  });
});
