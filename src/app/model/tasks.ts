// What is asked of the last step beside generating: its time by op, a probe of the device, a look inside. One at a time, and each
// can be cancelled; what was finished by then is kept.

import { batch, signal } from '@preact/signals';
import { err, type Failure, failure, type Result } from '../../core/result.ts';
import { describeProbe } from '../../model/probe-report.ts';
import type { GpuClient } from '../../worker/client.ts';
import { ask, cancel } from '../gpu.ts';
import { announce } from '../ui/index.ts';
import { busy, generation, likely, phase, probed, split } from './state.ts';

export type Task = 'split' | 'probe' | 'look';

const names: Readonly<Record<Task, string>> = {
  split: 'The split',
  probe: 'The probe',
  look: 'The look inside',
};

export interface Underway {
  readonly task: Task;
  readonly done: number;
  readonly total: number;
  readonly what: string;
  /** When it began, by performance.now. */
  readonly since: number;
}

/** What the worker does now, if it is one of these. */
export const underway = signal<Underway | null>(null);
/** Why the last one left nothing: refused, or cancelled before anything was finished. */
export const fruitless = signal<{ readonly task: Task; readonly failure: Failure } | null>(null);

let turn: Promise<unknown> = Promise.resolve();
/** Calls one after another: the worker does one thing at a time and refuses a second. */
function inTurn<T>(call: () => Promise<T>): Promise<T> {
  const next = turn.then(call);
  turn = next.catch(() => undefined);
  return next;
}
/** Resolves when no look into the last step is going on. */
export const quiet = async (): Promise<void> => void (await turn);

let cancelled = false;
/** Runs a task of the worker's; null when it left nothing, which `fruitless` then explains, or when something else runs. */
export async function runTask<T>(
  task: Task,
  what: string,
  call: (client: GpuClient) => Promise<Result<T, Failure>>,
): Promise<T | null> {
  if (busy.value || underway.value) return null;
  cancelled = false;
  batch(() => {
    underway.value = { task, done: 0, total: 0, what, since: performance.now() };
    fruitless.value = null;
  });
  const answer = await ask<T, Failure>(
    (client) =>
      inTurn(async () =>
        cancelled
          ? err(failure('cancelled', `${names[task]} was cancelled.`, 'Nothing was done.'))
          : call(client),
      ),
    'Load the model again: a new worker is started.',
  );
  batch(() => {
    underway.value = null;
    if (!answer.ok) fruitless.value = { task, failure: answer.error };
  });
  if (!answer.ok) announce(answer.error.message);
  return answer.ok ? answer.value : null;
}

/** Cancels what is under way. */
export function cancelTask(): void {
  if (!underway.value) return;
  cancelled = true;
  underway.value = { ...underway.value, what: 'cancelling …' };
  cancel();
}

/** What an answer's last row of logits says. */
export async function showLikely(answer: number): Promise<void> {
  const seen = await ask(({ api }) => inTurn(() => api.candidates(answer)));
  likely.value = seen.ok ? seen.value : null;
}

/** Times the last step op by op. */
export async function splitStep(): Promise<void> {
  const found = await runTask('split', 'finding how often each op must run', (client) =>
    client.split('last step', ({ done, total, what }) => {
      if (underway.value && !cancelled) underway.value = { ...underway.value, done, total, what };
    }),
  );
  if (found) split.value = found;
}

/** Probes on this device whether a token's logits depend on the batch. The text ends: its pages are written over. */
export async function probeDevice(): Promise<void> {
  const report = await runTask('probe', 'running one prompt in several ways', ({ api }) => {
    batch(() => {
      likely.value = null;
      split.value = null;
      probed.value = null;
      generation.value = null;
      phase.value = { kind: 'ready' };
    });
    return api.probe();
  });
  if (!report) return;
  probed.value = report;
  announce(describeProbe(report));
}
