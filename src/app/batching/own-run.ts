// "Run it on your GPU": the reader's own runs, the fitted virtual clock, and the reason when there is no GPU.

import { batch, computed, signal } from '@preact/signals';
import { get, set } from 'idb-keyval';
import { explain, type Failure, failure } from '../../core/result.ts';
import { describeCost, storedText } from '../../engine/cost-model.ts';
import type { Calibration, ServedRun } from '../../worker/serving/protocol.ts';
import { device, gpu, openGpu } from '../gpu.ts';
import { announce } from '../ui/index.ts';
import { stopReplay } from './cursor.ts';
import { fitOn, withFit } from './fits.ts';
import { fitClock, type OwnRuns, type Progress, serveOnGpu } from './gpu-run.ts';
import { Keeper } from './kept.ts';
import { ownRuns } from './shown.ts';
import { isLengths } from './spec.ts';
import { batching } from './view.ts';
import { comparisonKey, cost, ownFits, servedOn, wanted, workText } from './wanted.ts';

export const ownProgress = signal<Progress | null>(null);
/** Why the last attempt on the GPU gave no runs. */
export const ownFailure = signal<Failure | null>(null);

/** How long a comparison of generated requests takes: as many of them are served as fit. */
export const ABOUT_SECONDS = 10;

/** Why a run on the GPU is not offered; null when it is. Asks for no adapter. */
export function gpuMissing(): string | null {
  if (!isSecureContext) return 'this address is not secure, so the browser gives it no GPU';
  if (!('gpu' in navigator)) return 'this browser offers no WebGPU';
  const state = gpu.value;
  if (state.kind === 'failed') return state.failure.message.replace(/\.$/, '');
  return null;
}

/** Of which model, device and day the coefficients are, or what else they rest on. */
export function clockName(): string {
  const { provenance } = cost.value;
  if (provenance.kind !== 'fitted') return describeCost(cost.value);
  const { stored, device: name, date } = provenance;
  return `a fit${stored ? ` of ${storedText(stored)}` : ''} to ${name}, ${date}`;
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

/** Whether the requests are generated, so that fewer of them are the same workload; listed ones are all served. */
export const sizes = computed(() => !isLengths(workText.value));

/** One at a time. However it ends, the page is ready for the next one: what nobody expected is told. */
async function alone(work: () => Promise<void>): Promise<void> {
  if (ownProgress.value) return;
  follow({ ...starting, what: 'asking for the GPU' });
  try {
    await work();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const message = `The run on your GPU could not go on: ${why}${/[.!?]$/.test(why) ? '' : '.'}`;
    failed(failure('stopped', message, 'Run again; if it repeats, the virtual clock needs no GPU.'));
  } finally {
    ownProgress.value = null;
  }
}

export const runOwn = (): Promise<void> => alone(serveHere);

async function serveHere(): Promise<void> {
  if (!wanted.value.ok) return;
  if (!(await opened())) return runVirtual();
  // a rate that is a share of the capacity means this device's
  if (wanted.value.value.capacity !== undefined && !turnToFit() && !(await refit())) return;
  const want = wanted.value;
  if (!want.ok) return;
  const key = comparisonKey.value;
  // what is shown at the end is what was asked for, wherever the reader has gone since
  const { lesson, tracks, work, pages, page, ahead, live, size } = batching.view.value;
  const view = { lesson, tracks, work, pages, page, ahead };
  const seconds = sizes.value && size === 'short' ? ABOUT_SECONDS : null;
  follow(starting);
  stopReplay();
  const keeper = new Keeper({
    key,
    view,
    tracks: want.value.tracks.map((track) => track.key),
    requests: want.value.requests.length,
  });
  const onRun = ({ contender, file }: ServedRun): void => keeper.run(contender, file);
  let measured: OwnRuns | null = null;
  try {
    const onLive = keeper.live.bind(keeper);
    const answer = await serveOnGpu(want.value, { seconds, draw: live === 'on', onRun, onLive }, follow);
    if (answer.ok) measured = answer.value;
    else failed(answer.error);
  } finally {
    void keeper.end(measured);
  }
  if (measured) keep(key, measured, view);
}

function keep(key: string, measured: OwnRuns, asked: Parameters<typeof batching.go>[0]): void {
  batch(() => {
    ownRuns.value = new Map(ownRuns.value).set(key, measured);
    batching.go({ ...asked, from: 'yours', at: '', zoom: [], result: '' });
  });
  announce('Your own run is done: the Batching page shows it.');
}

export function runVirtual(): void {
  batching.go({ from: 'virtual', at: '', zoom: [], result: '' });
  announce(`Computed on the virtual clock, ${clockName()}.`);
}

const storageKey = 'lockstep.fits';

/** Fits of earlier visits. */
export async function loadClocks(): Promise<void> {
  try {
    ownFits.value = (await get<Calibration[]>(storageKey)) ?? [];
  } catch {
    // storage is blocked: a fit lasts for this visit
  }
}

/** Turns to the fit of what serves on the open device; one that ships is another machine's. False without one. */
function turnToFit(): boolean {
  if (!device.value || !fitOn(ownFits.value, servedOn(device.value), device.value)) return false;
  batching.adjust({ cost: '' });
  return true;
}

/** Fits the virtual clock to the open device and keeps the fit; false, with the reason shown, without one. */
async function refit(): Promise<boolean> {
  const want = wanted.value;
  if (!want.ok) return false;
  follow({ ...starting, what: 'fitting the virtual clock' });
  const fitted = await fitClock(want.value, follow);
  if (!fitted.ok) {
    failed(fitted.error);
    return false;
  }
  batch(() => {
    ownFits.value = withFit(ownFits.value, fitted.value);
    batching.adjust({ cost: '' }); // the fit of what serves here is what is used unless another is chosen
  });
  await set(storageKey, ownFits.value).catch(() => undefined);
  return true;
}

/** Fits the virtual clock to this device and shows the run on it. */
export const fitHere = (): Promise<void> =>
  alone(async () => {
    if ((await opened()) && (await refit())) batching.go({ from: 'virtual', at: '', zoom: [], result: '' });
  });
