// The page's end of the GPU worker. Comlink calls hang for ever when their worker dies, so every call here races with its
// death; and what a call throws comes back as an Error that says where it was thrown.

import * as Comlink from 'comlink';
import type { Result } from '../core/result.ts';
import type { ModelFile } from '../measure/model.ts';
import type { Round } from '../measure/offload.ts';
import type { QualityFile } from '../measure/quality.ts';
import type { DeviceReport, ResultFile } from '../measure/schema.ts';
import type { StepSplit } from '../measure/split.ts';
import type { Capture, Pool } from '../model/contract.ts';
import type { ProbeReport } from '../model/probe-report.ts';
import type { ModelBenchRequest } from './bench/model.ts';
import type { QualityRequest } from './bench/quality.ts';
import type {
  Candidates,
  GenerateEstimate,
  GenerateEvent,
  GenerateLoaded,
  GenerateModel,
  GenerateRan,
  GenerateRun,
} from './generate/protocol.ts';
import type {
  BenchEvent,
  BenchRequest,
  GpuWorkerApi,
  ModelBenchEvent,
  QualityEvent,
  RawOutputs,
  WorkerFailure,
  WorkerNotice,
} from './protocol.ts';
import type {
  CalibrateRequest,
  Calibration,
  Inspection,
  ServeEvent,
  ServeReport,
  ServeRequest,
} from './serving/protocol.ts';

export class DeadWorkerError extends Error {
  override readonly name = 'DeadWorkerError';
}

type Async<F> = F extends (...args: infer A) => infer R ? (...args: A) => Promise<Awaited<R>> : never;

/** The worker's interface, every call a promise that also rejects when the worker dies. */
export type GpuClientApi = { readonly [K in keyof GpuWorkerApi]: Async<GpuWorkerApi[K]> };

export interface GpuClient {
  readonly api: GpuClientApi;
  /** Runs a benchmark; `on` gets its events in order. */
  bench(request: BenchRequest, on: (event: BenchEvent) => void): ReturnType<GpuClientApi['bench']>;
  /** Times whole steps of models; `on` gets progress and rows. */
  model(request: ModelBenchRequest, on: (event: ModelBenchEvent) => void): ReturnType<GpuClientApi['model']>;
  /** Scores ways of storing a trained model; `on` gets progress and rows. */
  quality(request: QualityRequest, on: (event: QualityEvent) => void): ReturnType<GpuClientApi['quality']>;
  /** Serves requests under several strategies; `on` gets progress and finished runs; a live block waits for its `taken`. */
  serve(
    request: ServeRequest,
    on: (event: ServeEvent, taken: () => void) => void,
  ): ReturnType<GpuClientApi['serve']>;
  /** Fits the virtual clock to this device. */
  calibrate(
    request: CalibrateRequest,
    on: (event: ServeEvent) => void,
  ): ReturnType<GpuClientApi['calibrate']>;
  /** Loads the model that generates; `on` gets how far it is. */
  load(model: GenerateModel, on: (event: GenerateEvent) => void): ReturnType<GpuClientApi['load']>;
  /** Runs steps of a generation; `on` gets them as they are finished. */
  generate(request: GenerateRun, on: (event: GenerateEvent) => void): ReturnType<GpuClientApi['generate']>;
  /** Calls `listener` for device losses and memory; returns how to stop that. */
  onNotice(listener: (notice: WorkerNotice) => void): () => void;
  /** Resolves with the reason when the worker is gone. */
  readonly dead: Promise<DeadWorkerError>;
  terminate(reason?: string): void;
}

/** Runs `call` with a port whose messages go to `on`, until the `null` that says that none follows. `taken` answers one. */
async function withEvents<E, T>(
  dead: Promise<unknown>,
  on: (event: E, taken: () => void) => void,
  call: (port: MessagePort) => Promise<T>,
): Promise<T> {
  const channel = new MessageChannel();
  const ended = new Promise<void>((resolve) => {
    channel.port1.onmessage = ({ data }: MessageEvent<E | null>) =>
      data === null ? resolve() : on(data, taken);
  });
  const taken = (): void => channel.port1.postMessage('taken');
  try {
    const answer = await call(channel.port2);
    await Promise.race([ended, dead]);
    return answer;
  } finally {
    channel.port1.close();
  }
}

