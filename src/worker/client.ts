// The page's end of the GPU worker: its interface as protocol.ts says it, every call a promise that is rejected when the worker
// dies (life.ts), and events as callbacks. What a call throws comes back as an Error that says where it was thrown.

import * as Comlink from 'comlink';
import { Life } from './life.ts';
import type { EventPort, GpuWorkerApi, WorkerNotice } from './protocol.ts';

export class DeadWorkerError extends Error {
  override readonly name = 'DeadWorkerError';
}

type Streaming = {
  [K in keyof GpuWorkerApi]: Parameters<GpuWorkerApi[K]> extends [unknown, EventPort<infer _>] ? K : never;
}[keyof GpuWorkerApi];

/** Calls that send events while they run: all of them, or this does not compile. */
const streaming = Object.keys({
  bench: 0,
  model: 0,
  quality: 0,
  serve: 0,
  calibrate: 0,
  load: 0,
  generate: 0,
  split: 0,
} satisfies Record<Streaming, 0>) as Streaming[];

/** `on` gets the events in order; one that says so waits for its `taken`. All have come when the call is answered. */
type Streamed<F> = F extends (request: infer R, events: EventPort<infer E>) => infer T
  ? (request: R, on: (event: E, taken: () => void) => void) => Promise<Awaited<T>>
  : never;

type Called<F> = F extends (...args: infer A) => infer T ? (...args: A) => Promise<Awaited<T>> : never;

type Streams = { readonly [K in Streaming]: Streamed<GpuWorkerApi[K]> };

export interface GpuClient extends Streams {
  readonly api: {
    readonly [K in Exclude<keyof GpuWorkerApi, Streaming | 'connect'>]: Called<GpuWorkerApi[K]>;
  };
  /** Calls `listener` for device losses and memory; returns how to stop that. */
  onNotice(listener: (notice: WorkerNotice) => void): () => void;
  /** Resolves with the reason when the worker is gone. */
  readonly dead: Promise<DeadWorkerError>;
  terminate(reason?: string): void;
}

/** Starts the worker. One page needs one. */
export function connectWorker(): GpuClient {
  const name = `lockstep-gpu-${Math.random().toString(36).slice(2)}`; // randomUUID needs a secure origin
  const worker = new Worker(new URL('./gpu.worker.ts', import.meta.url), { type: 'module', name });
  let tell: (error: DeadWorkerError) => void = () => undefined;
  const dead = new Promise<DeadWorkerError>((resolve) => {
    tell = resolve;
  });
  const life = new Life<DeadWorkerError>((error) => {
    worker.terminate(); // one that threw lives on, and would hold its device beside the next worker's
    tell(error);
  });
  const die = (why: string): void => life.end(new DeadWorkerError(why));
  worker.addEventListener('error', (event) =>
    die(`The GPU worker stopped: ${event.message || 'it could not be started'}.`),
  );
  worker.addEventListener('messageerror', () => die('The GPU worker sent what could not be read.'));

  const remote = Comlink.wrap<Record<string, (...args: readonly unknown[]) => unknown>>(worker);
  const call = (method: string, args: readonly unknown[]): Promise<unknown> => {
    const sent = args.map((arg) =>
      arg instanceof MessagePort || (arg instanceof ArrayBuffer && method === 'bounce')
        ? Comlink.transfer(arg, [arg])
        : arg,
    );
    return life.guard(Promise.resolve(remote[method]?.(...sent)));
  };
  // `then` is no call: whoever awaits the interface would wait for ever
  const api = new Proxy({} as GpuClient['api'], {
    get: (_, method) =>
      typeof method === 'string' && method !== 'then'
        ? (...args: readonly unknown[]) => call(method, args)
        : undefined,
  });

  /** Calls with a port whose messages go to `on`, until the `null` that says that none follows. */
  const stream = async (
    method: Streaming,
    request: unknown,
    on: (event: unknown, taken: () => void) => void,
  ): Promise<unknown> => {
    const { port1, port2 } = new MessageChannel();
    const taken = (): void => port1.postMessage('taken');
    const ended = new Promise<void>((resolve) => {
      port1.onmessage = ({ data }: MessageEvent<unknown>) => (data === null ? resolve() : on(data, taken));
    });
    try {
      const answer = await call(method, [request, port2]);
      await life.guard(ended).catch(() => undefined); // an answer that came before the end counts
      return answer;
    } finally {
      port1.close();
    }
  };
  const streams = Object.fromEntries(
    streaming.map((method) => [
      method,
      (request: unknown, on: Parameters<typeof stream>[2]) => stream(method, request, on),
    ]),
  ) as unknown as Streams;

  const listeners = new Set<(notice: WorkerNotice) => void>();
  const notices = new MessageChannel();
  notices.port1.onmessage = ({ data }: MessageEvent<WorkerNotice>) => {
    for (const listener of listeners) listener(data);
  };
  call('connect', [notices.port2])
    .then(() =>
      // the worker holds this lock: getting it means that the worker is gone
      navigator.locks?.request(name, () =>
        die('The GPU worker is gone: it closed, or the browser ended it. Reload the page.'),
      ),
    )
    .catch(() => undefined); // a dead worker is told by `dead`
  return {
    ...streams,
    api,
    onNotice(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    dead,
    terminate: (reason = 'it was stopped') => die(`The GPU worker is gone: ${reason}.`),
  };
}
