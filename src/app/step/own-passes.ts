// Runs kernels of several passes for what they count: any launch, and the one in view.

import { effect, signal } from '@preact/signals';
import { ok, type Result } from '../../core/result.ts';
import type { StepFailure, StepLaunch } from '../../worker/step-protocol.ts';
import type { Pass } from './passes.ts';
import { type Session, session, stepper, whole } from './session.ts';

/** Runs every pass of a launch with every check. */
export async function measurePasses(launch: StepLaunch): Promise<Result<readonly Pass[], StepFailure>> {
  const answer = await stepper().measure(launch);
  return answer.ok
    ? ok(answer.value.map((run, i) => ({ entry: launch.passes[i]?.entry ?? `pass ${i}`, whole: run })))
    : answer;
}

/** The passes of the kernel in view, edits included; null until they have run. */
export const ownPasses = signal<{ readonly of: Session; readonly passes: readonly Pass[] } | null>(null);

/** Keeps `ownPasses` that of the open kernel while someone looks; the returned function stops that. */
export function followOwnPasses(): () => void {
  return effect(() => {
    const now = session.value;
    const all = whole.value;
    // after the whole dispatch, so that the first answers do not wait for these
    if (!now || !all || ownPasses.peek()?.of === now) return;
    const { launch } = now.subject;
    const [only] = launch.passes;
    if (only && launch.passes.length === 1) {
      ownPasses.value = { of: now, passes: [{ entry: only.entry, whole: all }] };
      return;
    }
    measurePasses(launch).then(
      (answer) => {
        if (answer.ok && session.peek() === now) ownPasses.value = { of: now, passes: answer.value };
      },
      () => undefined, // stopped: asked again when the kernel opens again
    );
  });
}