/** Starts the worker. One page needs one. */
export function connectWorker(): GpuClient {
  const name = `lockstep-gpu-${Math.random().toString(36).slice(2)}`; // randomUUID needs a secure origin
  const worker = new Worker(new URL('./gpu.worker.ts', import.meta.url), { type: 'module', name });
  let die: (error: DeadWorkerError) => void = () => undefined;
  const dead = new Promise<DeadWorkerError>((resolve) => {
    die = resolve;
  });
  worker.addEventListener('error', (event) => {
    die(new DeadWorkerError(`The GPU worker stopped: ${event.message || 'it could not be started'}.`));
  });
  worker.addEventListener('messageerror', () =>
    die(new DeadWorkerError('The GPU worker sent what could not be read.')),
  );

  const remote = Comlink.wrap<GpuWorkerApi>(worker);
  const guard = <T>(call: Promise<T>): Promise<T> =>
    Promise.race([
      call,
      dead.then((error) => {
        throw error;
      }),
    ]);
  const listeners = new Set<(notice: WorkerNotice) => void>();
  const notices = new MessageChannel();
  notices.port1.onmessage = ({ data }: MessageEvent<WorkerNotice>) => {
    for (const listener of listeners) listener(data);
  };
  const api: GpuClientApi = {
    open: (want) => guard<Result<DeviceReport, WorkerFailure>>(remote.open(want)),
    connect: (port) => guard(remote.connect(Comlink.transfer(port, [port]))),
    bench: (request, port) =>
      guard<Result<ResultFile, WorkerFailure>>(remote.bench(request, Comlink.transfer(port, [port]))),
    model: (request, port) =>
      guard<Result<ModelFile, WorkerFailure>>(remote.model(request, Comlink.transfer(port, [port]))),
    quality: (request, port) =>
      guard<Result<QualityFile, WorkerFailure>>(remote.quality(request, Comlink.transfer(port, [port]))),
    serve: (request, port) =>
      guard<Result<ServeReport, WorkerFailure>>(remote.serve(request, Comlink.transfer(port, [port]))),
    pool: (request) => guard<Result<Pool, WorkerFailure>>(remote.pool(request)),
    inspectStep: (request) => guard<Result<Inspection, WorkerFailure>>(remote.inspectStep(request)),
    calibrate: (request, port) =>
      guard<Result<Calibration, WorkerFailure>>(remote.calibrate(request, Comlink.transfer(port, [port]))),
    estimate: (wanted) => guard<Result<GenerateEstimate, WorkerFailure>>(remote.estimate(wanted)),
    load: (wanted, port) =>
      guard<Result<GenerateLoaded, WorkerFailure>>(remote.load(wanted, Comlink.transfer(port, [port]))),
    generate: (request, port) =>
      guard<Result<GenerateRan, WorkerFailure>>(remote.generate(request, Comlink.transfer(port, [port]))),
    capture: (wanted) => guard<Result<Capture, WorkerFailure>>(remote.capture(wanted)),
    candidates: (answer) => guard<Result<Candidates | null, WorkerFailure>>(remote.candidates(answer)),
    split: () => guard<Result<StepSplit, WorkerFailure>>(remote.split()),
    probe: () => guard<Result<ProbeReport, WorkerFailure>>(remote.probe()),
    unload: () => guard<Result<true, WorkerFailure>>(remote.unload()),
    runOnce: (request) => guard<Result<RawOutputs, WorkerFailure>>(remote.runOnce(request)),
    cancel: () => guard(remote.cancel()),
    echo: ((value: unknown) => guard(remote.echo(value))) as GpuClientApi['echo'],
    bounce: (buffer) => guard(remote.bounce(Comlink.transfer(buffer, [buffer]))),
    drive: (work) => guard<Result<Round, WorkerFailure>>(remote.drive(work)),
    markInvalid: (reason) => guard(remote.markInvalid(reason)),
    loseDevice: () => guard(remote.loseDevice()),
    vanish: () => guard(remote.vanish()),
  };
  api
    .connect(notices.port2)
    .then(() =>
      // the worker holds this lock: getting it means that the worker is gone
      navigator.locks?.request(name, () =>
        die(
          new DeadWorkerError('The GPU worker is gone: it closed, or the browser ended it. Reload the page.'),
        ),
      ),
    )
    .catch(() => undefined); // a dead worker is told by `dead`
  return {
    api,
    bench: (request, on) => withEvents(dead, on, (port) => api.bench(request, port)),
    model: (request, on) => withEvents(dead, on, (port) => api.model(request, port)),
    quality: (request, on) => withEvents(dead, on, (port) => api.quality(request, port)),
    serve: (request, on) => withEvents(dead, on, (port) => api.serve(request, port)),
    calibrate: (request, on) => withEvents(dead, on, (port) => api.calibrate(request, port)),
    load: (wanted, on) => withEvents(dead, on, (port) => api.load(wanted, port)),
    generate: (request, on) => withEvents(dead, on, (port) => api.generate(request, port)),
    onNotice(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    dead,
    terminate(reason = 'it was stopped') {
      worker.terminate();
      die(new DeadWorkerError(`The GPU worker is gone: ${reason}.`));
    },
  };
}
