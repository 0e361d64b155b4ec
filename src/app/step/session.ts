// What the Step page knows: the open kernel and its recording, the cursor, what stands there, and what the
// whole dispatch gave. Reads the address, drives the worker, and keeps the newest answer of each kind.

import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import { messageOf } from '../../core/message-of.ts';
import { failure } from '../../core/result.ts';
import type { Recording } from '../../views/step/navigate.ts';
import { connectStepper, type StepClient, StoppedError } from '../../worker/step-client.ts';
import type { Frame, Opened, StepFailure, Whole } from '../../worker/step-protocol.ts';
import { firstTime, keptTime } from './kept-time.ts';
import { type Memory, memoriesOf } from './memories.ts';
import { followHanded, makeSubject, recipeKey } from './recipe.ts';
import type { Subject } from './subject.ts';
import { judge, type Verdict } from './verdict.ts';
import { step } from './view.ts';

export interface Session {
  /** Kernel and capture by the names that they have in the address. */
  readonly kernel: string;
  readonly capture: string;
  readonly subject: Subject;
  readonly opened: Opened;
  readonly recording: Recording;
  readonly memories: readonly Memory[];
  /** The source as it runs, a line an element. */
  readonly lines: readonly string[];
}

export type Phase =
  | { readonly kind: 'opening' }
  | { readonly kind: 'open' }
  | { readonly kind: 'failed'; readonly failure: StepFailure };

export const phase = signal<Phase>({ kind: 'opening' });
export const session = signal<Session | null>(null);
/** The subject that was asked for last, whether or not it compiles. */
export const current = signal<Subject | null>(null);
export const time = signal(0);
export const frame = signal<Frame | null>(null);
export const whole = signal<Whole | null>(null);
export const verdict = signal<Verdict | null>(null);
/** A call that takes longer than a moment; the page then offers to stop it. */
export const busy = signal(false);
/** Watches of tools (the int8 view), beside the reader's own. */
export const extraWatches = signal<readonly string[]>([]);

/** The name under the pointer in the source. */
export const hoveredName = signal<string | null>(null);

let client: StepClient | undefined;

function connect(): StepClient {
  if (client) return client;
  const mine = connectStepper((error) => {
    if (client !== mine) return; // another one has taken its place
    client = undefined;
    if (error.message !== restarting)
      phase.value = { kind: 'failed', failure: stoppedFailure(error.message) };
  });
  client = mine;
  return mine;
}

const restarting = 'something else was opened';
const stoppedFailure = (why: string): StepFailure =>
  failure('stopped', why, 'Change the kernel, its shape or its settings; what is edited is kept.');

/** The worker's calls. */
export const stepper = (): StepClient['api'] => connect().api;

/** Ends a run that takes too long. */
export function stop(): void {
  client?.stop('The run was stopped.');
  busy.value = false;
}

async function watched<T>(call: Promise<T>): Promise<T> {
  const timer = setTimeout(() => {
    busy.value = true;
  }, 500);
  try {
    return await call;
  } finally {
    clearTimeout(timer);
    busy.value = false;
  }
}

let opening = 0;
/** What was opened last. */
let openedRecipe = '';
/** The last `t` we wrote or followed; a different `t` is a new request. */
let reached = '';
/** True when what is open matches the address. */
export const isUpToDate = (): boolean => phase.value.kind === 'open' && recipeKey.value === openedRecipe;
const askedTime = computed(() => step.view.value.t);

async function open(): Promise<void> {
  const mine = ++opening;
  openedRecipe = recipeKey.peek();
  if (busy.peek()) client?.stop(restarting);
  phase.value = { kind: 'opening' };
  try {
    const subject = await makeSubject();
    if (mine !== opening) return;
    if (!subject.ok) {
      phase.value = { kind: 'failed', failure: subject.error };
      return;
    }
    current.value = subject.value;
    const answer = await watched(stepper().open(subject.value.launch));
    if (mine !== opening) return;
    if (!answer.ok) {
      if (answer.error.code !== 'superseded') phase.value = { kind: 'failed', failure: answer.error };
      return;
    }
    adopt(subject.value, answer.value);
    await finish(mine);
  } catch (error) {
    if (mine === opening) broke(error);
  }
}

/** A stop has been told by `connect`; anything else is a mistake of ours, which must not leave the page waiting. */
function broke(error: unknown): void {
  if (error instanceof StoppedError) return;
  const text = messageOf(error);
  phase.value = {
    kind: 'failed',
    failure: failure(
      'internal',
      `The stepper failed: ${text}`,
      'Change the kernel, its shape or its settings; if it happens again, please report it with this message.',
    ),
  };
}

