// The model that is loaded and the text it generates: one state, and the few things that can be done in it. The worker does
// them; a pause is a cancelled call that keeps what it has.

import { batch, computed, signal } from '@preact/signals';
import { longestAnswers } from '../../cache/shared-prompt.ts';
import { type Failure, failure, type Result } from '../../core/result.ts';
import type { StepSplit } from '../../measure/split.ts';
import { describeProbe, type ProbeReport } from '../../model/probe-report.ts';
import type { GpuClient } from '../../worker/client.ts';
import type {
  Candidates,
  GeneratedStep,
  GenerateEvent,
  GenerateLoaded,
  GeneratePrompt,
  GenerateRun,
  GenerateState,
} from '../../worker/generate/protocol.ts';
import { ask, cancel } from '../gpu.ts';
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
  /** By answer. */
  readonly outputs: readonly (readonly Piece[])[];
  readonly steps: readonly GeneratedStep[];
  readonly state: GenerateState;
}

export const phase = signal<Phase>({ kind: 'empty' });
export const loaded = signal<GenerateLoaded | null>(null);
export const generation = signal<Generation | null>(null);
export const likely = signal<Candidates | null>(null);
/** The last step by op, once it was asked for; steps that follow take it away. */
export const split = signal<StepSplit | null>(null);
/** What the probe of batch invariance found on this device, for what is loaded. */
export const probed = signal<ProbeReport | null>(null);
export const problem = signal<Failure | null>(null);

/** The choice that is loaded, to tell when another one has been made since. */
const loadedKey = signal('');
const keyOf = (want: typeof wanted.value): string =>
  JSON.stringify({ ...want, source: want.source.kind === 'files' ? want.source.files.length : want.source });
/** Whether what is chosen is what is loaded. */
export const current = computed(() => loaded.value !== null && loadedKey.value === keyOf(wanted.value));

export const busy = computed(() => phase.value.kind === 'loading' || phase.value.kind === 'running');
export const unfinished = computed(() => phase.value.kind === 'paused');

type Call<T> = (client: GpuClient) => Promise<Result<T, Failure>>;

async function asked<T>(call: Call<T>): Promise<T | null> {
  const answer = await ask(call, 'Load the model again: a new worker is started.');
  if (answer.ok) return answer.value;
  batch(() => {
    problem.value = answer.error;
    if (answer.error.code === 'dead-worker') loaded.value = null;
  });
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
    split.value = null;
    probed.value = null;
    phase.value = { kind: 'loading', done: 0, total: 1, what: 'opening' };
  });
  const done = await asked((client) =>
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

/** Tokens that each answer may have at most; 0 when the prompt alone is too long. */
export const answerRoom = computed((): number => {
  const [ready, ids] = [loaded.value, typedIds.value];
  if (!ready || !ids) return 0;
  const { answers, page } = model.view.value;
  return Math.min(
    Math.max(0, ready.window - ids.length),
    longestAnswers(ids.length, answers, Number(page), ready.pages),
  );
});

function newPrompt(): GeneratePrompt | null {
  const v = model.view.value;
  const ids = typedIds.value;
  const room = answerRoom.value;
  if (!ids || ids.length === 0 || room < 1) {
    problem.value =
      !ids || ids.length === 0
        ? failure('bad-prompt', 'There is no prompt.', 'Write a text, or token ids with commas between them.')
        : failure(
            'bad-prompt',
            `The prompt has ${ids.length} tokens; the context is ${loaded.value?.window}.`,
            'Shorten it, ask for fewer answers, or load the model with a longer context.',
          );
    return null;
  }
  return {
    tokens: ids,
    sampling: { temperature: v.temperature, topK: v.topK, topP: v.topP, seed: v.seed },
    maxTokens: Math.min(v.max, room),
    answers: v.answers,
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
      outputs: Array.from({ length: made.answers }, () => []),
      steps: [],
      state: { answers: [], ended: false },
    };
  }
  const base = before;
  const spellers = base.outputs.map((output) => speller(base.prompt, output));
  const known = new Map<string, Piece>();
  /** Everything so far, from the steps of this call. */
  const show = (steps: readonly GeneratedStep[], state: GenerateState): void => {
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
  batch(() => {
    generation.value = base;
    likely.value = null;
    split.value = null;
    phase.value = { kind: 'running' };
  });
  // one step at a time is read back at once: there is nothing to run ahead of
  const pace = steps === null ? model.view.value.pace : 'await';
  const request: GenerateRun = { ...(prompt && { prompt }), steps, pace };
  const seen: GeneratedStep[] = [];
  await looks; // the last token of the text before may still be looked at
  const done = await asked((client) =>
    client.generate(request, (event: GenerateEvent) => {
      if (event.type !== 'steps') return;
      seen.push(...event.steps);
      show(seen, event.state);
    }),
  );
  batch(() => {
    if (done) show(done.steps, done.state);
    const ended = done?.state.ended ? (done.state.answers[0]?.ended ?? null) : null;
    phase.value = ended
      ? { kind: 'ended', why: ended }
      : giveUp
        ? { kind: 'ended', why: 'cancelled' }
        : { kind: done ? 'paused' : loaded.value ? 'ready' : 'empty' };
    giveUp = false;
  });
  if (!done) return;
  if (done.steps.length > 0) await showLikely(0);
  const { kind } = phase.value;
  announce(`${kind === 'paused' ? 'Paused' : 'Ended'} after ${made(done.state)} tokens.`);
}

/** A speller that has seen what a text already holds. */
function speller(prompt: readonly Piece[], output: readonly Piece[]): (id: number) => string {
  const spell = vocabulary.value.speller();
  for (const { id } of [...prompt, ...output].slice(-8)) spell(id);
  return spell;
}

/** Tokens of the longest answer. */
export const made = ({ answers }: GenerateState): number =>
  answers.reduce((most, { generated }) => Math.max(most, generated), 0);

let looks: Promise<unknown> = Promise.resolve();
/** Looks into the last step, one after another: the worker does one thing at a time and refuses a second. */
export function inTurn<T>(look: () => Promise<T>): Promise<T> {
  const next = looks.then(look);
  looks = next.catch(() => undefined);
  return next;
}

/** What an answer's last row of logits says. */
export async function showLikely(answer: number): Promise<void> {
  likely.value = await inTurn(() => asked(({ api }) => api.candidates(answer)));
}

/** Whether the worker measures something of what is loaded. */
export const measuring = signal(false);

async function measured<T>(call: Call<T>) {
  if (busy.value || measuring.value) return null;
  measuring.value = true;
  problem.value = null;
  try {
    return await inTurn(() => asked(call));
  } finally {
    measuring.value = false;
  }
}

/** Times the last step op by op. */
export async function splitStep(): Promise<void> {
  split.value = await measured(({ api }) => api.split());
}

/** Probes on this device whether a token's logits depend on the batch. The text ends: its pages are written over. */
export async function probeDevice(): Promise<void> {
  const report = await measured(({ api }) => api.probe());
  batch(() => {
    probed.value = report;
    likely.value = null;
    split.value = null;
    generation.value = null;
    if (report) phase.value = { kind: 'ready' };
  });
  if (report) announce(describeProbe(report));
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
/** Ends loading or generating; the text so far stays on the page. */
export function end(): void {
  const { kind } = phase.value;
  if (kind === 'loading') cancel();
  else if (kind === 'running') {
    giveUp = true;
    cancel();
  } else if (kind === 'paused') phase.value = { kind: 'ended', why: 'cancelled' };
}
