// The page's end of the stepper's worker. A worker that is stuck (a kernel that runs for minutes) is ended, not
// waited for: every call then rejects with StoppedError, and the next call starts a new worker.

import * as Comlink from 'comlink';
import { Life } from './life.ts';
import type { StepWorkerApi } from './step-protocol.ts';

export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

type Calls = {
  readonly [K in keyof StepWorkerApi]: (
    ...args: Parameters<StepWorkerApi[K]>
  ) => Promise<Awaited<ReturnType<StepWorkerApi[K]>>>;
};

export interface StepClient {
  readonly api: Calls;
  /** Ends the worker, tells `onDeath`, and rejects what it was asked; `why` is the error's message. */
  stop(why: string): void;
}

export function connectStepper(onDeath: (error: StoppedError) => void): StepClient {
  const worker = new Worker(new URL('./step.worker.ts', import.meta.url), {
    type: 'module',
    name: 'lockstep-step',
  });
  const life = new Life<StoppedError>((error) => {
    worker.terminate();
    onDeath(error);
  });
  worker.addEventListener('error', (event) =>
    life.end(new StoppedError(`The stepper stopped: ${event.message || 'it could not be started'}.`)),
  );
  const remote = Comlink.wrap<StepWorkerApi>(worker);
  const guard = <T>(call: Promise<T>): Promise<T> => life.guard(call);
  return {
    api: {
      open: (launch) => guard<Awaited<ReturnType<Calls['open']>>>(remote.open(launch)),
      frame: (request) => guard<Awaited<ReturnType<Calls['frame']>>>(remote.frame(request)),
      whole: () => guard<Awaited<ReturnType<Calls['whole']>>>(remote.whole()),
      measure: (launch) => guard<Awaited<ReturnType<Calls['measure']>>>(remote.measure(launch)),
      touching: (memory, byte, mode) =>
        guard<Awaited<ReturnType<Calls['touching']>>>(remote.touching(memory, byte, mode)),
      stepsOf: (memory, from, most) =>
        guard<Awaited<ReturnType<Calls['stepsOf']>>>(remote.stepsOf(memory, from, most)),
      provenance: (memory, byte, time) =>
        guard<Awaited<ReturnType<Calls['provenance']>>>(remote.provenance(memory, byte, time)),
      stops: (breakpoint) => guard<Awaited<ReturnType<Calls['stops']>>>(remote.stops(breakpoint)),
      diagnose: (source, constants, entry) =>
        guard<Awaited<ReturnType<Calls['diagnose']>>>(remote.diagnose(source, constants, entry)),
    },
    stop: (why) => life.end(new StoppedError(why)),
  };
}
