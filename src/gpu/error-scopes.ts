// What the device says of work that was handed to it, as a failure by name. WebGPU makes an invalid buffer where memory is short,
// drops every submit that uses it, and lets zeros be read back: nobody is told who does not ask.

import { err, type Failure, failure, type Result } from '../core/result.ts';

export type DeviceFailure = Failure<'out-of-memory' | 'validation'>;

type ErrorScopes = Pick<GPUDevice, 'pushErrorScope' | 'popErrorScope'>;

/**
 * Runs `body`, which makes `what`; an error of the device under it is a failure, also when `body` did not notice. Scopes are a
 * stack of the device's: whatever runs beside `body` must open and close its own without a wait in between.
 */
export async function watchErrors<T, E>(
  device: ErrorScopes,
  what: string,
  body: () => Promise<Result<T, E>>,
): Promise<Result<T, E | DeviceFailure>> {
  device.pushErrorScope('validation');
  device.pushErrorScope('out-of-memory');
  const closed = async () => {
    const [exhausted, invalid] = await Promise.all([device.popErrorScope(), device.popErrorScope()]);
    return { exhausted, invalid };
  };
  let made: Result<T, E>;
  try {
    made = await body();
  } catch (error) {
    await closed().catch(() => undefined); // the exception says more than that the device is gone
    throw error;
  }
  const { exhausted, invalid } = await closed();
  if (exhausted)
    return err(
      failure(
        'out-of-memory',
        `The device has no memory left for ${what}: ${exhausted.message}`,
        'Choose fewer pages, int8 weights or a smaller model, or close what else uses the GPU.',
      ),
    );
  if (invalid)
    return err(
      failure(
        'validation',
        `The device refused ${what}: ${invalid.message}`,
        'Please report it with the device’s name.',
      ),
    );
  return made;
}
