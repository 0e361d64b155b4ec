// Loading a model and generating from it: the few things that can be done, and in which order. The worker does them; a pause is a
// cancelled call that keeps what it has.

import { batch } from '@preact/signals';
import type { GeneratedStep, GenerateRun, GenerateState } from '../../worker/generate/protocol.ts';
import { ask, cancel } from '../gpu.ts';
import { announce } from '../ui/index.ts';
import { loadable, vocabulary, wanted } from './choice.ts';
import { promptFor, spelled, spellerAfter } from './prompt.ts';
import {
  busy,
  current,
  type Generation,
  generation,
  likely,
  loaded,
  made,
  type Piece,
  phase,
  probed,
  problem,
  split,
  unfinished,
} from './state.ts';
import { cancelTask, fruitless, quiet, showLikely, underway } from './tasks.ts';
import { model } from './view.ts';

/** What to do about a worker that is gone. */
const again = 'Load the model again: a new worker is started.';

/** Loads what is chosen, in place of what was loaded before. */
export async function load(): Promise<void> {
  if (busy.value || underway.value || !loadable.value) return;
  const [choice, spelling] = [wanted.value, vocabulary.value];
  const since = performance.now();
  batch(() => {
    problem.value = null;
    fruitless.value = null;
    loaded.value = null;
    generation.value = null;
    likely.value = null;
    split.value = null;
    probed.value = null;
    phase.value = { kind: 'loading', done: 0, total: 0, what: 'opening', since };
  });
  const answer = await ask(async (client) => {
    await quiet();
    return client.load(choice, (event) => {
      if (event.type === 'loading' && phase.value.kind === 'loading')
        phase.value = { ...phase.value, done: event.done, total: event.total, what: event.what };
    });
  }, again);
  const cancelled = !answer.ok && answer.error.code === 'cancelled';
  batch(() => {
    if (answer.ok) loaded.value = { ...answer.value, choice, vocabulary: spelling };
    else if (!cancelled) problem.value = answer.error;
    phase.value = answer.ok ? { kind: 'ready' } : { kind: 'empty', why: cancelled ? 'cancelled' : 'new' };
  });
  announce(answer.ok ? `${answer.value.config.name} is loaded.` : answer.error.message);
}

/** Runs `steps` steps (null: to the end), from a new prompt unless a text is unfinished. */
async function run(steps: number | null): Promise<void> {
  if (busy.value || underway.value) return;
  // nothing is loaded yet, or something else was chosen since: one click is enough
  if (!current.value) await load();
  const ready = loaded.value;
  // what was chosen while it loaded is not what is to run
  if (!ready || !current.value) return;
  problem.value = null;
  const going = unfinished.value ? generation.value : null;
  const prompt = going ? null : promptFor(ready);
  if (prompt && !prompt.ok) {
    problem.value = prompt.error;
    return;
  }
  const base: Generation | null =
    going ??
    (prompt && {
      prompt: spelled(prompt.value.tokens, ready.vocabulary),
      wanted: prompt.value,
      outputs: Array.from({ length: prompt.value.answers }, () => []),
      steps: [],
      state: { answers: [], ended: false },
    });
  if (!base) return;
  const show = shower(base, ready.vocabulary);
  batch(() => {
    generation.value = base;
    likely.value = null;
    split.value = null;
    fruitless.value = null;
    phase.value = { kind: 'running' };
  });
  // one step at a time is read back at once: there is nothing to run ahead of
  const pace = steps === null ? model.view.value.pace : 'await';
  const request: GenerateRun = { ...(prompt && { prompt: prompt.value }), steps, pace };
  const seen: GeneratedStep[] = [];
  const answer = await ask(async (client) => {
    await quiet(); // the last token of the text before may still be looked at
    return client.generate(request, (event) => {
      if (event.type !== 'steps') return;
      seen.push(...event.steps);
      show(seen, event.state);
    });
  }, again);
  batch(() => {
    if (answer.ok) show(answer.value.steps, answer.value.state);
    else problem.value = answer.error;
    const ended = answer.ok && answer.value.state.ended ? answer.value.state.answers[0]?.ended : null;
    phase.value = ended
      ? { kind: 'ended', why: ended }
      : giveUp
        ? { kind: 'ended', why: 'cancelled' }
        : answer.ok
          ? { kind: 'paused' }
          : loaded.value
            ? { kind: 'ready' }
            : { kind: 'empty', why: 'new' };
    giveUp = false;
  });
  if (!answer.ok) return;
  if (answer.value.steps.length > 0) await showLikely(0);
  const { kind } = phase.value;
  announce(`${kind === 'paused' ? 'Paused' : 'Ended'} after ${made(answer.value.state)} tokens.`);
}

/** Shows what `base` has grown by: all steps of one call so far. */
function shower(base: Generation, vocabulary: Parameters<typeof spelled>[1]) {
  const spellers = base.outputs.map((output) => spellerAfter(vocabulary, [...base.prompt, ...output]));
  const known = new Map<string, Piece>();
  return (steps: readonly GeneratedStep[], state: GenerateState): void => {
    const outputs = base.outputs.map((output, answer) => {
      const pieces = [...output];
      for (const [i, { tokens }] of steps.entries()) {
        const id = tokens[answer] ?? null;
        if (id === null) continue;
        const key = `${answer} ${i}`;
        const piece = known.get(key) ?? { id, text: spellers[answer]?.(id) ?? '' };
        known.set(key, piece);
        pieces.push(piece);
      }
      return pieces;
    });
    generation.value = { ...base, outputs, steps: [...base.steps, ...steps], state };
  };
}

let giveUp = false;

/** Generates, or goes on where it was paused. */
export const generate = (): void => void run(null);
/** One step of the engine: a chunk of the prompt or one token. */
export const singleStep = (): void => void run(1);
/** Stops after the steps in flight, whose tokens are kept; it can go on. */
export const pause = (): void => {
  if (phase.value.kind === 'running') cancel();
};
/** Ends whatever goes on, loading, generating or a task; what is finished stays on the page. */
export function end(): void {
  const { kind } = phase.value;
  if (kind === 'loading') cancel();
  else if (kind === 'running') {
    giveUp = true;
    cancel();
  } else if (underway.value) cancelTask();
  else if (kind === 'paused') phase.value = { kind: 'ended', why: 'cancelled' };
}
