// The worker: owns the device, runs what the page asks for, tells what happens to the device. No kernel, clock or
// statistic lives here; this file only connects them to messages.

import * as Comlink from 'comlink';
import { err, failure, ok, type Result } from '../core/result.ts';
import { describe } from '../gpu/capability.ts';
import { type Gpu, openGpu } from '../gpu/device.ts';
import { Pipelines } from '../gpu/pipelines.ts';
import { type Clock, detectQuantum, gpuClock, wallClock } from '../gpu/timing.ts';
import type { Ceilings, DeviceReport } from '../measure/schema.ts';
import type { Capture } from '../model/contract.ts';
import { measureCeilings } from './bench/ceilings.ts';
import { runModelBench } from './bench/model.ts';
import { runQuality } from './bench/quality.ts';
import { runBench } from './bench/session.ts';
import type { GenerateEvent } from './generate/protocol.ts';
import { GenerateHost } from './generate/session.ts';
import { driveRound } from './offload/drive.ts';
import type {
  BenchEvent,
  GpuWorkerApi,
  ModelBenchEvent,
  QualityEvent,
  Want,
  WorkerFailure,
  WorkerNotice,
} from './protocol.ts';
import { runRaw } from './run-once.ts';
import { calibrate } from './serving/calibrate.ts';
import { ServingHost } from './serving/host.ts';
import { inspectStep } from './serving/inspect.ts';
import { LiveTrace } from './serving/live.ts';
import type { ServeEvent } from './serving/protocol.ts';
import { serve } from './serving/serve.ts';

interface Session {
  readonly gpu: Gpu;
  readonly pipelines: Pipelines;
  readonly clock: Clock;
  readonly report: DeviceReport;
  readonly want: Want;
  readonly serving: ServingHost;
  readonly generating: GenerateHost;
  lost: boolean;
  ceilings?: Ceilings;
}

let session: Session | undefined;
let opening: Promise<Result<Session, WorkerFailure>> | undefined;
let notices: MessagePort | undefined;
/** Why the running benchmark should stop; null while it may go on. */
let stop: string | null = null;
/** Why the running benchmark is not to be trusted. */
let doubts: string[] = [];
let busy = false;
/** What the page last asked for; a device lost and not re-created does not turn `hardware` into `auto`. */
let wanted: Want = 'auto';

/**
 * Holds a lock of the worker's own name for as long as the worker lives: a worker that closes or is killed fires no event, but
 * the browser gives its lock to the page.
 */
const alive = new Promise<void>((held) => {
  if (!('locks' in navigator)) return held(); // only insecure origins lack it, and they have no WebGPU to lose
  void navigator.locks.request(self.name, () => {
    held();
    return new Promise(() => undefined);
  });
});

const tell = (notice: WorkerNotice): void => notices?.postMessage(notice);

async function create(want: Want): Promise<Result<Session, WorkerFailure>> {
  const opened = await openGpu({ want, power: 'high-performance' });
  if (!opened.ok) return opened;
  const gpu = opened.value;
  const quantum = await detectQuantum(gpu);
  const pipelines = new Pipelines(gpu.device);
  const made: Session = {
    gpu,
    pipelines,
    serving: new ServingHost(gpu, pipelines),
    generating: new GenerateHost(gpu, pipelines),
    clock: quantum === null ? wallClock(gpu) : gpuClock(gpu, quantum),
    report: describe(gpu, quantum),
    want,
    lost: false,
  };
  session = made;
  void gpu.device.lost.then((info) => recover(made, info));
  // what no error scope caught spoils whatever was being measured
  gpu.device.addEventListener('uncapturederror', ({ error }) =>
    doubts.push(`the device reported an error: ${error.message}`),
  );
  return ok(made);
}

/** A lost device ends what runs, with what was measured; then a new device takes its place. */
async function recover(old: Session, info: GPUDeviceLostInfo): Promise<void> {
  old.lost = true;
  if (session !== old) return;
  session = undefined;
  stop = 'the device was lost';
  const reason = info.message || info.reason || 'the driver gave no reason';
  const again = await ensure(old.want);
  tell({ type: 'device-lost', reason, recovered: again.ok });
}

