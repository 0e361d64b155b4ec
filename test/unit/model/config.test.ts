// config.json: what is understood, and what is refused by the name of its field.

import { describe, expect, it } from 'vitest';
import { unwrap } from '../../../src/core/result.ts';
import { checkConfig, parameterCount } from '../../../src/model/config.ts';
import { configFromJson } from '../../../src/model/config-json.ts';
import { presets } from '../../../src/model/presets.ts';
import { ropeFrequencies } from '../../../src/model/rope.ts';
import { configJson } from './checkpoint-files.ts';
import { published } from './published.ts';

const json = configJson(presets.nano);
const mistral = { architectures: ['MistralForCausalLM'] };
const qwen = { architectures: ['Qwen2ForCausalLM'] };
const refusal = (fields: Record<string, unknown>): string => {
  const read = configFromJson({ ...json, ...fields }, 'x');
  return read.ok ? 'accepted' : `${read.error.code}: ${read.error.message}`;
};

describe('config.json', () => {
  it('gives back the config that made it', () => {
    for (const preset of Object.values(presets)) {
      if (preset.ropeScaling.kind !== 'none') continue;
      expect(unwrap(configFromJson(configJson(preset), preset.name))).toEqual(preset);
    }
  });

  for (const [name, files] of Object.entries(published))
    for (const [i, file] of files.entries())
      it(`reads what was published of ${name} (${i + 1})`, () => {
        expect(unwrap(configFromJson(file, name))).toEqual(presets[name as keyof typeof published]);
      });

  const llama3 = {
    rope_type: 'llama3',
    factor: 32,
    low_freq_factor: 1,
    high_freq_factor: 4,
    original_max_position_embeddings: 8192,
  };

  it('reads rope_parameters as it reads rope_scaling', () => {
    const llama = presets['Llama-3.2-1B'];
    const newer = {
      ...configJson(llama),
      rope_theta: undefined,
      rope_parameters: { ...llama3, rope_theta: 500000 },
    };
    expect(unwrap(configFromJson(newer, llama.name))).toEqual(llama);
  });

  const accepted: readonly (readonly [string, Record<string, unknown>])[] = [
    [
      'fields that say that nothing is there',
      { quantization_config: null, qk_norm: false, pruned_heads: {} },
    ],
    ['factors of 1', { partial_rotary_factor: 1, embedding_multiplier: 1, residual_multiplier: 1.0 }],
    [
      'a rope that scales by 1',
      { rope_scaling: { rope_type: 'default', factor: 1, attention_factor: null } },
    ],
    ['both names of a rope type', { rope_scaling: { rope_type: 'linear', type: 'linear', factor: 2 } }],
    ['one rope_theta in two places', { rope_parameters: { rope_theta: json['rope_theta'] } }],
    ['a window that is not slid over', { sliding_window: 4096, use_sliding_window: false }],
    ['a Qwen2 that does not ask to slide', { ...qwen, sliding_window: 4096 }],
    ['a Mistral whose window is null', { ...mistral, sliding_window: null }],
  ];
  for (const [what, fields] of accepted)
    it(`accepts ${what}`, () => expect(refusal(fields)).toBe('accepted'));

  const refused: readonly (readonly [string, unknown, Record<string, unknown>?])[] = [
    ['architectures', ['GPT2LMHeadModel']],
    ['architectures', ['toString']],
    ['architectures', ['LlamaForCausalLM', 'Qwen2ForCausalLM']],
    ['architectures', undefined],
    ['model_type', 'gemma'],
    ['model_type', 'llama', qwen],
    ['hidden_act', 'gelu'],
    ['attention_bias', true],
    ['attention_bias', 'false'],
    ['mlp_bias', true],
    ['is_causal', false],
    ['use_mrope', true],
    ['rope_interleaved', true],
    ['tie_word_embeddings', 1],
    ['sliding_window', 4096],
    ['sliding_window', 4096, { ...mistral, use_sliding_window: false }],
    ['sliding_window', 4096, { ...qwen, use_sliding_window: true }],
    ['use_sliding_window', 'false'],
    ['layer_types', ['full_attention', 'sliding_attention']],
    ['layer_types', 'full_attention'],
    ['rope_scaling', 'yarn'],
    ['rope_scaling', [2]],
    ['rope_scaling', { rope_type: 'yarn', factor: 4 }],
    ['rope_scaling', { rope_type: 'toString' }],
    ['rope_scaling', { rope_type: 'linear', type: 'dynamic', factor: 4 }],
    ['rope_parameters', 7],
    ['rope_parameters', { full_attention: { rope_type: 'default' } }],
    ['rope_theta', '10000'],
    ['quantization_config', { bits: 4 }],
    ['final_logit_softcapping', 30],
    ['attn_logit_softcapping', 1],
    ['embedding_multiplier', 12],
    ['residual_multiplier', 0],
    ['partial_rotary_factor', 0.5],
    ['no_rope_layer_interval', 1],
    ['some_future_field', 7],
  ];
  for (const [field, value, more] of refused) {
    it(`refuses ${field} = ${JSON.stringify(value)} by name`, () => {
      expect(refusal({ ...more, [field]: value })).toContain(`unsupported-config: config.json: ${field}`);
    });
  }

  const inside: readonly (readonly [string, unknown, Record<string, unknown>])[] = [
    ['partial_rotary_factor', 0.5, { rope_theta: 10000 }],
    ['attention_factor', 1.2, llama3],
    ['mrope_section', [16, 24, 24], {}],
    ['factor', 4, {}],
    ['beta_fast', 32, { rope_type: 'linear', factor: 2 }],
    ['factor', '32', llama3],
    ['factor', undefined, llama3],
    ['factor', -1, { rope_type: 'linear' }],
    ['low_freq_factor', Number.POSITIVE_INFINITY, llama3],
    ['original_max_position_embeddings', null, llama3],
  ];
  for (const field of ['rope_scaling', 'rope_parameters'])
    for (const [name, value, rope] of inside)
      it(`refuses ${field}.${name} = ${String(value)} by name`, () => {
        const message = refusal({ [field]: { ...rope, [name]: value } });
        expect(message).toContain(`unsupported-config: config.json: ${field}.${name} is `);
      });

  // JSON.parse reads 1e999 as infinity
  const impossible: readonly (readonly [string, unknown, Record<string, unknown>?])[] = [
    ['num_hidden_layers', 1e9],
    ['num_hidden_layers', 0],
    ['num_hidden_layers', 2.5],
    ['hidden_size', 2 ** 17],
    ['hidden_size', undefined],
    ['hidden_size', '64'],
    ['intermediate_size', 1e12],
    ['vocab_size', 2 ** 40],
    ['num_attention_heads', 2 ** 20],
    ['max_position_embeddings', 1e15],
    ['num_key_value_heads', 3],
    ['num_key_value_heads', 1, { num_attention_heads: 16 }],
    ['head_dim', 20],
    ['head_dim', Number.POSITIVE_INFINITY],
    ['rms_norm_eps', Number.POSITIVE_INFINITY],
    ['rms_norm_eps', 1e-60],
    ['rms_norm_eps', 0],
    ['rope_theta', Number.POSITIVE_INFINITY],
    ['rope_theta', 1],
    ['rope_theta', 20000, { rope_parameters: { rope_theta: 30000 } }],
    ['rope_scaling', { ...llama3, high_freq_factor: 1 }],
    ['rope_parameters', { ...llama3, high_freq_factor: 1 }],
    ['rope_parameters', { rope_type: 'default' }, { rope_scaling: { factor: 1 } }],
    ['layer_types', ['full_attention']],
  ];
  for (const [field, value, more] of impossible) {
    it(`refuses ${field} = ${String(value)}, which no model has, by name`, () => {
      expect(refusal({ ...more, [field]: value })).toContain(`bad-config: config.json: ${field}`);
    });
  }

  it('says a number that JSON cannot, and cuts what is long', () => {
    expect(refusal({ rms_norm_eps: Number.POSITIVE_INFINITY })).toContain('rms_norm_eps is Infinity.');
    expect(refusal({ some_future_field: 'x'.repeat(1e6) }).length).toBeLessThan(200);
    expect(refusal({ ['x'.repeat(1e6)]: 1 }).length).toBeLessThan(200);
  });

  it('refuses what is no object', () => {
    for (const wrong of [null, [], 'x', 3]) expect(configFromJson(wrong, 'x').ok).toBe(false);
  });
});