function adopt(subject: Subject, opened: Opened): void {
  const before = session.peek();
  const { kernel, capture, t } = step.view.peek();
  const recording: Recording = { steps: opened.steps, length: opened.length, statements: opened.statements };
  const bytesOf = (memory: number): number => (opened.firstWrites[memory]?.length ?? 0) * 4;
  const next: Session = {
    kernel,
    capture,
    subject,
    opened,
    recording,
    memories: memoriesOf(subject, opened, bytesOf),
    lines: subject.source.split('\n'),
  };
  // an address without a place keeps it, but for a dispatch that was handed over: that begins anew as another kernel does
  const keeps = before?.kernel === kernel && (t === '' ? before.capture === capture : t === reached);
  const asked = t === '' ? Number.NaN : Number(t);
  const at = keeps ? keptTime(before, time.peek(), next) : Number.isFinite(asked) ? asked : firstTime(opened);
  reached = t;
  whole.value = null;
  verdict.value = null;
  frame.value = null;
  session.value = next;
  time.value = Math.max(0, Math.min(opened.length, at));
  phase.value = { kind: 'open' };
  pull();
}

/** After the first picture: all workgroups, the findings and the check against the reference. */
async function finish(mine: number): Promise<void> {
  const all = await watched(stepper().whole());
  if (mine !== opening || !all) return;
  whole.value = all;
  const now = session.peek();
  if (now) verdict.value = judge(now, all);
}

/** Statements behind the cursor whose accesses fade: two rounds of all subgroups. */
export const trailOf = (opened: Opened): number => {
  const [x, y, z] = opened.workgroupSize;
  return Math.min(64, 2 * Math.ceil((x * y * z) / opened.subgroupSize));
};

/** Bytes of memories that the kernel only reads: asked for once. */
const constants = new WeakMap<Session, Map<number, Uint8Array>>();

/** A list in the address is a new one whenever anything in it changes. */
const watchKey = computed(() => JSON.stringify(step.view.value.watch));

const needed = computed(() => {
  const now = session.value;
  const memories = now ? [...new Set(now.memories.map((m) => m.memory))] : [];
  void watchKey.value;
  return {
    memories,
    watches: [
      ...new Set([
        ...step.view.peek().watch,
        ...extraWatches.value,
        ...(hoveredName.value ? [hoveredName.value] : []),
      ]),
    ],
  };
});

/** Makes an answer what is shown, with the memories that it did not have to bring. */
function show(now: Session, answer: Frame): void {
  const kept = constants.get(now) ?? new Map<number, Uint8Array>();
  for (const { memory, written } of now.memories) {
    const bytes = answer.memories.get(memory);
    if (!written && bytes) kept.set(memory, bytes);
  }
  constants.set(now, kept);
  frame.value = { ...answer, memories: new Map([...kept, ...answer.memories]) };
}

let pulling = false;

/** Asks for what stands at the cursor; answers that come late are for the newest cursor, never an old one. */
function pull(): void {
  const now = session.peek();
  if (!now || pulling) return;
  pulling = true;
  const at = time.peek();
  const wants = needed.peek();
  const known = constants.get(now);
  const memories = wants.memories.filter((m) => !known?.has(m));
  const request = { time: at, trail: trailOf(now.opened), watches: wants.watches, memories };
  stepper()
    .frame(request)
    .then((answer) => {
      pulling = false;
      if (session.peek() !== now) return pull();
      if (answer) show(now, answer);
      if (time.peek() !== at || needed.peek() !== wants) pull();
    })
    .catch((error: unknown) => {
      pulling = false;
      if (session.peek() === now) broke(error);
    });
}

let writing: ReturnType<typeof setTimeout> | undefined;

/** Puts the cursor somewhere; the address follows when it rests. */
export function seek(to: number): void {
  const now = session.peek();
  if (!now) return;
  time.value = Math.max(0, Math.min(now.opened.length, Math.round(to)));
  clearTimeout(writing);
  writing = setTimeout(() => {
    if (now.kernel !== step.view.peek().kernel) return;
    reached = String(time.peek());
    step.adjust({ t: reached });
  }, 250);
}

/** Starts following the address; the returned function stops that. */
export function follow(): () => void {
  const stops = [
    followHanded(),
    effect(() => {
      void recipeKey.value;
      void open();
    }),
    effect(() => {
      void time.value;
      void needed.value;
      pull();
    }),
    // back and forward in the history move the cursor
    effect(() => {
      const t = askedTime.value;
      if (t === reached) return;
      clearTimeout(writing);
      const now = session.peek();
      // what came with another kernel or other settings is taken when those are open
      if (!now || phase.peek().kind === 'opening' || recipeKey.peek() !== openedRecipe) return;
      reached = t;
      const asked = Number(t);
      if (t !== '' && Number.isFinite(asked)) time.value = Math.max(0, Math.min(asked, now.opened.length));
    }),
  ];
  return () => {
    for (const end of stops) end();
  };
}

/** The step shown: the last one that has happened; null at the start. */
export const shown: ReadonlySignal<number | null> = computed(() => (time.value > 0 ? time.value - 1 : null));

/** Findings of the whole dispatch when it is known, else of the recorded workgroup. */
export const findings = computed(() => whole.value?.findings ?? session.value?.opened.findings ?? []);
