// Looking into one dispatch of the last step: its real buffers, as matrices by the op's contract, and the way to Step.

import { computed, signal } from '@preact/signals';
import type { Failure } from '../../core/result.ts';
import { prepare } from '../../kernels/prepare.ts';
import { matrixOf, type TensorStats, tensorStats } from '../../views/model/tensor.ts';
import type { Matrix } from '../../views/step/matrix.ts';
import type { Capture, DispatchName } from '../../worker/generate/protocol.ts';
import { catalog, loadCatalog } from '../bench/catalog.ts';
import { ask } from '../gpu.ts';
import { stepObstacle as obstacleOf, openInStep as openCapture } from '../step-door.ts';
import { inTurn, loaded } from './session.ts';
import { model } from './view.ts';

/** One buffer of the captured dispatch. */
export interface Tensor {
  readonly name: string;
  readonly about: string;
  readonly role: 'in' | 'out' | 'scratch';
  readonly matrix: Matrix;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

export const capture = signal<Capture | null>(null);
export const looking = signal(false);
export const lookFailure = signal<Failure | null>(null);

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
  if (looking.value) return;
  looking.value = true;
  lookFailure.value = null;
  const { layer, role } = place.value;
  const answer = await inTurn(() =>
    ask(async ({ api }) => {
      await loadCatalog();
      return api.capture({ layer, role });
    }, 'Load the model again.'),
  );
  looking.value = false;
  capture.value = answer.ok ? answer.value : null;
  if (!answer.ok) lookFailure.value = answer.error;
}

/** The captured buffers that the op's contract names. */
export const tensors = computed((): readonly Tensor[] => {
  const now = capture.value;
  const entry = now && catalog.value?.get(now.name.op);
  const version = entry?.versions.find((v) => v.id === now?.name.version);
  if (!now || !entry || !version) return [];
  const prepared = prepare(entry.op, version, now.dims, 'f32');
  if (!prepared.ok) return [];
  return prepared.value.buffers.flatMap(({ name, layout }): Tensor[] => {
    const bytes = now.buffers[name];
    if (!bytes) return [];
    const tensor = entry.op.tensors[name];
    return [
      {
        name,
        about: tensor?.about ?? 'partial results between the passes',
        role: tensor?.role === 'in' || tensor?.role === 'out' ? tensor.role : 'scratch',
        matrix: matrixOf(layout, bytes.after.byteLength),
        before: new Uint8Array(bytes.before),
        after: new Uint8Array(bytes.after),
      },
    ];
  });
});

/** The tensor in view: the one of the address, else the first output. */
export const tensor = computed(
  (): Tensor | null =>
    tensors.value.find((t) => t.name === model.view.value.tensor) ??
    tensors.value.find((t) => t.role === 'out') ??
    tensors.value[0] ??
    null,
);

export const shownBytes = computed((): Uint8Array => {
  const now = tensor.value;
  if (!now) return new Uint8Array();
  return model.view.value.when === 'before' ? now.before : now.after;
});

export const stats = computed((): TensorStats | null => {
  const now = tensor.value;
  return now && now.matrix.rows > 0 ? tensorStats(now.matrix, shownBytes.value) : null;
});

/** Why the dispatch cannot be opened in Step; empty when it can. */
export const stepObstacle = computed((): string =>
  capture.value ? obstacleOf(capture.value) : 'Look into a dispatch first.',
);

/** Opens the captured dispatch in the Step page, with the very bytes that it read. */
export async function openInStep(): Promise<void> {
  if (capture.value && !stepObstacle.value) await openCapture(capture.value);
}
