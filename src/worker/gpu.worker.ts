// The worker: owns the device, runs what the page asks for, tells what happens to the device. No kernel, clock or
// statistic lives here; this file only connects them to messages.

import * as Comlink from 'comlink';
import { err, failure, ok } from '../core/result.ts';
import type { Capture } from '../model/contract.ts';
import { runModelBench } from './bench/model.ts';
import { runQuality } from './bench/quality.ts';
import { runBench } from './bench/session.ts';
import { Holder } from './holder.ts';
import { driveRound } from './offload/drive.ts';
import type {
  BenchProgress,
  EventPort,
  GpuWorkerApi,
  Want,
  WorkerFailure,
  WorkerNotice,
} from './protocol.ts';
import { runRaw } from './run-once.ts';
import { calibrate } from './serving/calibrate.ts';
import { inspectStep } from './serving/inspect.ts';
import { LiveTrace } from './serving/live.ts';
import { serve } from './serving/serve.ts';
import { openSession, type Session } from './session.ts';
import { Tasks } from './tasks.ts';

let notices: MessagePort | undefined;
const tell = (notice: WorkerNotice): void => notices?.postMessage(notice);

/** What the page last asked for; a device lost and not re-created does not turn `hardware` into `auto`. */
let wanted: Want = 'auto';

const tasks: Tasks<Session> = new Tasks(() => holder.ensure(wanted));
/** A lost device ends what runs, with what was measured; a new device takes its place. */
const holder = new Holder<Want, Session, WorkerFailure>(
  (want) => openSession(want, (message) => tasks.deviceError(message)),
  (_, reason, again) => {
    tasks.cancel('the device was lost');
    void again.then(({ ok: recovered }) => tell({ type: 'device-lost', reason, recovered }));
  },
);

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

/**
 * Runs `call` with a way to send events. A last `null` on their port says that none follows: the answer travels another way and
 * may arrive before them.
 */
async function streaming<E, T>(
  events: EventPort<E>,
  call: (emit: (event: E) => void) => Promise<T>,
): Promise<T> {
  try {
    return await call((event) => events.postMessage(event));
  } finally {
    events.postMessage(null);
  }
}

/** A loaded model would take a benchmark's memory and its caches. */
function unloaded(session: Session): Session {
  session.serving.dispose();
  session.generating.dispose();
  return session;
}

const progressTo =
  (emit: (event: BenchProgress) => void) =>
  (done: number, total: number, what: string): void =>
    emit({ type: 'progress', done, total, secondsLeft: null, what });

/** Inputs are one buffer before and after: nothing may be transferred twice. */
const captureTransferables = ({ uniform, buffers }: Capture): ArrayBuffer[] => [
  ...new Set([uniform, ...Object.values(buffers).flatMap(({ before, after }) => [before, after])]),
];

