// The page's side of the GPU worker: one worker, created when first asked for (never before the first
// paint), its state as a signal, its notices, and calls that survive its death.

import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { messageOf } from '../core/message-of.ts';
import { err, type Failure, failure, type Result } from '../core/result.ts';
import type { DeviceReport, ResultFile } from '../measure/schema.ts';
import type { GpuClient } from '../worker/client.ts';
import type { BenchEvent, BenchRequest, WorkerFailure } from '../worker/protocol.ts';
import { deadNotice, failureNotice, fallbackNotice, lostNotice, type Notice } from './notices.ts';
import { surroundings } from './surroundings.ts';

export type GpuState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'opening' }
  | { readonly kind: 'open'; readonly device: DeviceReport }
  | { readonly kind: 'failed'; readonly failure: WorkerFailure }
  | { readonly kind: 'lost'; readonly reason: string }
  | { readonly kind: 'dead'; readonly why: string };

const state = signal<GpuState>({ kind: 'idle' });
const recoveredFrom = signal<string | null>(null);
const dismissed = signal<ReadonlySet<string>>(new Set());

/** What is known of the GPU. */
export const gpu: ReadonlySignal<GpuState> = state;

/** The device when one is open. */
export const device = computed(() => (state.value.kind === 'open' ? state.value.device : null));

function current(): readonly Notice[] {
  const now = state.value;
  switch (now.kind) {
    case 'idle':
    case 'opening':
      return [];
    case 'failed':
      return [failureNotice(now.failure, surroundings())];
    case 'lost':
      return [lostNotice(now.reason, false)];
    case 'dead':
      return [deadNotice(now.why)];
    case 'open':
      return [
        ...(recoveredFrom.value === null ? [] : [lostNotice(recoveredFrom.value, true)]),
        ...(now.device.fallback ? [fallbackNotice] : []),
      ];
  }
}

export const notices = {
  shown: computed(() => current().filter((notice) => !dismissed.value.has(notice.id))),
  dismiss(id: string): void {
    if (id === 'lost-recovered') recoveredFrom.value = null;
    else dismissed.value = new Set([...dismissed.value, id]);
  },
};

let client: Promise<GpuClient> | null = null;

async function connect(): Promise<GpuClient> {
  const { connectWorker } = await import('../worker/client.ts');
  const made = connectWorker();
  made.onNotice((notice) => {
    if (notice.type !== 'device-lost') return;
    if (notice.recovered) recoveredFrom.value = notice.reason;
    else state.value = { kind: 'lost', reason: notice.reason };
  });
  return made;
}

/** The worker, made when first asked for, and anew when the last one died or could not be loaded (offline, a blocked script). */
export function worker(): Promise<GpuClient> {
  if (client) return client;
  const mine = connect();
  client = mine;
  const gone = (error: unknown): void => {
    if (client !== mine) return;
    client = null;
    state.value = { kind: 'dead', why: messageOf(error) };
  };
  mine.then(({ dead }) => dead.then(gone), gone);
  return mine;
}

export type CallFailure = Failure<'dead-worker' | 'internal'>;

/**
 * The answer of the worker. What it throws becomes a failure: its death, after which the next call makes a new one (`again` says
 * what to do then), or a mistake of ours.
 */
export async function ask<T, E extends Failure>(
  call: (client: GpuClient) => Promise<Result<T, E>>,
  again = 'Try again: a new worker is started.',
): Promise<Result<T, E | CallFailure>> {
  const reached = await worker().catch((error: unknown) => messageOf(error));
  if (typeof reached === 'string')
    return err(
      failure(
        'dead-worker',
        `The worker could not be loaded: ${reached}`,
        'Check the connection, or reload the page.',
      ),
    );
  try {
    return await call(reached);
  } catch (error) {
    return error instanceof Error && error.name === 'DeadWorkerError'
      ? err(failure('dead-worker', error.message, again))
      : err(
          failure(
            'internal',
            `Something went wrong: ${messageOf(error)}`,
            'Try again; if it happens again, please report it with this message.',
          ),
        );
  }
}

let opening: Promise<void> | null = null;

/** Opens the device, or says in `gpu` why there is none. Who asks while it opens waits for the same answer. */
export function openGpu(): Promise<void> {
  if (state.value.kind === 'open') return Promise.resolve();
  opening ??= open().finally(() => {
    opening = null;
  });
  return opening;
}

async function open(): Promise<void> {
  state.value = { kind: 'opening' };
  const opened = await ask(({ api }) => api.open('auto'));
  if (opened.ok) state.value = { kind: 'open', device: opened.value };
  else if (opened.error.code === 'dead-worker') state.value = { kind: 'dead', why: opened.error.message };
  else state.value = { kind: 'failed', failure: { ...opened.error, code: opened.error.code } };
}

/** A hidden page is throttled: what is measured then is marked. Returns how to stop watching. */
export function watchHidden(): () => void {
  const hidden = (): void => {
    if (document.hidden)
      void client
        ?.then(({ api }) => api.markInvalid('the page was hidden while it ran'))
        .catch(() => undefined); // a dead worker measures nothing
  };
  document.addEventListener('visibilitychange', hidden);
  return () => document.removeEventListener('visibilitychange', hidden);
}

/** Runs a benchmark in the worker; events arrive in order while it runs. */
export async function bench(
  request: BenchRequest,
  onEvent: (event: BenchEvent) => void,
): Promise<Result<ResultFile, Failure>> {
  const unwatch = watchHidden();
  try {
    return await ask(
      (reached) => reached.bench(request, onEvent),
      'What was measured is kept; run again to start a new worker.',
    );
  } finally {
    unwatch();
  }
}

/** Stops what runs after its current submit. */
export function cancel(): void {
  void client?.then(({ api }) => api.cancel()).catch(() => undefined); // a dead worker has ended it already
}
