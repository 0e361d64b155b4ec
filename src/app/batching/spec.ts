// What a comparison runs, and how it is written into an address: strategies with their knobs, requests, the
// page pool. Text in, checked values out; nothing runs here.

import type { KnobValue } from '../../core/knobs.ts';
import { err, type Failure, failure, ok, type Result } from '../../core/result.ts';
import type { CostModel } from '../../engine/cost-model.ts';
import { promptLength, type Request } from '../../engine/request.ts';
import type { RunHeader } from '../../engine/run-file.ts';
import { saturatedRate } from '../../engine/saturation.ts';
import type { Limits } from '../../engine/view.ts';
import type { ModelConfig } from '../../model/config.ts';
import { pageSizes } from '../../model/formats.ts';
import type { Preset, RegisteredStrategy } from '../../strategies/contract.ts';
import { findStrategy, strategies } from '../../strategies/index.ts';
import type { ClosedLoop, RegisteredWorkload, TextSource } from '../../workloads/contract.ts';
import { workloads } from '../../workloads/index.ts';
import type { ServeRequest } from './serve.ts';

/** One track: a strategy (or preset) under some knobs. */
export interface TrackSpec {
  /** As it stands in the address: `static,slots:2`. Tells the tracks of one comparison apart. */
  readonly key: string;
  readonly strategy: RegisteredStrategy;
  readonly preset: Preset | undefined;
  /** What was given, over the preset's and the strategy's defaults. */
  readonly given: Readonly<Record<string, KnobValue>>;
}

/** `name,knob:value,…` as a name and what it is given. Commas in a value are written as semicolons. */
export function readNamed(text: string): {
  readonly name: string;
  readonly given: Record<string, KnobValue>;
} {
  const [name = '', ...parts] = text.split(',');
  const given: Record<string, KnobValue> = {};
  for (const part of parts) {
    const [knob = '', value = ''] = part.split(/:(.*)/s);
    given[knob] = value.replaceAll(';', ',');
  }
  return { name, given };
}

/** Reads `static,slots:2`. The values are checked when the strategy is made. */
export function readTrack(key: string): Result<TrackSpec, Failure> {
  const { name, given } = readNamed(key);
  const found = findStrategy(name);
  if (!found)
    return err(
      failure(
        'strategy',
        `There is no strategy "${name}".`,
        `There are ${[...strategies.keys()].join(', ')}.`,
      ),
    );
  return ok({ key, strategy: found.strategy, preset: found.preset, given });
}

/** Writes `name,knob:value,…`; knobs that have the value they would have anyway are left out. */
export function writeNamed(
  name: string,
  given: Readonly<Record<string, KnobValue>>,
  usual: Readonly<Record<string, KnobValue>>,
): string {
  const parts = Object.entries(given)
    .filter(([knob, value]) => String(usual[knob]) !== String(value))
    .map(([knob, value]) => `${knob}:${String(value).replaceAll(',', ';')}`);
  return [name, ...parts].join(',');
}

/** Prompt and output tokens of one request. */
export interface Lengths {
  readonly prompt: number;
  readonly output: number;
  /** Seconds after the start. */
  readonly arrival: number;
}

const LARGEST = 200;

/** Reads `8x2,8x8@1.5`: prompt × output, and when it arrives. */
export function readLengths(text: string): Result<readonly Lengths[], Failure> {
  const parts = text.split(',').filter(Boolean);
  if (parts.length > LARGEST)
    return err(failure('workload', `A link may list ${LARGEST} requests.`, 'Use a workload by its name.'));
  const list: Lengths[] = [];
  for (const part of parts) {
    const match = /^(\d+)x(\d+)(?:@([\d.]+))?$/.exec(part.trim());
    const prompt = Number(match?.[1]);
    const output = Number(match?.[2]);
    const arrival = Number(match?.[3] ?? 0);
    if (!match || !(prompt >= 1) || !(output >= 1) || Number.isNaN(arrival))
      return err(
        failure(
          'workload',
          `"${part}" is no request.`,
          'Write prompt x output tokens, as in 8x2 or 8x2@0.5.',
        ),
      );
    list.push({ prompt, output, arrival });
  }
  return ok(list);
}

export const writeLengths = (list: readonly Lengths[]): string =>
  list
    .map(({ prompt, output, arrival }) => `${prompt}x${output}${arrival > 0 ? `@${arrival}` : ''}`)
    .join(',');

/** Requests of these lengths. All declare the longest answer as their limit: a scheduler cannot know better. */
export function requestsOf(list: readonly Lengths[]): readonly Request[] {
  const maxTokens = Math.max(1, ...list.map((l) => l.output));
  return list.map(({ prompt, output, arrival }, id) => ({
    id,
    arrival,
    prompt: [{ seed: id + 1, length: prompt }],
    maxTokens,
    endsAfter: output,
  }));
}

/** A pool that holds every request at once, or what was asked for. */
function limitsFor(requests: readonly Request[], pages: number, pageSize: number): Limits {
  const sizes = requests.map((r) => promptLength(r.prompt) + r.maxTokens);
  const fitting = sizes.reduce((sum, tokens) => sum + Math.ceil(tokens / pageSize), 0);
  return { pages: pages || fitting, pageSize, window: Math.max(16, ...sizes), vocabulary: 512 };
}

/** What a comparison runs, as text and numbers: an address, a lesson, a command. Zeros mean "as usual". */
export interface WantedText {
  readonly tracks: readonly string[];
  /** Lengths, or a workload by name with its knobs. */
  readonly work: string;
  readonly pages: number;
  readonly pageSize: number;
  readonly lookahead: 0 | 1;
  /** What the capacity comes from that a rate may be a share of. */
  readonly cost?: CostModel;
  /** Where a workload of real text takes its words from. */
  readonly text?: TextSource;
}