const api: GpuWorkerApi = {
  async open(want) {
    if (tasks.busy && want !== wanted)
      return err(
        failure('busy', 'The GPU is measuring something else.', 'Cancel that first, or wait for it.'),
      );
    wanted = want;
    const opened = await holder.ensure(want);
    return opened.ok ? ok(opened.value.report) : opened;
  },
  async connect(port) {
    notices = port;
    await alive;
  },
  bench: (request, events) =>
    streaming(events, (emit) =>
      tasks.marked(async (session) => {
        const { gpu, pipelines, clock, report } = unloaded(session);
        await session.keepAwake();
        const { stop } = tasks;
        const file = await runBench({ gpu, pipelines, clock, device: report, request, emit, stop });
        tell({ type: 'live-bytes', bytes: gpu.memory.live });
        return ok(file);
      }),
    ),
  model: (request, events) =>
    streaming(events, (emit) =>
      tasks.marked(async (session) => {
        const { gpu, pipelines, clock, report } = unloaded(session);
        const awake = await session.keepAwake();
        return ok(
          await runModelBench({
            gpu,
            pipelines,
            clock,
            awake,
            device: report,
            request,
            progress: progressTo(emit),
            row: (row) => emit({ type: 'model-row', row }),
            stop: tasks.stop,
          }),
        );
      }),
    ),
  quality: (request, events) =>
    streaming(events, (emit) =>
      tasks.marked(async (session) => {
        const { gpu, pipelines, report } = unloaded(session);
        const awake = await session.keepAwake();
        return runQuality({
          gpu,
          pipelines,
          awake,
          device: report,
          request,
          progress: progressTo(emit),
          row: (row) => emit({ type: 'quality-row', row }),
          stop: tasks.stop,
        });
      }),
    ),
  serve: (request, events) =>
    streaming(events, (emit) =>
      tasks.exclusively(async ({ report, serving, generating, ceilings }) => {
        generating.dispose();
        const served = await serving.load(request.model, request.limits, tasks.stop);
        if (!served.ok) return served;
        const host = {
          served: served.value,
          device: report,
          emit,
          stop: tasks.stop,
          doubts: () => tasks.doubts,
          ceilings: () => ceilings.get(tasks.stop),
        };
        return serve(request.live ? { ...host, live: new LiveTrace(events) } : host, request);
      }),
    ),
  pool: ({ model, limits, bytes }) =>
    tasks.exclusively(async ({ serving, generating }) => {
      generating.dispose();
      return serving.pool(model, limits, bytes);
    }),
  inspectStep: (request) =>
    tasks
      .exclusively(async ({ report, serving, generating }) => {
        generating.dispose();
        const served = await serving.load(request.model, request.file.header.limits, tasks.stop);
        if (!served.ok) return served;
        return inspectStep({ served: served.value, device: report, stop: tasks.stop }, request);
      })
      .then((done) => {
        const capture = done.ok ? done.value.capture : null;
        return capture ? Comlink.transfer(done, captureTransferables(capture)) : done;
      }),
  calibrate: (request, events) =>
    streaming(events, (emit) =>
      tasks.exclusively(async ({ report, serving, generating }) => {
        generating.dispose();
        const served = await serving.load(request.model, request.limits, tasks.stop);
        if (!served.ok) return served;
        const { stop } = tasks;
        const done = await calibrate({ served: served.value, device: report, emit, stop }, request);
        const [doubt] = tasks.doubts;
        if (!done.ok || doubt === undefined) return done;
        return err(
          failure('refused', `This calibration is not to be trusted: ${doubt}.`, 'Calibrate again.'),
        );
      }),
    ),
  estimate: (model) => tasks.beside(({ generating }) => generating.estimate(model)),
  load: (model, events) =>
    streaming(events, (emit) =>
      tasks.exclusively(({ serving, generating }) => {
        serving.dispose();
        return generating.load(model, emit, tasks.stop);
      }),
    ),
  generate: (request, events) =>
    streaming(events, (emit) =>
      tasks.exclusively(({ generating }) => generating.run(request, emit, tasks.stop)),
    ),
  capture: (place) =>
    tasks
      .exclusively(({ generating }) => generating.capture(place, tasks.stop))
      .then((captured) =>
        captured.ok ? Comlink.transfer(captured, captureTransferables(captured.value)) : captured,
      ),
  candidates: (answer) => tasks.exclusively(({ generating }) => generating.candidates(answer)),
  split: (_, events) =>
    streaming(events, (emit) =>
      tasks.exclusively(async (session) => {
        await session.keepAwake();
        return session.generating.split(session.clock, emit, tasks.stop);
      }),
    ),
  probe: () => tasks.exclusively(({ generating }) => generating.probe(tasks.stop)),
  unload: () =>
    tasks.exclusively(async ({ gpu, generating }) => {
      generating.dispose();
      tell({ type: 'live-bytes', bytes: gpu.memory.live });
      return ok(true);
    }),
  runOnce: (request) => tasks.exclusively(({ gpu, pipelines }) => runRaw(gpu, pipelines, request)),
  cancel() {
    tasks.cancel('cancelled: only what was finished is shown');
  },
  markInvalid(reason) {
    tasks.doubt(reason);
  },
  echo: (value) => value,
  bounce: (buffer) => Comlink.transfer(buffer, [buffer]),
  drive: (work) =>
    tasks.exclusively(({ gpu, pipelines }) => driveRound(gpu, pipelines, work, () => tasks.stop() !== null)),
  loseDevice() {
    holder.current?.gpu.device.destroy();
  },
  vanish() {
    globalThis.close();
  },
};

Comlink.expose(api);
