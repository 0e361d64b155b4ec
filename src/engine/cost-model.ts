// How long a step takes: a linear model over what a step contains. Each device has its coefficients in a
// JSON file of its own (devices/), with where they come from; the label travels with every result.

import { messageOf } from '../core/message-of.ts';
import { err, type Failure, failure, ok, type Result } from '../core/result.ts';
import type { StepBatch } from './executor.ts';
import { seenAfter, type Ticks } from './ticks.ts';

/** What a step contains, as the model sees it. */
export interface StepFeatures {
  /** Always 1: submit, bookkeeping. */
  readonly step: number;
  /** 1 when the step computes more than one token: a lone row has kernels of its own. */
  readonly batched: number;
  /** Tokens of rows with more than one token, padding included. */
  readonly prefillTokens: number;
  /** Rows with one token. */
  readonly decodeRows: number;
  /** Σ over tokens, padding too, of the positions each attends to. */
  readonly attended: number;
  /** All tokens, rounded up to whole tiles: what the matrix multiplications compute. */
  readonly tileRows: number;
  readonly logitRows: number;
  readonly dispatches: number;
  /** Always 1 when something is sampled: the wait for the ids. */
  readonly readback: number;
}
export const FEATURES = [
  'step',
  'batched',
  'prefillTokens',
  'decodeRows',
  'attended',
  'tileRows',
  'logitRows',
  'dispatches',
  'readback',
] as const satisfies readonly (keyof StepFeatures)[];

/** Where coefficients come from. Only `fitted` ones may be called measured. */
export type Provenance =
  | { readonly kind: 'definition' | 'illustrative'; readonly note: string }
  | {
      readonly kind: 'fitted';
      readonly device: string;
      readonly browser: string;
      readonly date: string;
      readonly command: string;
      /** The model whose steps were measured; absent in fits of before it was written down. */
      readonly stored?: StoredModel;
      /** Relative errors of steps that the fit had not seen. */
      readonly residuals: { readonly median: number; readonly p90: number; readonly n: number };
    };

export interface CostModel {
  readonly id: string;
  readonly label: string;
  readonly provenance: Provenance;
  /** Rows of a matrix-multiplication tile. */
  readonly tile: number;
  /** Dispatches of one step of the model that the coefficients describe. */
  readonly dispatchesPerStep: number;
  /** Seconds for one of each. */
  readonly seconds: StepFeatures;
  /** Seconds of host work between two steps, hidden when planning ahead. */
  readonly host: number;
  /** The grid on which the browser tells of steps that ended; absent where it tells at once. */
  readonly ticks?: Ticks | undefined;
}

/** A model as it is stored: its steps take other times than those of another one. */
export interface StoredModel {
  readonly model: string;
  readonly weights: string;
  readonly kv: string;
}

export const storedText = ({ model, weights, kv }: StoredModel): string =>
  `${model} (${weights} weights, ${kv} KV)`;

/** What a fit is of: a model as it is stored, on a device. One of each is kept. */
export interface FitOf extends StoredModel {
  /** The device in one line. */
  readonly device: string;
}

export const fitId = ({ model, weights, kv, device }: FitOf): string =>
  `${model} ${weights} ${kv} on ${device}`;

/** Reads coefficients from a file that calibration wrote. */
export function readCostModel(text: string): Result<CostModel, Failure> {
  const refuse = (why: string): Result<never, Failure> =>
    err(failure('cost-model', `This is no cost model: ${why}.`, 'Calibration writes one: --calibrate FILE.'));
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    return refuse(messageOf(error));
  }
  const model = data as Partial<CostModel> | null;
  const { id, label, provenance, tile, dispatchesPerStep, seconds, host } = model ?? {};
  if (typeof id !== 'string' || typeof label !== 'string') return refuse('it has no "id" and "label"');
  if (!provenance || !PROVENANCES.includes(provenance.kind)) return refuse('it has no "provenance"');
  for (const [name, value] of Object.entries({ tile, dispatchesPerStep, host }))
    if (!isCost(value)) return refuse(`"${name}" is ${value}`);
  for (const name of FEATURES)
    if (!isCost(seconds?.[name])) return refuse(`"seconds.${name}" is ${seconds?.[name]}`);
  return ok(model as CostModel);
}

const PROVENANCES: readonly Provenance['kind'][] = ['definition', 'illustrative', 'fitted'];
const isCost = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value) && value >= 0;

/** One line for tables and pages: what the times rest on. */
export function describeCost(model: CostModel): string {
  const { provenance: p } = model;
  switch (p.kind) {
    case 'definition':
      return `${model.label} (${p.note})`;
    case 'illustrative':
      return `${model.label} (coefficients: illustrative, not measured)`;
    case 'fitted':
      return `${model.label} (fitted ${p.date} on ${p.device}${p.device.includes(p.browser) ? '' : `, ${p.browser}`}; median error ${(p.residuals.median * 100).toFixed(1)} %${seenEvery(model)})`;
  }
}

/** How often ends of steps are seen, where they are not seen at once. */
const seenEvery = ({ ticks }: CostModel): string =>
  ticks ? `; ends of steps are seen every ${(ticks.every * 1e3).toFixed(1)} ms` : '';

export function featuresOf(
  batch: StepBatch,
  model: Pick<CostModel, 'tile' | 'dispatchesPerStep'>,
): StepFeatures {
  let prefillTokens = 0;
  let decodeRows = 0;
  for (let i = 0; i < batch.rows; i++) {
    const tokens = (batch.count[i] as number) + (batch.padding[i] as number);
    if (tokens > 1) prefillTokens += tokens;
    else decodeRows++;
  }
  return featuresOfSums(
    { prefillTokens, decodeRows, attended: batch.attended, samples: batch.sampleCount },
    model,
  );
}

/** From what the rows of a step add up to. */
export function featuresOfSums(
  step: Pick<StepFeatures, 'prefillTokens' | 'decodeRows' | 'attended'> & { readonly samples: number },
  model: Pick<CostModel, 'tile' | 'dispatchesPerStep'>,
): StepFeatures {
  const { prefillTokens, decodeRows, attended, samples } = step;
  return {
    step: 1,
    batched: prefillTokens + decodeRows > 1 ? 1 : 0,
    prefillTokens,
    decodeRows,
    attended,
    tileRows: Math.ceil((prefillTokens + decodeRows) / model.tile) * model.tile,
    logitRows: samples,
    dispatches: model.dispatchesPerStep,
    readback: samples > 0 ? 1 : 0,
  };
}

/** What predicts a step. */
export type StepClock = Pick<CostModel, 'seconds' | 'ticks'>;

/** Seconds from a step's begin to when its end is seen. */
export const stepSeconds = (features: StepFeatures, model: StepClock): number =>
  seenAfter(workSeconds(features, model), model.ticks);

/** Seconds that a step works. */
export function workSeconds(features: StepFeatures, model: Pick<CostModel, 'seconds'>): number {
  let seconds = 0;
  // coefficients that a page stored before a feature existed lack it
  for (const name of FEATURES) seconds += features[name] * (model.seconds[name] ?? 0);
  return seconds;
}
