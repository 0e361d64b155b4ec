// Inside a step: which run and step the cursor is on, what that step dispatches, and one of its dispatches with its real
// buffers. The step is computed again on the reader's GPU from the run's own tokens; a simulated step has nothing to compute.

import { computed, signal } from '@preact/signals';
import { type Failure, failure } from '../../core/result.ts';
import type { RunHeader } from '../../engine/run-file.ts';
import { deviceLine } from '../../measure/schema.ts';
import { builtIns } from '../../model/built-in.ts';
import { kvFormats, weightFormats } from '../../model/formats.ts';
import { numericsModes } from '../../model/numerics.ts';
import { presets } from '../../model/presets.ts';
import { endOf, startOf, stepAt } from '../../views/batching/axis.ts';
import type { DispatchName } from '../../worker/generate/protocol.ts';
import type { Inspection, ServedModel } from '../../worker/serving/protocol.ts';
import { ask as askWorker, device, openGpu } from '../gpu.ts';
import { openInStep, stepObstacle } from '../step-door.ts';
import { announce } from '../ui/index.ts';
import { cursor, lanes, mode, pin } from './cursor.ts';
import type { ShownLane } from './lanes.ts';
import { runFileOf } from './runs.ts';
import type { Served } from './serve.ts';
import { shown } from './shown.ts';
import { batching } from './view.ts';

/** The run that the reader looks into, and its step (counted from 0). */
export interface Inside {
  readonly index: number;
  readonly lane: ShownLane;
  readonly step: number;
  readonly run: Served;
}

/** What the cursor is on in the chosen track; null before its first step, past its last, and while a run goes on. */
export const inside = computed((): Inside | null => {
  const now = shown.value;
  const place = cursor.value;
  if (!now || now.running || place === null) return null;
  const index = Math.min(batching.view.value.lane, lanes.value.length - 1);
  const lane = lanes.value[index];
  const run = lane?.runs.find(({ track }) => track === lane.track)?.served;
  const step = lane && stepAt(lane.track, mode.value, place);
  return lane && run && step !== undefined ? { index, lane, step, run } : null;
});

/** The model of a run's header, when its weights can be made here again. */
export function modelOf({ clock, numerics, seeds }: RunHeader): ServedModel | null {
  const name = numerics['model'];
  const trained = builtIns.get(name ?? '');
  const config = Object.entries(presets).find(([id]) => id === name)?.[1];
  const weights = weightFormats.find((format) => format === numerics['weights']);
  const kv = kvFormats.find((format) => format === numerics['kv']);
  const seed = seeds['weights'];
  if (clock !== 'wall' || !weights || !kv) return null;
  // canonical is the default, and the model that serves is not loaded again for saying so
  const mode = numericsModes.find((known) => known === numerics['asked'] && known !== 'canonical');
  const options = { weights, kv, kernels: 'auto', ...(mode && { numerics: mode }) } as const;
  if (trained) return { config: trained.config, options, builtIn: trained.name };
  if (!config || seed === undefined) return null;
  return { config, options, seed };
}

/** Tells one step of one run from all others. */
export const keyOf = ({ lane, step, run }: Inside): string =>
  `${lane.key} ${run.header.date ?? run.header.device} ${step}`;

export const inspected = signal<{ readonly key: string; readonly inspection: Inspection } | null>(null);
export const inspecting = signal(false);
export const insideFailure = signal<Failure | null>(null);

async function ask(at: Inside, dispatch?: Pick<DispatchName, 'layer' | 'role'>): Promise<Inspection | null> {
  const model = modelOf(at.run.header);
  if (inspecting.value || !model) return null;
  inspecting.value = true;
  insideFailure.value = null;
  await openGpu();
  const answer = await askWorker(({ api }) =>
    api.inspectStep({
      model,
      file: runFileOf(at.run),
      step: at.step,
      ...(dispatch ? { dispatch: { layer: dispatch.layer, role: dispatch.role } } : {}),
    }),
  );
  inspecting.value = false;
  if (answer.ok) return answer.value;
  insideFailure.value = answer.error;
  return null;
}

/** Computes the step again, for the list of its dispatches. */
export async function lookInside(): Promise<void> {
  const at = inside.peek();
  const inspection = at && (await ask(at));
  if (!at || !inspection) return;
  inspected.value = { key: keyOf(at), inspection };
  announce(`Step ${at.step + 1} of ${at.lane.track.title} runs ${inspection.dispatches.length} dispatches.`);
}

/** Computes the step again and, to who still waits for it here, opens one of its dispatches in Step, with its real buffers. */
export async function openDispatch(dispatch: DispatchName): Promise<void> {
  const at = inside.peek();
  const capture = at && (await ask(at, dispatch))?.capture;
  if (!capture) return;
  const obstacle = stepObstacle(capture);
  if (obstacle) insideFailure.value = failure('too-large', obstacle, 'Choose a run with a smaller pool.');
  else await openInStep(capture, 'batching');
}

/** Opens the panel on the step at the cursor. */
export function goInside(): void {
  if (!inside.peek()) return;
  pin(cursor.peek());
  batching.go({ door: 'step' });
}

/** Puts the cursor into the middle of a step of one of the tracks. */
export function pinStep(index: number, step: number): void {
  const track = shown.peek()?.lanes[index]?.track;
  if (!track || track.steps === 0) return;
  const s = Math.min(step, track.steps - 1);
  pin((startOf(track, mode.peek(), s) + endOf(track, mode.peek(), s)) / 2);
}

/** Whether the device that is open is the one that a run was measured on; null while none is open. */
export const measuredHere = (header: RunHeader): boolean | null =>
  device.value && header.device === deviceLine(device.value);
