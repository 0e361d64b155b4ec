// Looking into one dispatch of the last step: its real buffers as the values they stand for, by the op's contract, and the way to
// Step.

import { computed, signal } from '@preact/signals';
import { type Tensor, tensorsOf } from '../../views/model/captured.ts';
import { type TensorCells, type TensorStats, tensorStats } from '../../views/model/tensor.ts';
import type { Capture, DispatchName } from '../../worker/generate/protocol.ts';
import { catalog, loadCatalog } from '../bench/catalog.ts';
import { stepObstacle as obstacleOf, openInStep as openCapture } from '../step-door.ts';
import { generation, type Loaded, loaded } from './state.ts';
import { runTask } from './tasks.ts';
import { model } from './view.ts';

interface Taken {
  readonly capture: Capture;
  readonly of: Loaded;
  /** The step that it is of, counted from 1. */
  readonly step: number;
}
const taken = signal<Taken | null>(null);
const now = computed(() => (taken.value && taken.value.of === loaded.value ? taken.value : null));

/** The dispatch that was last looked into, of the model that is loaded. */
export const capture = computed(() => now.value?.capture ?? null);
/** The number of the step it is of, where others have run since; else null. */
export const behind = computed((): number | null => {
  const steps = generation.value?.steps.length ?? 0;
  return now.value && now.value.step !== steps ? now.value.step : null;
});

/** Layers of the loaded program, in order. */
export const layers = computed((): readonly DispatchName['layer'][] => [
  ...new Set((loaded.value?.program ?? []).map((d) => d.layer)),
]);

export interface Place {
  readonly layer: DispatchName['layer'];
  readonly role: string;
}

/** What the address asks for; the attention of the first layer when it says nothing that exists. */
export const place = computed((): Place => {
  const [layerText = '', role = ''] = model.view.value.look.split(' ');
  const program = loaded.value?.program ?? [];
  const found = program.find((d) => String(d.layer) === layerText && d.role === role);
  return found ?? program.find((d) => d.role === 'attention') ?? { layer: 0, role: 'attention' };
});

export const rolesOf = (layer: DispatchName['layer']): readonly DispatchName[] =>
  (loaded.value?.program ?? []).filter((d) => d.layer === layer);

/** Computes the last step once more and brings back the chosen dispatch. */
export async function look(): Promise<void> {
  const [of, steps] = [loaded.value, generation.value?.steps.length ?? 0];
  if (!of || steps === 0) return;
  const { layer, role } = place.value;
  const found = await runTask('look', `reading ${role} of ${String(layer)}`, async ({ api }) => {
    await loadCatalog();
    return api.capture({ layer, role });
  });
  if (found) taken.value = { capture: found, of, step: steps };
}

/** Its buffers as the values that they stand for. */
export const tensors = computed((): readonly Tensor[] => {
  const seen = capture.value;
  const entry = seen && catalog.value?.get(seen.name.op);
  const version = entry?.versions.find((v) => v.id === seen?.name.version);
  return seen && entry && version ? tensorsOf(seen, entry.op, version) : [];
});

/** The tensor in view: the one of the address, else the first output. */
export const tensor = computed(
  (): Tensor | null =>
    tensors.value.find((t) => t.name === model.view.value.tensor) ??
    tensors.value.find((t) => t.role === 'out') ??
    tensors.value[0] ??
    null,
);

/** Its values before or after the dispatch. What it only reads is the same in both. */
export const cells = computed((): TensorCells | null => {
  const t = tensor.value;
  if (!t) return null;
  return t.role !== 'in' && model.view.value.when === 'before' ? t.before : t.after;
});

export const stats = computed((): TensorStats | null =>
  cells.value && cells.value.length > 0 ? tensorStats(cells.value) : null,
);

/** Why the dispatch cannot be opened in Step; empty when it can. */
export const stepObstacle = computed((): string =>
  capture.value ? obstacleOf(capture.value) : 'Look into a dispatch first.',
);

/** Opens the captured dispatch in the Step page, with the very bytes that it read. */
export async function openInStep(): Promise<void> {
  if (capture.value && !stepObstacle.value) await openCapture(capture.value, 'model');
}