describe('presets', () => {
  // the published totals; Qwen2.5-0.5B and Llama-3.2-1B count tied embeddings once
  const totals = {
    stories15M: 15_191_712,
    'SmolLM2-135M': 134_515_008,
    'Qwen2.5-0.5B': 494_032_768,
    'Llama-3.2-1B': 1_235_814_400,
    'TinyLlama-1.1B': 1_100_048_384,
  } as const;
  it('are runnable and have as many parameters as their models', () => {
    for (const preset of Object.values(presets)) expect(checkConfig(preset).ok).toBe(true);
    for (const [name, count] of Object.entries(totals))
      expect(parameterCount(presets[name as keyof typeof totals]), name).toBe(count);
  });
});

describe('rope scaling', () => {
  it('keeps high frequencies, divides low ones, blends between', () => {
    const llama = presets['Llama-3.2-1B'];
    const plain = ropeFrequencies({ ...llama, ropeScaling: { kind: 'none' } });
    const scaled = ropeFrequencies(llama);
    expect(scaled[0]).toBe(plain[0]);
    expect(scaled[31]).toBeCloseTo((plain[31] ?? 0) / 32, 12);
    const ratios = [...scaled].map((f, i) => f / (plain[i] ?? 1));
    expect(ratios).toEqual([...ratios].sort((a, b) => b - a));
    expect(ratios.some((r) => r > 1 / 32 + 1e-9 && r < 1 - 1e-9)).toBe(true);
  });
});
