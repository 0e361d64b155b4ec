// The page's side of the GPU worker: one worker, created when first asked for (never before the first
// paint), its state as a signal, its notices, and calls that survive its death.

import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { Failure, Result } from '../core/result.ts';
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
  void made.dead.then((error) => {
    client = null; // the next call makes a new one
    state.value = { kind: 'dead', why: error.message };
  });
  return made;
}

/** The worker, made when first asked for. */
export function worker(): Promise<GpuClient> {
  client ??= connect();
  return client;
}

/** A worker that could not even be loaded (offline before the first visit ended, a blocked script). */
function neverStarted(error: unknown): void {
  client = null;
  if (state.value.kind !== 'dead')
    state.value = { kind: 'dead', why: error instanceof Error ? error.message : String(error) };
}

/** Opens the device, or says in `gpu` why there is none. Asking again while it opens or is open does nothing. */
export async function openGpu(): Promise<void> {
  if (state.value.kind === 'opening' || state.value.kind === 'open') return;
  state.value = { kind: 'opening' };
  try {
    const { api } = await worker();
    const opened: Result<DeviceReport, WorkerFailure> = await api.open('auto');
    state.value = opened.ok
      ? { kind: 'open', device: opened.value }
      : { kind: 'failed', failure: opened.error };
  } catch (error) {
    neverStarted(error);
  }
}

/** Runs a benchmark in the worker; events arrive in order while it runs. A dead worker is a failure, not a hang. */
export async function bench(
  request: BenchRequest,
  onEvent: (event: BenchEvent) => void,
): Promise<Result<ResultFile, Failure>> {
  const hidden = (): void => {
    if (document.hidden) void client?.then(({ api }) => api.markInvalid('the page was hidden while it ran'));
  };
  document.addEventListener('visibilitychange', hidden);
  try {
    return await (await worker()).bench(request, onEvent);
  } catch (error) {
    neverStarted(error);
    return {
      ok: false,
      error: {
        code: 'dead-worker',
        message: 'The measuring worker stopped.',
        hint: 'What was measured is kept; run again to start a new worker.',
      },
    };
  } finally {
    document.removeEventListener('visibilitychange', hidden);
  }
}

/** Stops what runs after its current submit. */
export async function cancel(): Promise<void> {
  const { api } = await worker();
  await api.cancel();
}
