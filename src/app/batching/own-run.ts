// "Run it on your GPU": the reader's own runs, the fitted virtual clock, and the reason when there is no GPU.

import { batch, signal } from '@preact/signals';
import { get, set } from 'idb-keyval';
import { explain, type Failure } from '../../core/result.ts';
import { type CostModel, describeCost } from '../../engine/cost-model.ts';
import { gpu, openGpu } from '../gpu.ts';
import { announce } from '../ui/index.ts';
import { stopReplay } from './cursor.ts';
import { fitClock, type OwnRuns, type Progress, serveOnGpu } from './gpu-run.ts';
import { ownKey, ownRuns } from './shown.ts';
import { batching } from './view.ts';
import { cost, ownCosts, wanted } from './wanted.ts';

export const ownProgress = signal<Progress | null>(null);
/** Why the last attempt on the GPU gave no runs. */
export const ownFailure = signal<Failure | null>(null);

const REPEATS = 5;
/** What the lesson takes on SwiftShader and on a GPU, compiling included; a larger workload tells while it runs. */
export const ABOUT_SECONDS = 10;

/** Why a run on the GPU is not offered; null when it is. Asks for no adapter. */
export function gpuMissing(): string | null {
  if (!isSecureContext) return 'this address is not secure, so the browser gives it no GPU';
  if (!('gpu' in navigator)) return 'this browser offers no WebGPU';
  const state = gpu.value;
  if (state.kind === 'failed') return state.failure.message.replace(/\.$/, '');
  return null;
}

/** `fitted on …`, or what else the coefficients rest on. */
export function clockName(): string {
  const model = cost.value;
  return model.provenance.kind === 'fitted' ? `a fit to ${model.provenance.device}` : describeCost(model);
}

/** Opens the device when it is not; false, with the page's notice shown, when there is none. */
async function opened(): Promise<boolean> {
  ownFailure.value = null;
  if (gpuMissing() !== null) return false;
  await openGpu();
  return gpu.value.kind === 'open';
}

const starting: Progress = { done: 0, total: 1, what: 'loading the model', secondsLeft: null };
const follow = (progress: Progress): void => {
  ownProgress.value = progress;
};

function failed(why: Failure): void {
  ownFailure.value = why;
  announce(explain(why));
}

export async function runOwn(): Promise<void> {
  if (ownProgress.value) return;
  const want = wanted.value;
  if (!want.ok) return;
  ownProgress.value = { ...starting, what: 'asking for the GPU' };
  if (!(await opened())) {
    ownProgress.value = null;
    return runVirtual();
  }
  const key = ownKey.value;
  // what is shown at the end is what was asked for, wherever the reader has gone since
  const { tracks, work, pages, page, ahead, live } = batching.view.value;
  follow(starting);
  stopReplay();
  const measured = await serveOnGpu(want.value, REPEATS, live === 'on', follow);
  ownProgress.value = null;
  if (measured.ok) keep(key, measured.value, { tracks, work, pages, page, ahead });
  else failed(measured.error);
}

function keep(key: string, measured: OwnRuns, asked: Parameters<typeof batching.go>[0]): void {
  batch(() => {
    ownRuns.value = new Map(ownRuns.value).set(key, measured);
    batching.go({ ...asked, from: 'yours', at: '', zoom: [], result: '' });
  });
  announce('Your own run is shown.');
}

export function runVirtual(): void {
  batching.go({ from: 'virtual', at: '', zoom: [], result: '' });
  announce(`Computed on the virtual clock, ${clockName()}.`);
}

const storageKey = 'lockstep.clocks';

/** Coefficients fitted in earlier visits. */
export async function loadClocks(): Promise<void> {
  try {
    ownCosts.value = (await get<CostModel[]>(storageKey)) ?? [];
  } catch {
    // storage is blocked: a fit lasts for this visit
  }
}

/** Fits the virtual clock to this device, keeps the fit with the device's name, and shows the run on it. */
export async function fitHere(): Promise<void> {
  const want = wanted.value;
  if (ownProgress.value || !want.ok || !(await opened())) return;
  follow({ ...starting, what: 'fitting the virtual clock' });
  const fitted = await fitClock(want.value.limits, follow);
  ownProgress.value = null;
  if (!fitted.ok) return failed(fitted.error);
  ownCosts.value = [fitted.value, ...ownCosts.value.filter((model) => model.id !== fitted.value.id)];
  await set(storageKey, ownCosts.value).catch(() => undefined);
  batching.go({ from: 'virtual', cost: fitted.value.id, at: '', zoom: [], result: '' });
}