function ensure(want: Want): Promise<Result<Session, WorkerFailure>> {
  if (session && !session.lost && session.want === want) return Promise.resolve(ok(session));
  opening ??= create(want).finally(() => {
    opening = undefined;
  });
  return opening;
}

/**
 * As `exclusively`, for a task with events. A last `null` on their port says that none follows: the answer travels another way
 * and may arrive before them.
 */
async function streaming<E, T>(
  events: MessagePort,
  task: (session: Session, emit: (event: E) => void) => Promise<Result<T, WorkerFailure>>,
): Promise<Result<T, WorkerFailure>> {
  try {
    return await exclusively((session) => task(session, (event) => events.postMessage(event)));
  } finally {
    events.postMessage(null);
  }
}

/** The ceilings that bound a model's step, measured once a device; null when they were cut short. */
async function stepCeilings(current: Session): Promise<Ceilings | null> {
  const { gpu, pipelines, clock } = current;
  const names = ['readBandwidth', 'f32', 'dispatch'] as const;
  const stopped = (): boolean => stop !== null;
  if (current.ceilings || stopped()) return current.ceilings ?? null;
  const ceilings = await measureCeilings(gpu, pipelines, clock, 5, () => undefined, stopped, names);
  if (!stopped()) current.ceilings = ceilings;
  return current.ceilings ?? null;
}

/** Runs one long task at a time; a device lost under it becomes a failure that says so. */
async function exclusively<T>(
  task: (session: Session) => Promise<Result<T, WorkerFailure>>,
): Promise<Result<T, WorkerFailure>> {
  if (busy)
    return err(failure('busy', 'The GPU is measuring something else.', 'Cancel that first, or wait for it.'));
  // taken before the first wait: two calls while the device opens must not both run, nor a cancel meanwhile be forgotten
  busy = true;
  stop = null;
  doubts = [];
  let opened: Result<Session, WorkerFailure> | undefined;
  try {
    opened = await ensure(wanted);
    if (!opened.ok) return opened;
    return await task(opened.value);
  } catch (error) {
    if (!opened?.ok || !opened.value.lost) throw error;
    return err(
      failure(
        'device-lost',
        'The device was lost while it ran.',
        'Run again; choose smaller shapes if it happens again.',
      ),
    );
  } finally {
    busy = false;
  }
}

/** Inputs are one buffer before and after: nothing may be transferred twice. */
const captureTransferables = ({ uniform, buffers }: Capture): ArrayBuffer[] => [
  ...new Set([uniform, ...Object.values(buffers).flatMap(({ before, after }) => [before, after])]),
];

