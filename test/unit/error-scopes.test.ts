import { describe, expect, it } from 'vitest';
import { err, ok, type Result } from '../../src/core/result.ts';
import { watchErrors } from '../../src/gpu/error-scopes.ts';

/** A device whose error scopes hold what the test says, innermost last. */
function fakeDevice(found: { readonly [filter in GPUErrorFilter]?: string }) {
  const open: GPUErrorFilter[] = [];
  return {
    open,
    pushErrorScope(filter: GPUErrorFilter): undefined {
      open.push(filter);
    },
    async popErrorScope(): Promise<GPUError | null> {
      const filter = open.pop();
      const message = filter && found[filter];
      return message ? { message } : null;
    },
  };
}

const seven = async (): Promise<Result<number, never>> => ok(7);

describe('work under error scopes', () => {
  it('gives what it made when the device says nothing', async () => {
    const device = fakeDevice({});
    expect(await watchErrors(device, 'a model', seven)).toEqual(ok(7));
    expect(device.open).toEqual([]);
  });
  it('is out of memory by name, whatever it made and whatever became invalid by it', async () => {
    const device = fakeDevice({ 'out-of-memory': 'no memory for "kv 3"', validation: 'invalid buffer' });
    const made = await watchErrors(device, 'model 1 nano', seven);
    expect(made.ok ? '' : made.error).toMatchObject({
      code: 'out-of-memory',
      message: 'The device has no memory left for model 1 nano: no memory for "kv 3"',
    });
  });
  it('is invalid by name', async () => {
    const made = await watchErrors(fakeDevice({ validation: 'usage 0' }), 'tables', seven);
    expect(made.ok ? '' : made.error.code).toBe('validation');
  });
  it('keeps a failure of its own, and closes its scopes after an exception', async () => {
    const device = fakeDevice({});
    expect(await watchErrors(device, 'a model', async () => err('no file'))).toEqual(err('no file'));
    const thrown = watchErrors(device, 'a model', () => Promise.reject(new Error('bug')));
    await expect(thrown).rejects.toThrow('bug');
    expect(device.open).toEqual([]);
  });
});
