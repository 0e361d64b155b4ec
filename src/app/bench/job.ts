// One benchmark of a tab: what it has, how far it is, why it ended. The worker runs one at a time, so every tab knows which.

import { batch, computed, type ReadonlySignal, signal } from '@preact/signals';
import type { Failure, Result } from '../../core/result.ts';
import type { GpuClient } from '../../worker/client.ts';
import type { BenchProgress } from '../../worker/protocol.ts';
import { ask, cancel } from '../gpu.ts';
import { announce } from '../ui/index.ts';
import { live } from './running.ts';
import type { TabId } from './view.ts';

const started = signal<Exclude<TabId, 'kernels'> | null>(null);
/** The tab whose benchmark goes on, in view or not; null when none does. */
export const runningTab = computed((): TabId | null => (live.value ? 'kernels' : started.value));

/** A running or finished job whose finished form is `F`. */
export interface Job<F> {
  readonly tab: TabId;
  readonly progress: ReadonlySignal<BenchProgress | null>;
  readonly file: ReadonlySignal<F | null>;
  readonly problem: ReadonlySignal<Failure | null>;
  readonly running: ReadonlySignal<boolean>;
  start(
    call: (client: GpuClient, tell: (progress: BenchProgress) => void) => Promise<Result<F, Failure>>,
  ): Promise<void>;
  /** Ends it after the current submit; what is done is kept. */
  stop(): void;
}

export function makeJob<F>(tab: Exclude<TabId, 'kernels'>): Job<F> {
  const progress = signal<BenchProgress | null>(null);
  const file = signal<F | null>(null);
  const problem = signal<Failure | null>(null);
  const running = signal(false);
  return {
    tab,
    progress,
    file,
    problem,
    running,
    async start(call) {
      if (runningTab.value) return;
      running.value = true;
      started.value = tab;
      problem.value = null;
      let told = 0;
      const tell = (now: BenchProgress): void => {
        // drawing must not take the time of what is measured
        if (performance.now() - told < 200) return;
        told = performance.now();
        progress.value = now;
      };
      const answer = await ask((client) => call(client, tell), 'Run again to start a new worker.');
      batch(() => {
        if (answer.ok) file.value = answer.value;
        else problem.value = answer.error;
        running.value = false;
        started.value = null;
        progress.value = null;
      });
      announce(answer.ok ? 'Measured.' : answer.error.message);
    },
    stop() {
      if (running.value) cancel();
    },
  };
}
