// The model that is loaded and the text it generates: one state, and the few things that can be done in it. The worker does
// them; a pause is a cancelled call that keeps what it has.

import { batch, computed, signal } from '@preact/signals';
import { type Failure, failure, type Result } from '../../core/result.ts';
import type {
  Candidates,
  GeneratedStep,
  GenerateEvent,
  GenerateLoaded,
  GeneratePrompt,
  GenerateRun,
  GenerateState,
} from '../../worker/generate/protocol.ts';
import { cancel, worker } from '../gpu.ts';
import { announce } from '../ui/index.ts';
import { vocabulary, wanted } from './choice.ts';
import { model } from './view.ts';
import { promptIds, type Vocabulary } from './vocabulary.ts';

export type Phase =
  | { readonly kind: 'empty' }
  | { readonly kind: 'loading'; readonly done: number; readonly total: number; readonly what: string }
  | { readonly kind: 'ready' }
  | { readonly kind: 'running' }
  | { readonly kind: 'paused' }
  | { readonly kind: 'ended'; readonly why: 'length' | 'stop-token' | 'cancelled' };

export interface Piece {
  readonly id: number;
  readonly text: string;
}

/** A prompt and what came of it. */
export interface Generation {
  readonly prompt: readonly Piece[];
  readonly wanted: GeneratePrompt;
  readonly output: readonly Piece[];
  readonly steps: readonly GeneratedStep[];
  readonly state: GenerateState;
}

export const phase = signal<Phase>({ kind: 'empty' });
export const loaded = signal<GenerateLoaded | null>(null);
export const generation = signal<Generation | null>(null);
export const likely = signal<Candidates | null>(null);
export const problem = signal<Failure | null>(null);

/** The choice that is loaded, to tell when another one has been made since. */
const loadedKey = signal('');
const keyOf = (want: typeof wanted.value): string =>
  JSON.stringify({ ...want, source: want.source.kind === 'files' ? want.source.files.length : want.source });
/** Whether what is chosen is what is loaded. */
export const current = computed(() => loaded.value !== null && loadedKey.value === keyOf(wanted.value));

export const busy = computed(() => phase.value.kind === 'loading' || phase.value.kind === 'running');
export const unfinished = computed(() => phase.value.kind === 'paused');

const died = (error: unknown): Failure =>
  failure(
    'dead-worker',
    `The worker stopped: ${error instanceof Error ? error.message : String(error)}`,
    'Load the model again to start a new one.',
  );

async function asked<T>(call: Promise<Result<T, Failure>>): Promise<T | null> {
  try {
    const answer = await call;
    if (answer.ok) return answer.value;
    problem.value = answer.error;
  } catch (error) {
    problem.value = died(error);
    loaded.value = null;
  }
  return null;
}

/** Loads what is chosen, in place of what was loaded before. */
export async function load(): Promise<void> {
  if (busy.value) return;
  const want = wanted.value;
  batch(() => {
    problem.value = null;
    loaded.value = null;
    generation.value = null;
    likely.value = null;
    phase.value = { kind: 'loading', done: 0, total: 1, what: 'opening' };
  });
  const client = await worker();
  const done = await asked(
    client.load(want, (event) => {
      if (event.type === 'loading' && phase.value.kind === 'loading')
        phase.value = { kind: 'loading', done: event.done, total: event.total, what: event.what };
    }),
  );
  batch(() => {
    loaded.value = done;
    loadedKey.value = keyOf(want);
    phase.value = { kind: done ? 'ready' : 'empty' };
  });
  announce(done ? `${done.config.name} is loaded.` : (problem.value?.message ?? 'Not loaded.'));
}

const spelled = (ids: readonly number[], vocab: Vocabulary): Piece[] => {
  const spell = vocab.speller();
  return ids.map((id) => ({ id, text: spell(id) }));
};

/** The prompt as it would be sent; null when it cannot be. */
export const typedIds = computed(() =>
  promptIds(vocabulary.value, model.view.value.form, model.view.value.prompt),
);

