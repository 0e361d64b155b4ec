// Turns the batching command's options into contestants, a workload and limits; every mistake is named with
// what there is instead.

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { isOf } from '../../src/app/batching/fits.ts';
import type { KnobValue } from '../../src/core/knobs.ts';
import { err, type Failure, failure, ok, type Result } from '../../src/core/result.ts';
import type { Contestant } from '../../src/engine/compare.ts';
import { type CostModel, readCostModel } from '../../src/engine/cost-model.ts';
import { costModels } from '../../src/engine/devices/index.ts';
import type { Slo } from '../../src/engine/metrics/latency.ts';
import type { Limits } from '../../src/engine/view.ts';
import { builtIns } from '../../src/model/built-in.ts';
import { findStrategy, strategies } from '../../src/strategies/index.ts';
import type { ServedModel } from '../../src/worker/serving/protocol.ts';
import type { Generated, TextSource } from '../../src/workloads/contract.ts';
import { textSource } from '../../src/workloads/corpus/prompts.ts';
import { importTrace } from '../../src/workloads/importers/index.ts';
import { workloads } from '../../src/workloads/index.ts';

const wrong = (message: string, hint: string): Result<never, Failure> =>
  err(failure('option', message, hint));

/** `a=1,b=two` and repeated options to [name, value] pairs. A value may hold commas when quoted by `;`. */
export function pairs(texts: readonly string[]): Result<[string, string][], Failure> {
  const found: [string, string][] = [];
  for (const text of texts) {
    const at = text.indexOf('=');
    if (at < 1) return wrong(`--set ${text} names no value.`, 'Write it as knob=value.');
    found.push([text.slice(0, at).trim(), text.slice(at + 1).trim()]);
  }
  return ok(found);
}

/** Seconds, written as a number of seconds or with a unit: 0.2, 200ms, 1.5s. */
export function seconds(text: string): number | undefined {
  const match = /^([\d.]+(?:e-?\d+)?)\s*(ms|s|)$/.exec(text.trim());
  if (!match) return undefined;
  const value = Number(match[1]) * (match[2] === 'ms' ? 0.001 : 1);
  return Number.isFinite(value) && value > 0 ? value : undefined;
}

export function parseSlo(text: string | undefined): Result<Slo | undefined, Failure> {
  if (text === undefined) return ok(undefined);
  const slo: { ttft?: number; tpot?: number; e2e?: number; itl?: number } = {};
  for (const part of text.split(',')) {
    const [name = '', value = ''] = part.split('=');
    const limit = seconds(value);
    if (name !== 'ttft' && name !== 'tpot' && name !== 'e2e' && name !== 'itl')
      return wrong(`--slo knows no "${name}".`, 'Objectives: ttft, tpot, e2e, itl.');
    if (limit === undefined) return wrong(`--slo ${part} is no time.`, 'Write ttft=0.5 or tpot=50ms.');
    slo[name] = limit;
  }
  return ok(slo);
}

/** Knobs meant for everyone that has them (`slots=8`) or for one (`static.slots=8`, `workload.requests=9`). */
export class Settings {
  private readonly list: readonly [string, string][];

  constructor(list: readonly [string, string][]) {
    this.list = list;
  }

  for(names: readonly string[], knobs: readonly string[]): Record<string, KnobValue> {
    const chosen: Record<string, KnobValue> = {};
    for (const [name, value] of this.list) {
      const dot = name.lastIndexOf('.');
      if (dot < 0 && knobs.includes(name)) chosen[name] = value;
      if (dot > 0 && names.includes(name.slice(0, dot))) chosen[name.slice(dot + 1)] = value;
    }
    return chosen;
  }

  /** The first setting that nobody takes. */
  unused(
    owners: readonly { readonly names: readonly string[]; readonly knobs: readonly string[] }[],
  ): string | undefined {
    for (const [name] of this.list) {
      const dot = name.lastIndexOf('.');
      const owner = name.slice(0, Math.max(0, dot));
      const taken = owners.some((o) => (dot < 0 ? o.knobs.includes(name) : o.names.includes(owner)));
      if (!taken) return name;
    }
    return undefined;
  }
}

