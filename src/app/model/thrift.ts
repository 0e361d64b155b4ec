// A way of storing the chosen model that fits, where the one chosen does not.

import { effect, signal } from '@preact/signals';
import type { GenerateModel } from '../../worker/generate/protocol.ts';
import { worker } from '../gpu.ts';
import { estimated, misfit, wanted } from './choice.ts';
import { type model, windows } from './view.ts';

export interface Thrift {
  readonly weights: (typeof model.view.value)['weights'];
  readonly kv: (typeof model.view.value)['kv'];
  readonly window: (typeof model.view.value)['window'];
  /** Bytes that it takes. */
  readonly total: number;
}

/** What fits, once found; null when nothing is amiss or nothing fits. */
export const thrift = signal<Thrift | null>(null);

/** From what changes the text least to what takes the least memory: the context is kept as long as it can be. */
function* ways(chosen: GenerateModel, window: string): Generator<Omit<Thrift, 'total'>> {
  const { weights, kv } = chosen.options;
  const shorter = [...windows]
    .sort((a, b) => Number(b) - Number(a))
    .filter((w) => Number(w) <= Number(window));
  for (const length of shorter)
    for (const pages of [...new Set([kv, kv === 'f32' ? 'f16' : kv, 'i8'] as const)])
      for (const stored of [...new Set([weights, weights === 'f32' ? 'f16' : weights, 'i8-row'] as const)])
        yield { weights: stored, kv: pages, window: length };
}

async function find(chosen: GenerateModel, current: () => boolean): Promise<void> {
  const { api } = await worker();
  for (const way of ways(chosen, String(chosen.window))) {
    const { weights, kv, window } = way;
    const answer = await api.estimate({
      ...chosen,
      options: { ...chosen.options, weights, kv },
      window: Number(window),
    });
    if (!current() || !answer.ok) return;
    const { memory, budget } = answer.value;
    if (memory.total > budget) continue;
    thrift.value = { ...way, total: memory.total };
    return;
  }
}

/** Keeps `thrift` up to date while the page is shown. */
export function followMisfit(): () => void {
  let round = 0;
  return effect(() => {
    const mine = ++round;
    const chosen = wanted.value;
    thrift.value = null;
    if (estimated.value.kind === 'known' && misfit.value)
      void find(chosen, () => mine === round).catch(() => undefined); // a dead worker is told by the notices
  });
}