function newPrompt(): GeneratePrompt | null {
  const v = model.view.value;
  const ids = typedIds.value;
  const room = (loaded.value?.window ?? 0) - (ids?.length ?? 0);
  if (!ids || ids.length === 0 || room < 1) {
    problem.value =
      !ids || ids.length === 0
        ? failure('bad-prompt', 'There is no prompt.', 'Write a text, or token ids with commas between them.')
        : failure(
            'bad-prompt',
            `The prompt has ${ids.length} tokens; the context is ${loaded.value?.window}.`,
            'Shorten it, or load the model with a longer context.',
          );
    return null;
  }
  return {
    tokens: ids,
    sampling: { temperature: v.temperature, topK: v.topK, topP: v.topP, seed: v.seed },
    maxTokens: Math.min(v.max, room),
    stops: vocabulary.value.stops,
  };
}

/** Runs `steps` steps (null: to the end), from a new prompt unless a text is unfinished. */
async function run(steps: number | null): Promise<void> {
  if (busy.value) return;
  // nothing is loaded yet, or something else was chosen since: one click is enough
  if (!current.value) {
    await load();
    if (!loaded.value) return;
  }
  problem.value = null;
  let prompt: GeneratePrompt | undefined;
  let before = generation.value;
  if (!unfinished.value || !before) {
    const made = newPrompt();
    if (!made) return;
    prompt = made;
    before = {
      prompt: spelled(made.tokens, vocabulary.value),
      wanted: made,
      output: [],
      steps: [],
      state: { computed: 0, generated: 0, table: [], ended: null },
    };
  }
  const base = before;
  const spell = speller(base);
  const known = new Map<number, Piece>();
  /** Everything so far, from the steps of this call. */
  const show = (steps: readonly GeneratedStep[], state: GenerateState): void => {
    const output = [...base.output];
    for (const [i, step] of steps.entries()) {
      if (step.token === null) continue;
      const piece = known.get(i) ?? { id: step.token, text: spell(step.token) };
      known.set(i, piece);
      output.push(piece);
    }
    generation.value = { ...base, output, steps: [...base.steps, ...steps], state };
  };
  batch(() => {
    generation.value = base;
    likely.value = null;
    phase.value = { kind: 'running' };
  });
  // one step at a time is read back at once: there is nothing to run ahead of
  const pace = steps === null ? model.view.value.pace : 'await';
  const request: GenerateRun = { ...(prompt && { prompt }), steps, pace };
  const seen: GeneratedStep[] = [];
  const client = await worker();
  const done = await asked(
    client.generate(request, (event: GenerateEvent) => {
      if (event.type !== 'steps') return;
      seen.push(...event.steps);
      show(seen, event.state);
    }),
  );
  batch(() => {
    if (done) show(done.steps, done.state);
    const ended = done?.state.ended;
    phase.value = ended
      ? { kind: 'ended', why: ended }
      : giveUp
        ? { kind: 'ended', why: 'cancelled' }
        : { kind: done ? 'paused' : loaded.value ? 'ready' : 'empty' };
    giveUp = false;
  });
  if (!done) return;
  if (done.steps.length > 0) likely.value = (await asked(client.api.candidates())) ?? null;
  const { kind } = phase.value;
  announce(`${kind === 'paused' ? 'Paused' : 'Ended'} after ${done.state.generated} tokens.`);
}

/** A speller that has seen what the generation already holds. */
function speller(from: Generation): (id: number) => string {
  const spell = vocabulary.value.speller();
  for (const { id } of [...from.prompt, ...from.output].slice(-8)) spell(id);
  return spell;
}

let giveUp = false;

/** Generates, or goes on where it was paused. */
export const generate = (): void => void run(null);
/** One step of the engine: a chunk of the prompt or one token. */
export const singleStep = (): void => void run(1);
/** Stops after the steps in flight, whose tokens are kept; it can go on. */
export const pause = (): void => {
  if (phase.value.kind === 'running') void cancel().catch(() => undefined);
};
/** Ends loading or generating; the text so far stays on the page. */
export function end(): void {
  const { kind } = phase.value;
  if (kind === 'loading') void cancel().catch(() => undefined);
  else if (kind === 'running') {
    giveUp = true;
    void cancel().catch(() => undefined);
  } else if (kind === 'paused') phase.value = { kind: 'ended', why: 'cancelled' };
}