const api: GpuWorkerApi = {
  async open(want) {
    if (busy && want !== wanted)
      return err(
        failure('busy', 'The GPU is measuring something else.', 'Cancel that first, or wait for it.'),
      );
    wanted = want;
    const opened = await ensure(want);
    return opened.ok ? ok(opened.value.report) : opened;
  },
  async connect(port) {
    notices = port;
    await alive;
  },
  bench: (request, events) =>
    streaming(
      events,
      async ({ gpu, pipelines, clock, report, serving, generating }, emit: (event: BenchEvent) => void) => {
        serving.dispose(); // a loaded model would take its memory and its caches
        generating.dispose();
        const file = await runBench({
          gpu,
          pipelines,
          clock,
          device: report,
          request,
          emit,
          stop: () => stop,
        });
        tell({ type: 'live-bytes', bytes: gpu.memory.live });
        return ok({ ...file, invalid: [...file.invalid, ...doubts] });
      },
    ),
  model: (request, events) =>
    streaming(
      events,
      async (
        { gpu, pipelines, clock, report, serving, generating },
        emit: (event: ModelBenchEvent) => void,
      ) => {
        serving.dispose();
        generating.dispose();
        const file = await runModelBench({
          gpu,
          pipelines,
          clock,
          device: report,
          request,
          progress: (done, total, what) => emit({ type: 'progress', done, total, secondsLeft: null, what }),
          row: (row) => emit({ type: 'model-row', row }),
          stop: () => stop,
        });
        return ok({ ...file, invalid: [...file.invalid, ...doubts] });
      },
    ),
  quality: (request, events) =>
    streaming(
      events,
      async ({ gpu, pipelines, report, serving, generating }, emit: (event: QualityEvent) => void) => {
        serving.dispose();
        generating.dispose();
        const done = await runQuality({
          gpu,
          pipelines,
          device: report,
          request,
          progress: (done, total, what) => emit({ type: 'progress', done, total, secondsLeft: null, what }),
          row: (row) => emit({ type: 'quality-row', row }),
          stop: () => stop,
        });
        return done.ok ? ok({ ...done.value, invalid: [...done.value.invalid, ...doubts] }) : done;
      },
    ),
  serve: (request, events) =>
    streaming(events, async (current, emit: (event: ServeEvent) => void) => {
      const { report, serving, generating } = current;
      generating.dispose();
      const served = await serving.load(request.model, request.limits);
      if (!served.ok) return served;
      const host = {
        served: served.value,
        device: report,
        emit,
        stop: () => stop,
        doubts: () => doubts,
        ceilings: () => stepCeilings(current),
      };
      return serve(request.live ? { ...host, live: new LiveTrace(events) } : host, request);
    }),
  inspectStep: (request) =>
    exclusively(async ({ report, serving, generating }) => {
      generating.dispose();
      const served = await serving.load(request.model, request.file.header.limits);
      if (!served.ok) return served;
      const done = await inspectStep({ served: served.value, device: report }, request);
      const capture = done.ok ? done.value.capture : null;
      return capture ? Comlink.transfer(done, captureTransferables(capture)) : done;
    }),
  calibrate: (request, events) =>
    streaming(events, async ({ report, serving, generating }, emit: (event: ServeEvent) => void) => {
      generating.dispose();
      const served = await serving.load(request.model, request.limits);
      if (!served.ok) return served;
      const done = await calibrate({ served: served.value, device: report, emit, stop: () => stop }, request);
      const [doubt] = doubts;
      if (!done.ok || doubt === undefined) return done;
      return err(failure('refused', `This calibration is not to be trusted: ${doubt}.`, 'Calibrate again.'));
    }),
  async estimate(model) {
    const opened = await ensure(wanted);
    return opened.ok ? opened.value.generating.estimate(model) : opened;
  },
  load: (model, events) =>
    streaming(events, async ({ serving, generating }, emit: (event: GenerateEvent) => void) => {
      serving.dispose();
      return generating.load(model, emit, () => stop);
    }),
  generate: (request, events) =>
    streaming(events, ({ generating }, emit: (event: GenerateEvent) => void) => {
      return generating.run(request, emit, () => stop);
    }),
  capture: (wanted) =>
    exclusively(async ({ generating }) => {
      const captured = await generating.capture(wanted);
      if (!captured.ok) return captured;
      return Comlink.transfer(captured, captureTransferables(captured.value));
    }),
  candidates: (answer) => exclusively(({ generating }) => generating.candidates(answer)),
  split: () => exclusively(({ generating, clock }) => generating.split(clock, () => stop)),
  probe: () => exclusively(({ generating }) => generating.probe()),
  unload: () =>
    exclusively(async ({ gpu, generating }) => {
      generating.dispose();
      tell({ type: 'live-bytes', bytes: gpu.memory.live });
      return ok(true);
    }),
  runOnce: (request) => exclusively(({ gpu, pipelines }) => runRaw(gpu, pipelines, request)),
  cancel() {
    stop = 'cancelled: only what was finished is shown';
  },
  markInvalid(reason) {
    if (busy && !doubts.includes(reason)) doubts.push(reason);
  },
  echo: (value) => value,
  bounce: (buffer) => Comlink.transfer(buffer, [buffer]),
  drive: (work) =>
    exclusively(async ({ gpu, pipelines }) =>
      ok(await driveRound(gpu, pipelines, work, () => stop !== null)),
    ),
  loseDevice() {
    session?.gpu.device.destroy();
  },
  vanish() {
    globalThis.close();
  },
};

Comlink.expose(api);
