// "Run it on your GPU": the reader's own runs, or the virtual clock with the reason why not the GPU.

import { signal } from '@preact/signals';
import { explain, type Failure } from '../../core/result.ts';
import { describeCost } from '../../engine/cost-model.ts';
import { gpu, openGpu } from '../gpu.ts';
import { announce } from '../ui/index.ts';
import { type ServeOnGpu, serveOnGpu } from './gpu-run.ts';
import { ownKey, ownRuns } from './shown.ts';
import { serveRequests } from './spec.ts';
import { batching } from './view.ts';
import { cost, wanted } from './wanted.ts';

export interface OwnProgress {
  readonly done: number;
  readonly total: number;
  readonly what: string;
  readonly secondsLeft: number | null;
  readonly cancel: () => void;
}

export const ownProgress = signal<OwnProgress | null>(null);
/** Why the last attempt on the GPU gave no runs. */
export const ownFailure = signal<Failure | null>(null);

const REPEATS = 5;
/** What a comparison is scaled to (the executor knows the device's speed, the page does not). */
export const ABOUT_SECONDS = 6;

/** Why a run on the GPU is not offered; null when it is. Asks for no adapter. */
export function gpuMissing(): string | null {
  if (!isSecureContext) return 'this address is not secure, so the browser gives it no GPU';
  if (!('gpu' in navigator)) return 'this browser offers no WebGPU';
  if (serveOnGpu === null) return 'this build serves requests on the virtual clock only';
  const state = gpu.value;
  if (state.kind === 'failed') return state.failure.message.replace(/\.$/, '');
  return null;
}

/** `the virtual clock fitted on …`, or what its coefficients are. */
export const clockName = (): string => {
  const model = cost.value;
  return model.provenance.kind === 'fitted' ? `fitted on ${model.provenance.device}` : describeCost(model);
};

export async function runOwn(): Promise<void> {
  if (ownProgress.value) return;
  if (gpuMissing() !== null || serveOnGpu === null) return runVirtual();
  ownFailure.value = null;
  const want = wanted.value;
  if (!want.ok) return;
  await openGpu();
  if (gpu.value.kind !== 'open') return runVirtual();
  await measure(serveOnGpu, serveRequests(want.value, cost.value.id));
}

async function measure(serve: ServeOnGpu, requests: ReturnType<typeof serveRequests>): Promise<void> {
  const abort = new AbortController();
  const cancel = (): void => abort.abort();
  ownProgress.value = {
    done: 0,
    total: requests.length * REPEATS,
    what: 'starting',
    secondsLeft: null,
    cancel,
  };
  const key = ownKey.value;
  const served = await serve(requests, {
    repeats: REPEATS,
    signal: abort.signal,
    onProgress: (done, total, what, secondsLeft) => {
      ownProgress.value = { done, total, what, secondsLeft, cancel };
    },
  });
  ownProgress.value = null;
  if (!served.ok) {
    ownFailure.value = served.error;
    announce(explain(served.error));
    return;
  }
  ownRuns.value = new Map(ownRuns.value).set(key, served.value);
  batching.go({ from: 'yours', at: '', zoom: [], result: '' });
  announce('Your own run is shown.');
}

export function runVirtual(): void {
  batching.go({ from: 'virtual', at: '', zoom: [], result: '' });
  announce(`Computed on the virtual clock, ${clockName()}.`);
}
