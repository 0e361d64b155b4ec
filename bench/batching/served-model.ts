// Which model the commands serve, by what was asked for and the device, and how many pages a KV budget buys of it.

import { err, type Failure, failure, ok, type Result } from '../../src/core/result.ts';
import type { Limits } from '../../src/engine/view.ts';
import { builtIns } from '../../src/model/built-in.ts';
import { type ActivationFormat, kvFormats, weightFormats } from '../../src/model/formats.ts';
import { type PresetName, presets } from '../../src/model/presets.ts';
import { pagesForBudget } from '../../src/model/sizes.ts';
import type { ServedModel } from '../../src/worker/serving/protocol.ts';

/** What was asked for of the model; what is left out depends on the device. */
export interface WantedModel {
  readonly name?: string;
  readonly weights?: string;
  readonly kv?: string;
}

/**
 * A tiny model shows only what starting kernels costs, so hardware serves a shape of 135M parameters unless told otherwise; on a CPU
 * adapter that would take minutes.
 */
export const modelFor = (wanted: WantedModel, fallback: boolean): Result<ServedModel, Failure> =>
  servedModel(
    wanted.name ?? (fallback ? 'nano' : 'SmolLM2-135M'),
    wanted.weights ?? (fallback ? 'f32' : 'f16'),
    wanted.kv ?? 'f32',
  );

/** A trained model of the box, or a preset's shape with seeded weights, by name. */
export function servedModel(
  name: string,
  weights: string,
  kv: string,
  activations: ActivationFormat = 'f32',
): Result<ServedModel, Failure> {
  const trained = builtIns.get(name);
  const shape = Object.hasOwn(presets, name) ? presets[name as PresetName] : undefined;
  const config = trained?.config ?? shape;
  const w = weightFormats.find((f) => f === weights);
  const k = kvFormats.find((f) => f === kv);
  if (!config)
    return err(
      failure(
        'option',
        `There is no model "${name}".`,
        `Models: ${[...builtIns.keys(), ...Object.keys(presets)].join(', ')}.`,
      ),
    );
  if (!w)
    return err(failure('option', `--weights cannot be "${weights}".`, `Choose ${weightFormats.join(', ')}.`));
  if (!k) return err(failure('option', `--kv cannot be "${kv}".`, `Choose ${kvFormats.join(', ')}.`));
  const options = { weights: w, activations, kv: k, kernels: 'auto' } as const;
  return ok(trained ? { config, options, builtIn: trained.name } : { config, options, seed: 1 });
}

/** Pages that a KV budget buys when only the model is known; on a device its own limits count too. */
export function poolOf(kvMib: number, model: ServedModel, pageSize: number): number {
  const pages = pagesForBudget([model], pageSize, kvMib * 2 ** 20);
  if (pages < 1)
    throw new Error(`--kv-mib ${kvMib} holds no page of ${model.config.name}. Give more, or --kv i8.`);
  return pages;
}

/** How a KV budget became pages; `--pages` with the same number serves the same anywhere. */
export const budgetNote = (mib: number, { config, options }: ServedModel, limits: Limits): string =>
  `A KV budget of ${mib} MiB for ${config.name} in ${options.kv}: ${limits.pages} pages of ${limits.pageSize} tokens`;
