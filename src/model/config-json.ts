// Reads a Hugging Face config.json of the Llama family. Every field that changes the mathematics is either
// understood or refused by name; a field that nobody here knows is refused too, unless its value is neutral.

import type { Failure, Result } from '../core/result.ts';
import { err, failure, ok } from '../core/result.ts';
import { checkConfig, type ModelConfig, type RopeScaling } from './config.ts';

export type ConfigFailure = Failure<'bad-config' | 'unsupported-config'>;
type Json = Readonly<Record<string, unknown>>;

/** Architectures whose layers are this decoder; Qwen2's Q, K and V have a bias. */
const architectures: Readonly<Record<string, ModelConfig['qkvBias']>> = {
  LlamaForCausalLM: 'none',
  MistralForCausalLM: 'none',
  Qwen2ForCausalLM: 'present',
};

/** Read below. */
const understood = new Set([
  'architectures',
  'model_type',
  'num_hidden_layers',
  'hidden_size',
  'num_attention_heads',
  'num_key_value_heads',
  'head_dim',
  'intermediate_size',
  'vocab_size',
  'max_position_embeddings',
  'rms_norm_eps',
  'rope_theta',
  'rope_scaling',
  'rope_parameters',
  'tie_word_embeddings',
  'hidden_act',
  'attention_bias',
  'mlp_bias',
  'sliding_window',
  'use_sliding_window',
  'max_window_layers',
  'layer_types',
]);

/** Of training, generation or storage: they change no logit of inference in f32. */
const harmless = new Set([
  'attention_dropout',
  'bos_token_id',
  'eos_token_id',
  'pad_token_id',
  'unk_token_id',
  'dtype',
  'torch_dtype',
  'initializer_range',
  'is_llama_config',
  'pretraining_tp',
  'transformers_version',
  'use_cache',
  'rope_interleaved',
  'use_mrope',
  'transformers.js_config',
  'name',
  'task_specific_params',
  'hidden_dropout',
  'attn_implementation',
]);

const neutral = (value: unknown): boolean =>
  value === null ||
  value === false ||
  value === 0 ||
  value === 1 ||
  value === '' ||
  (typeof value === 'object' && Object.keys(value).length === 0);

const refuse = (field: string, value: unknown, hint: string): Result<never, ConfigFailure> =>
  err(failure('unsupported-config', `config.json: ${field} is ${JSON.stringify(value)}.`, hint));

const bad = (message: string, hint: string): Result<never, ConfigFailure> =>
  err(failure('bad-config', `config.json: ${message}.`, hint));

/** The config that a config.json describes; `name` is for people. */
export function configFromJson(json: unknown, name: string): Result<ModelConfig, ConfigFailure> {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return bad('it is no object', 'Give the config.json of a model.');
  const c = json as Json;
  const list = c['architectures'];
  const architecture = Array.isArray(list) ? String(list[0]) : 'none';
  const qkvBias = architectures[architecture];
  if (!qkvBias) return refuse('architectures', list, `Supported: ${Object.keys(architectures).join(', ')}.`);
  const refused = refusal(c);
  if (refused) return refused;

  const missing: string[] = [];
  const number = (field: string, otherwise?: number): number => {
    const value = c[field] ?? otherwise;
    if (typeof value !== 'number') missing.push(field);
    return typeof value === 'number' ? value : Number.NaN;
  };
  const heads = number('num_attention_heads');
  const width = number('hidden_size');
  const rope = ropeOf(c);
  if (!rope.ok) return rope;
  const config: ModelConfig = {
    name,
    layers: number('num_hidden_layers'),
    width,
    heads,
    kvHeads: number('num_key_value_heads', heads),
    headDim: number('head_dim', width / heads),
    hidden: number('intermediate_size'),
    vocab: number('vocab_size'),
    window: number('max_position_embeddings'),
    normEpsilon: number('rms_norm_eps'),
    ropeTheta: rope.value.theta,
    ropeScaling: rope.value.scaling,
    qkvBias,
    embeddings: c['tie_word_embeddings'] === true ? 'tied' : 'separate',
  };
  if (missing.length > 0)
    return bad(`${missing.join(', ')} is missing or no number`, 'Give a complete config.json.');
  return checkConfig(config);
}

/** The first field that asks for mathematics that no kernel here does. */
function refusal(c: Json): Result<never, ConfigFailure> | undefined {
  const activation = c['hidden_act'] ?? 'silu';
  if (activation !== 'silu') return refuse('hidden_act', activation, 'Only silu is supported.');
  for (const field of ['attention_bias', 'mlp_bias']) {
    if (c[field]) return refuse(field, c[field], 'Only the Q, K and V bias of Qwen2 is supported.');
  }
  const slides = c['use_sliding_window'] ?? typeof c['sliding_window'] === 'number';
  if (slides)
    return refuse('sliding_window', c['sliding_window'], 'Sliding-window attention is not supported.');
  const kinds = c['layer_types'];
  if (Array.isArray(kinds) && kinds.some((kind) => kind !== 'full_attention'))
    return refuse('layer_types', kinds, 'Only full_attention layers are supported.');
  for (const [field, value] of Object.entries(c)) {
    if (understood.has(field) || harmless.has(field) || field.startsWith('_') || neutral(value)) continue;
    return refuse(
      field,
      value,
      'This field is not understood and may change the result; remove it if it does not.',
    );
  }
  return undefined;
}

type Rope = { readonly theta: number; readonly scaling: RopeScaling };

/** Reads rope_theta with rope_scaling, or the rope_parameters of newer files. */
function ropeOf(c: Json): Result<Rope, ConfigFailure> {
  const newer = c['rope_parameters'];
  const raw = (newer ?? c['rope_scaling'] ?? {}) as Json;
  const theta = Number((newer ? raw['rope_theta'] : c['rope_theta']) ?? 10000);
  const kind = raw['rope_type'] ?? raw['type'] ?? 'default';
  const number = (field: string): number => Number(raw[field]);
  const finite = (scaling: RopeScaling): Result<Rope, ConfigFailure> =>
    Object.values(scaling).every((v) => v === scaling.kind || (Number.isFinite(v) && Number(v) > 0))
      ? ok({ theta, scaling })
      : bad(`rope_scaling ${JSON.stringify(raw)} misses a number`, 'Give every field of its kind.');
  switch (kind) {
    case 'default':
      return ok({ theta, scaling: { kind: 'none' } });
    case 'linear':
      return finite({ kind: 'linear', factor: number('factor') });
    case 'llama3':
      return finite({
        kind: 'llama3',
        factor: number('factor'),
        lowFrequencyFactor: number('low_freq_factor'),
        highFrequencyFactor: number('high_freq_factor'),
        originalWindow: number('original_max_position_embeddings'),
      });
    default:
      return refuse('rope_scaling', raw, 'Supported: default, linear, llama3.');
  }
}