export function contestants(
  names: readonly string[],
  settings: Settings,
  limits: Limits,
): Result<Contestant[], Failure> {
  const list: Contestant[] = [];
  for (const name of names) {
    const found = findStrategy(name);
    if (!found) {
      const presets = [...strategies.values()].flatMap((s) => s.presets.map((p) => p.id));
      return wrong(
        `There is no strategy "${name}".`,
        `Strategies: ${[...strategies.keys()].join(', ')}; presets: ${presets.join(', ')}.`,
      );
    }
    const { strategy, preset } = found;
    const given = { ...preset?.knobs, ...settings.for([name, strategy.id], Object.keys(strategy.knobs)) };
    const made = strategy.make(given, limits);
    if (!made.ok) return made;
    list.push({
      strategy: strategy.id,
      ...(preset ? { preset: preset.id } : {}),
      knobs: made.value.knobs,
      planner: () => made.value.planner,
    });
  }
  return ok(list);
}

export interface WorkloadOptions {
  readonly seed: number;
  readonly limits: Limits;
  readonly capacity?: number;
  readonly text?: TextSource | undefined;
}

/** The workload whose prompts are words. */
export const REAL_TEXT = 'real-text';

/** Where its words come from: the tokenizer of the models in the box. */
export async function textFor(workload: string): Promise<TextSource | undefined> {
  const model = workload === REAL_TEXT ? builtIns.get('base') : undefined;
  return model && textSource(await model.tokenizer());
}

export interface ChosenWorkload extends Generated {
  readonly id: string;
  readonly knobs: Readonly<Record<string, KnobValue>>;
}

/** A generator by name, or an imported trace by path. */
export function chooseWorkload(
  name: string,
  settings: Settings,
  options: WorkloadOptions,
  override: Readonly<Record<string, KnobValue>> = {},
): Result<ChosenWorkload, Failure> {
  const workload = workloads.get(name);
  if (workload) {
    const given = { ...settings.for([name, 'workload'], Object.keys(workload.knobs)), ...override };
    const { text, ...context } = options;
    const made = workload.make(given, text ? { ...context, text } : context);
    return made.ok ? ok({ ...made.value, id: name }) : made;
  }
  if (!/[./\\]/.test(name))
    return wrong(
      `There is no workload "${name}".`,
      `Workloads: ${[...workloads.keys()].join(', ')}, or the path of a trace file.`,
    );
  let text: string;
  try {
    text = readFileSync(name, 'utf8');
  } catch (error) {
    return wrong(
      `${name} cannot be read: ${error instanceof Error ? error.message : error}.`,
      'Check the path.',
    );
  }
  const given = settings.for(['workload'], ['first', 'scale', 'speed', 'spread', 'limit']);
  const knobs = { first: 0, scale: 0, speed: 1, spread: true, limit: 'exact', ...given };
  const imported = importTrace(text, {
    limits: options.limits,
    first: Number(knobs.first),
    scale: Number(knobs.scale),
    speed: Number(knobs.speed),
    spread: String(knobs.spread) !== 'false',
    limit: knobs.limit === 'window' ? 'window' : 'exact',
  });
  return imported.ok ? ok({ ...imported.value, id: name, knobs }) : imported;
}

/**
 * The cost model by name, or from a file that --calibrate wrote; without one, a set fitted to the model that is served, else to any,
 * else the illustrative one.
 */
export function chooseCost(
  name: string | undefined,
  served: Pick<ServedModel, 'config' | 'options'>,
): Result<CostModel, Failure> {
  const all = [...costModels.values()];
  const chosen = name
    ? costModels.get(name)
    : (all.find((m) => isOf(m, served)) ??
      all.find((m) => m.provenance.kind === 'fitted') ??
      costModels.get('illustrative'));
  if (chosen) return ok(chosen);
  if (name && /[./\\]/.test(name)) return costFrom(name);
  return wrong(
    `There is no cost model "${name}".`,
    `Cost models: ${[...costModels.keys()].join(', ')}, or the path of a file that --calibrate wrote.`,
  );
}

/** A fit as a file of its own: named for the file, as src/engine/devices wants it, and for whose it is wherever it is opened. */
export function namedFor(path: string, cost: CostModel): CostModel {
  const { provenance } = cost;
  if (provenance.kind !== 'fitted' || !provenance.stored) return cost;
  const [device] = provenance.device.split(' · ');
  return { ...cost, id: basename(path, '.json'), label: `${provenance.stored.model} on ${device}` };
}

function costFrom(path: string): Result<CostModel, Failure> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return wrong(
      `${path} cannot be read: ${error instanceof Error ? error.message : error}.`,
      'Check the path.',
    );
  }
  const read = readCostModel(text);
  return read.ok ? read : wrong(`${path}: ${read.error.message}`, read.error.hint);
}
