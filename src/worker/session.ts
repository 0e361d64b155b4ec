// A device and what is made on it: opened by a wish, closed when another one takes its place.

import { messageOf } from '../core/message-of.ts';
import { err, failure, ok, type Result } from '../core/result.ts';
import { Awake } from '../gpu/awake.ts';
import { describe } from '../gpu/capability.ts';
import { type Gpu, openGpu } from '../gpu/device.ts';
import { Pipelines } from '../gpu/pipelines.ts';
import { type Clock, clockOf, detectQuantum } from '../gpu/timing.ts';
import type { DeviceReport } from '../measure/schema.ts';
import { measureCeilings } from './bench/ceilings.ts';
import { GenerateHost } from './generate/session.ts';
import type { Held } from './holder.ts';
import type { Want, WorkerFailure } from './protocol.ts';
import { ServingHost } from './serving/host.ts';
import { StepCeilings } from './step-ceilings.ts';

export interface Session extends Held {
  readonly gpu: Gpu;
  readonly pipelines: Pipelines;
  readonly clock: Clock;
  readonly report: DeviceReport;
  readonly serving: ServingHost;
  readonly generating: GenerateHost;
  readonly ceilings: StepCeilings;
  /** From now on the device's clock is kept up before everything that `clock` times; what else is timed keeps it up with the result. */
  keepAwake(): Promise<Awake | undefined>;
}

/** `onError` gets what no error scope caught: it spoils whatever is being computed. */
export async function openSession(
  want: Want,
  onError: (message: string) => void,
): Promise<Result<Session, WorkerFailure>> {
  const opened = await openGpu({ want, power: 'high-performance' });
  if (!opened.ok) return opened;
  const gpu = opened.value;
  const { device } = gpu;
  try {
    device.addEventListener('uncapturederror', ({ error }) => onError(error.message));
    const quantum = await detectQuantum(gpu);
    const pipelines = new Pipelines(device);
    let keeper: Awake | undefined;
    const clock = clockOf(gpu, quantum, async () => keeper?.lead());
    const awake = onceMade(() => Awake.open(gpu, pipelines));
    const serving = new ServingHost(gpu, pipelines, awake);
    const generating = new GenerateHost(gpu, pipelines);
    return ok({
      gpu,
      pipelines,
      clock,
      report: describe(gpu, quantum),
      serving,
      generating,
      ceilings: new StepCeilings((names, stopped) =>
        measureCeilings({ gpu, pipelines, clock, samples: 5, names, stopped }).then((all) => all.ceilings),
      ),
      async keepAwake() {
        keeper = await awake();
        return keeper;
      },
      lost: device.lost.then(({ message, reason }) => message || reason || 'the driver gave no reason'),
      close() {
        serving.dispose();
        generating.dispose();
        clock.dispose();
        device.destroy();
      },
    });
  } catch (error) {
    device.destroy();
    return err(
      failure(
        'device-refused',
        `The device could not be used: ${messageOf(error)}`,
        'Reload the page; if it stays so, restart the browser.',
      ),
    );
  }
}

/** What `make` gives, made once; a failure is not kept, so that the next call tries again. */
export function onceMade<T>(make: () => Promise<T>): () => Promise<T> {
  let making: Promise<T> | undefined;
  return () => {
    making ??= make().catch((error: unknown) => {
      making = undefined;
      throw error;
    });
    return making;
  };
}
