// config.json: what is understood, and what is refused by the name of its field.

import { describe, expect, it } from 'vitest';
import { unwrap } from '../../../src/core/result.ts';
import { checkConfig, parameterCount } from '../../../src/model/config.ts';
import { configFromJson } from '../../../src/model/config-json.ts';
import { presets } from '../../../src/model/presets.ts';
import { ropeFrequencies } from '../../../src/model/rope.ts';
import { configJson } from './checkpoint-files.ts';

const json = configJson(presets.nano);
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

  it('reads the rope scaling of Llama 3.2', () => {
    const scaling = {
      rope_type: 'llama3',
      factor: 32,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 8192,
    };
    const llama = presets['Llama-3.2-1B'];
    expect(unwrap(configFromJson({ ...configJson(llama), rope_scaling: scaling }, llama.name))).toEqual(
      llama,
    );
    const newer = {
      ...configJson(llama),
      rope_theta: undefined,
      rope_parameters: { ...scaling, rope_theta: 500000 },
    };
    expect(unwrap(configFromJson(newer, llama.name))).toEqual(llama);
  });

  const refused: readonly (readonly [string, unknown])[] = [
    ['architectures', ['GPT2LMHeadModel']],
    ['hidden_act', 'gelu'],
    ['attention_bias', true],
    ['mlp_bias', true],
    ['sliding_window', 4096],
    ['layer_types', ['full_attention', 'sliding_attention']],
    ['rope_scaling', { rope_type: 'yarn', factor: 4 }],
    ['quantization_config', { bits: 4 }],
    ['final_logit_softcapping', 30],
    ['embedding_multiplier', 12],
    ['partial_rotary_factor', 0.5],
    ['some_future_field', 7],
  ];
  for (const [field, value] of refused) {
    it(`refuses ${field} = ${JSON.stringify(value)} by name`, () => {
      expect(refusal({ [field]: value })).toContain(`unsupported-config: config.json: ${field} is`);
    });
  }

  it('names a missing or impossible number', () => {
    expect(refusal({ hidden_size: undefined })).toContain('hidden_size');
    expect(refusal({ num_key_value_heads: 3 })).toContain('kvHeads');
    expect(refusal({ head_dim: 20 })).toContain('headDim');
    expect(refusal({ rope_scaling: { type: 'linear' } })).toContain('rope_scaling');
    expect(configFromJson(null, 'x').ok).toBe(false);
  });
});

describe('presets', () => {
  // the published totals; Qwen2.5-0.5B and Llama-3.2-1B count tied embeddings once
  const published = {
    stories15M: 15_191_712,
    'SmolLM2-135M': 134_515_008,
    'Qwen2.5-0.5B': 494_032_768,
    'Llama-3.2-1B': 1_235_814_400,
    'TinyLlama-1.1B': 1_100_048_384,
  } as const;
  it('are runnable and have as many parameters as their models', () => {
    for (const preset of Object.values(presets)) expect(checkConfig(preset).ok).toBe(true);
    for (const [name, count] of Object.entries(published))
      expect(parameterCount(presets[name as keyof typeof published]), name).toBe(count);
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