export interface Wanted {
  readonly tracks: readonly TrackSpec[];
  readonly requests: readonly Request[];
  readonly closed: ClosedLoop | undefined;
  readonly limits: Limits;
  readonly lookahead: 0 | 1;
  readonly workload: RunHeader['workload'];
  /** What the workload scaled, cut or assumed. */
  readonly notes: readonly string[];
  /** The rate is a share of what the device serves when saturated: requests a second. */
  readonly capacity: number | undefined;
}

export const MOST_TRACKS = 4;
/** The pool of a named workload, which knows no sizes before it is made. */
const USUAL = { pages: 4096, pageSize: 16, window: 4096, vocabulary: 512 };
const SEED = 1;

/** The workload of requests that are listed one by one, as run files name it. */
export const LISTED = 'lengths';
/** The workload whose prompts are words: a trained model serves it. */
export const REAL_TEXT = 'real-text';
export const isLengths = (work: string): boolean => /^\s*\d+x/.test(work);

type Work = Pick<Wanted, 'requests' | 'closed' | 'limits' | 'workload' | 'notes' | 'capacity'>;

const isRelative = (given: Readonly<Record<string, KnobValue>>): boolean => given['rateOf'] === 'capacity';

/** Requests a second under unified batching when all are there at once; kept, because a knob's every move asks for it. */
const capacities = new Map<string, number>();
function capacityOf(
  found: RegisteredWorkload,
  given: Readonly<Record<string, KnobValue>>,
  limits: Limits,
  cost: CostModel,
  text: TextSource | undefined,
): Result<number, Failure> {
  // lengths do not depend on the rate: any will do to learn them
  const made = found.make(given, { seed: SEED, limits, capacity: 1, ...(text ? { text } : {}) });
  if (!made.ok) return made;
  const key = JSON.stringify([found.id, { ...made.value.knobs, rate: 0 }, limits, cost.id, cost.seconds]);
  let rate = capacities.get(key);
  if (rate === undefined) {
    const unified = findStrategy('unified')?.strategy.make({}, limits);
    if (!unified?.ok) return unified ?? err(failure('strategy', 'There is no unified batching.', 'Reload.'));
    const { requests } = made.value;
    rate = saturatedRate({ planner: unified.value.planner, requests, limits, cost }).requests;
    capacities.set(key, rate);
  }
  return ok(rate);
}

function readWork({ work, pages, pageSize, cost, text }: WantedText): Result<Work, Failure> {
  if (isLengths(work)) {
    const lengths = readLengths(work);
    if (!lengths.ok) return lengths;
    const requests = requestsOf(lengths.value);
    const limits = limitsFor(requests, pages, pageSize || USUAL.pageSize);
    const workload = { id: LISTED, knobs: { lengths: work } };
    return ok({ requests, closed: undefined, limits, workload, notes: [], capacity: undefined });
  }
  const { name, given } = readNamed(work);
  const found = workloads.get(name);
  if (!found)
    return err(
      failure(
        'workload',
        `There is no workload "${name}".`,
        `There are ${[...workloads.keys()].join(', ')}; or list requests as 8x2,8x8.`,
      ),
    );
  const limits = {
    ...USUAL,
    pages: pages || USUAL.pages,
    pageSize: pageSize || USUAL.pageSize,
    vocabulary: Math.max(USUAL.vocabulary, text?.vocabulary ?? 0),
  };
  const rate = isRelative(given) && cost ? capacityOf(found, given, limits, cost, text) : undefined;
  if (rate && !rate.ok) return rate;
  const made = found.make(given, {
    seed: SEED,
    limits,
    ...(rate ? { capacity: rate.value } : {}),
    ...(text ? { text } : {}),
  });
  if (!made.ok) return made;
  const { requests, closed, knobs, notes } = made.value;
  const said = rate
    ? [...notes, `Saturated, ${cost?.label} serves ${rate.value.toPrecision(3)} of these requests a second.`]
    : notes;
  return ok({ requests, closed, limits, workload: { id: name, knobs }, notes: said, capacity: rate?.value });
}

export function readWanted(text: WantedText): Result<Wanted, Failure> {
  if (text.tracks.length > MOST_TRACKS)
    return err(
      failure('tracks', `There are ${text.tracks.length} tracks.`, `Compare up to ${MOST_TRACKS} at a time.`),
    );
  const tracks: TrackSpec[] = [];
  for (const key of text.tracks) {
    const track = readTrack(key);
    if (!track.ok) return track;
    tracks.push(track.value);
  }
  const work = readWork(text);
  return work.ok ? ok({ tracks, ...work.value, lookahead: text.lookahead }) : work;
}

/** What to run for each track on the virtual clock. */
export const serveRequests = (want: Wanted, cost: CostModel): readonly ServeRequest[] =>
  want.tracks.map((track) => ({
    name: track.preset?.id ?? track.strategy.id,
    given: track.given,
    requests: want.requests,
    closed: want.closed,
    limits: want.limits,
    cost,
    lookahead: want.lookahead,
    workload: want.workload,
  }));

/** For a model on the GPU. Pages of the kernels hold 8 tokens at least; the pool keeps its size in tokens. */
export function limitsOnGpu(limits: Limits, model: Pick<ModelConfig, 'vocab' | 'window'>): Limits {
  const pageSize = pageSizes.find((size) => size >= limits.pageSize) ?? 64;
  const pages = Math.ceil((limits.pages * limits.pageSize) / pageSize);
  return { pages, pageSize, window: Math.min(limits.window, model.window), vocabulary: model.vocab };
}
