// The trained models in the box (models/): their shapes at once, tokenizer and weights when they are asked for, from the
// site itself. How they were made is in models/README.md.

import { messageOf } from '../core/message-of.ts';
import { err, type Failure, failure, ok, type Result, unwrap } from '../core/result.ts';
import type { CheckpointFile } from './checkpoint-file.ts';
import type { ModelConfig } from './config.ts';
import { configFromJson } from './config-json.ts';

export interface BuiltIn {
  /** Its folder in models/. */
  readonly name: string;
  readonly config: ModelConfig;
  /** Ids of the tokens that begin and end a text. */
  readonly begin: number;
  readonly end: number;
  /** Its tokenizer.json. */
  tokenizer(): Promise<object>;
  /** Its files as openCheckpoint takes them. */
  files(): Promise<Result<readonly CheckpointFile[], Failure<'not-fetched'>>>;
}

type ConfigJson = Readonly<Record<'bos_token_id' | 'eos_token_id', number>>;

const configs = import.meta.glob<ConfigJson>('../../models/*/config.json', {
  eager: true,
  import: 'default',
});
const weights = import.meta.glob<string>('../../models/*/model.safetensors', {
  eager: true,
  query: '?url',
  import: 'default',
});
const tokenizers = import.meta.glob<object>('../../models/*/tokenizer.json', { import: 'default' });

async function fetchWeights(name: string, url: string): Promise<Result<Blob, Failure<'not-fetched'>>> {
  const failed = (why: string) =>
    err(
      failure(
        'not-fetched',
        `The weights of ${name} could not be fetched: ${why}.`,
        'Check the connection; after a first whole visit they are there offline too.',
      ),
    );
  try {
    const response = await fetch(url);
    return response.ok ? ok(await response.blob()) : failed(`${response.status} ${response.statusText}`);
  } catch (error) {
    return failed(messageOf(error));
  }
}

function builtIn(path: string, json: ConfigJson): BuiltIn {
  const folder = path.slice(0, path.lastIndexOf('/'));
  const name = folder.slice(folder.lastIndexOf('/') + 1);
  const url = weights[`${folder}/model.safetensors`];
  const tokenizer = tokenizers[`${folder}/tokenizer.json`];
  if (url === undefined || !tokenizer)
    throw new Error(`models/${name} needs config.json, tokenizer.json and model.safetensors.`);
  return {
    name,
    config: unwrap(configFromJson(json, name)),
    begin: json.bos_token_id,
    end: json.eos_token_id,
    tokenizer,
    async files() {
      const blob = await fetchWeights(name, url);
      if (!blob.ok) return blob;
      return ok([
        { name: 'config.json', blob: new Blob([JSON.stringify(json)]) },
        { name: 'model.safetensors', blob: blob.value },
      ]);
    },
  };
}

/** By name, `base` first. */
export const builtIns: ReadonlyMap<string, BuiltIn> = new Map(
  Object.entries(configs)
    .map(([path, json]) => builtIn(path, json))
    .map((model) => [model.name, model] as const),
);
