// Reads a Hugging Face config.json of the Llama family. Every field that changes the mathematics is either
// understood or refused by name; a field that nobody here knows is refused too, unless it says that something is absent.
// What a field means and what its absence means is as in transformers (configuration_*.py of these models).

import { ok, type Result } from '../core/result.ts';
import { configFault, type ModelConfig } from './config.ts';
import { bad, type ConfigFailure, type Json, refuse } from './config-refusal.ts';
import { ropeOf } from './rope-json.ts';
import { show } from './strict-json.ts';

interface Architecture {
  readonly type: 'llama' | 'mistral' | 'qwen2';
  /** Qwen2's Q, K and V have a bias, whatever config.json says. */
  readonly qkvBias: ModelConfig['qkvBias'];
}

/** Architectures whose layers are this decoder. */
const architectures: ReadonlyMap<unknown, Architecture> = new Map<unknown, Architecture>([
  ['LlamaForCausalLM', { type: 'llama', qkvBias: 'none' }],
  ['MistralForCausalLM', { type: 'mistral', qkvBias: 'none' }],
  ['Qwen2ForCausalLM', { type: 'qwen2', qkvBias: 'present' }],
]);

/** Sizes and numbers, by the field of ModelConfig that holds them. */
const numbers = {
  layers: 'num_hidden_layers',
  width: 'hidden_size',
  heads: 'num_attention_heads',
  kvHeads: 'num_key_value_heads',
  headDim: 'head_dim',
  hidden: 'intermediate_size',
  vocab: 'vocab_size',
  window: 'max_position_embeddings',
  normEpsilon: 'rms_norm_eps',
  ropeTheta: 'rope_theta',
} as const satisfies Partial<Record<keyof ModelConfig, string>>;

/** Fields that are read, below or in rope-json.ts. */
const understood = new Set<string>([
  ...Object.values(numbers),
  'architectures',
  'model_type',
  'rope_scaling',
  'rope_parameters',
  'tie_word_embeddings',
  'sliding_window',
  'use_sliding_window',
  'max_window_layers',
  'layer_types',
]);

/** Fields that change the mathematics, with the value that asks for what the kernels compute; null is the same. */
const fixed: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['hidden_act', 'silu'],
  ['attention_bias', false],
  ['mlp_bias', false],
  ['is_causal', true],
  ['use_mrope', false],
  ['rope_interleaved', false],
  ['partial_rotary_factor', 1],
  ['embedding_multiplier', 1],
  ['residual_multiplier', 1],
  ['logits_scaling', 1],
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
  'transformers.js_config',
  'name',
  'task_specific_params',
  'hidden_dropout',
  'attn_implementation',
  'unsloth_fixed',
  'unsloth_version',
]);

/** Whether a value says that a feature is not there. A number never does: 1 is neutral as a factor, but not as a cap of logits. */
const absent = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  value === false ||
  value === '' ||
  (typeof value === 'object' && Object.keys(value).length === 0);

/** The config that a config.json describes; `name` is for people. */
export function configFromJson(json: unknown, name: string): Result<ModelConfig, ConfigFailure> {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return bad('it is no object', 'Give the config.json of a model.');
  const c = json as Json;
  const list = c['architectures'];
  const architecture = Array.isArray(list) && list.length === 1 ? architectures.get(list[0]) : undefined;
  if (!architecture)
    return refuse(
      'architectures',
      list,
      `Supported, one at a time: ${[...architectures.keys()].join(', ')}.`,
    );
  const refused = refusal(c, architecture);
  if (refused) return refused;
  const rope = ropeOf(c);
  if (!rope.ok) return rope;

  const missing: string[] = [];
  const number = (field: keyof typeof numbers, otherwise?: number): number => {
    const value = c[numbers[field]] ?? otherwise;
    if (typeof value === 'number') return value;
    missing.push(numbers[field]);
    return Number.NaN;
  };
  const heads = number('heads');
  const width = number('width');
  const config: ModelConfig = {
    name,
    layers: number('layers'),
    width,
    heads,
    kvHeads: number('kvHeads', heads),
    headDim: number('headDim', width / heads),
    hidden: number('hidden'),
    vocab: number('vocab'),
    window: number('window'),
    normEpsilon: number('normEpsilon'),
    ropeTheta: rope.value.theta,
    ropeScaling: rope.value.scaling,
    qkvBias: architecture.qkvBias,
    embeddings: c['tie_word_embeddings'] === true ? 'tied' : 'separate',
  };
  if (missing.length > 0)
    return bad(`${missing.join(', ')} is missing or no number`, 'Give a complete config.json.');
  const layers = c['layer_types'];
  if (Array.isArray(layers) && layers.length !== config.layers)
    return bad(
      `layer_types has ${layers.length} entries for ${config.layers} layers`,
      'It needs one a layer.',
    );
  const fault = configFault(config);
  if (!fault) return ok(config);
  const { field, value, hint } = fault;
  return field === 'ropeScaling'
    ? bad(`${rope.value.field} is ${show(c[rope.value.field])}`, hint)
    : bad(`${numbers[field]} is ${show(value)}`, hint);
}

/** The first field that asks for mathematics that no kernel here does. */
function refusal(c: Json, { type }: Architecture): Result<never, ConfigFailure> | undefined {
  const given = c['model_type'] ?? type;
  if (given !== type) return refuse('model_type', given, `Its architecture is of the type ${type}.`);
  for (const [field, value] of fixed)
    if ((c[field] ?? value) !== value) return refuse(field, c[field], `Only ${show(value)} is supported.`);
  for (const field of ['tie_word_embeddings', 'use_sliding_window'])
    if (typeof (c[field] ?? false) !== 'boolean') return refuse(field, c[field], 'It must be true or false.');
  const slides = slidingWindow(c, type);
  if (slides !== null) return refuse('sliding_window', slides, 'Sliding-window attention is not supported.');
  const kinds = c['layer_types'] ?? [];
  if (!Array.isArray(kinds) || kinds.some((kind) => kind !== 'full_attention'))
    return refuse('layer_types', kinds, 'Only full_attention layers are supported.');
  for (const [field, value] of Object.entries(c)) {
    const known = understood.has(field) || fixed.has(field) || harmless.has(field) || field.startsWith('_');
    if (known || absent(value)) continue;
    return refuse(
      field,
      value,
      'This field is not understood and may change the result; remove it if it does not.',
    );
  }
  return undefined;
}

/** The window that attention slides over; null where it sees every token before. */
function slidingWindow(c: Json, type: Architecture['type']): unknown {
  const { sliding_window: window = 4096, use_sliding_window: used } = c;
  // without the field a Mistral slides too, whatever `use_sliding_window` says
  if (type === 'mistral' || used === true) return window;
  // transformers' Llama knows neither field: a window there is of a model that is none
  return type === 'llama' && used !== false ? (c['sliding_window'] ?? null) : null;
}
