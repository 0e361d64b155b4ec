// Where a model's weights come from, opened for the runtime: a seed, the box, or the reader's own files. Nothing is
// allocated here, and nothing fetched before the weights are asked for.

import { err, type Failure, failure, ok, type Result } from '../core/result.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Pipelines } from '../gpu/pipelines.ts';
import { type BuiltIn, builtIns } from '../model/built-in.ts';
import { checkpointSource, checkTensors, openCheckpoint } from '../model/checkpoint.ts';
import type { CheckpointFile } from '../model/checkpoint-file.ts';
import { checkConfig, type ModelConfig } from '../model/config.ts';
import { seededSource } from '../model/seeded-source.ts';
import type { WeightSource } from '../model/weights.ts';
import type { GenerateSource } from './generate/protocol.ts';
import type { ServedModel } from './serving/protocol.ts';

export interface OpenedModel {
  readonly config: ModelConfig;
  weights(): Promise<Result<WeightSource, Failure>>;
}

/** The model in the box of that name, or what there is instead. */
export function findBuiltIn(name: string): Result<BuiltIn, Failure> {
  const found = builtIns.get(name);
  const all = [...builtIns.keys()].join(', ');
  return found
    ? ok(found)
    : err(failure('no-model', `There is no model "${name}" in the box.`, `There are: ${all}.`));
}

const sourceOf = (served: ServedModel): GenerateSource =>
  'builtIn' in served
    ? { kind: 'built-in', name: served.builtIn }
    : { kind: 'seeded', config: served.config, seed: served.seed };

/** Opens a source. The headers of a reader's own files are checked whole before this answers. */
export async function openModel(
  gpu: Gpu,
  pipelines: Pipelines,
  source: GenerateSource,
): Promise<Result<OpenedModel, Failure>> {
  switch (source.kind) {
    case 'seeded': {
      const config = checkConfig(source.config);
      if (!config.ok) return config;
      return ok({
        config: config.value,
        weights: async () => ok(seededSource(gpu, pipelines, source.seed)),
      });
    }
    case 'built-in': {
      const found = findBuiltIn(source.name);
      if (!found.ok) return found;
      const { config, name } = found.value;
      return ok({
        config,
        async weights() {
          const files = await found.value.files();
          if (!files.ok) return files;
          const opened = await openFiles(gpu, files.value, name);
          return opened.ok ? opened.value.weights() : opened;
        },
      });
    }
    case 'files':
      return openFiles(gpu, source.files, source.name);
  }
}

async function openFiles(
  gpu: Gpu,
  files: readonly CheckpointFile[],
  name: string,
): Promise<Result<OpenedModel, Failure>> {
  const opened = await openCheckpoint(files, name);
  if (!opened.ok) return opened;
  const whole = checkTensors(opened.value);
  if (!whole.ok) return whole;
  const { config } = opened.value;
  return ok({ config, weights: async () => ok(checkpointSource(gpu, opened.value)) });
}

/** The weights of a model that serves. */
export async function weightsOf(
  gpu: Gpu,
  pipelines: Pipelines,
  served: ServedModel,
): Promise<Result<WeightSource, Failure>> {
  const opened = await openModel(gpu, pipelines, sourceOf(served));
  return opened.ok ? opened.value.weights() : opened;
}
