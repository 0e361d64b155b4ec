// An independent implementation: the same model through onnxruntime-web's CPU provider, with its own operators for
// norm, rotary embedding and grouped-query attention. It and our f64 reference must agree.

import * as ort from 'onnxruntime-web';
import { describe, expect, it } from 'vitest';
import { at } from '../../../src/core/assert.ts';
import { prng } from '../../../src/core/prng.ts';
import { type ModelConfig, qkvColumns } from '../../../src/model/config.ts';
import { presets } from '../../../src/model/presets.ts';
import { ropeFrequencies } from '../../../src/model/rope.ts';
import { embeddingKey, headKey, layerKey } from '../../../src/model/tensors.ts';
import { type HostWeights, ReferenceModel } from '../../reference-model.ts';
import { seededHostWeights } from '../../seeded-host-weights.ts';
import { OnnxGraph } from './onnx-graph.ts';

const microsoft = { domain: 'com.microsoft' };

/** Logits [tokens][vocab] as onnxruntime computes them. */
async function logitsByOnnx(
  c: ModelConfig,
  w: HostWeights,
  tokens: readonly number[],
): Promise<Float32Array[]> {
  const g = new OnnxGraph();
  const t = tokens.length;
  const one = (names: string[]): string => at(names, 0);
  const floats = (cells: ArrayLike<number>): Float32Array => Float32Array.from(cells);
  const vector = (key: string): string => g.constant([w.vector(key).length], floats(w.vector(key)));
  const linear = (x: string, key: string, rows: number): string => {
    const cells = floats(w.matrix(key));
    return one(
      g.node('MatMul', [
        x,
        one(g.node('Transpose', [g.constant([rows, cells.length / rows], cells)], { perm: [1, 0] })),
      ]),
    );
  };
  const norm = (x: string, key: string): string =>
    one(
      g.node('SimplifiedLayerNormalization', [x, vector(key)], {
        axis: 2,
        epsilon: { float: c.normEpsilon },
      }),
    );
  const split = (x: string, sizes: readonly number[]): string[] => {
    const lengths = Int32Array.from(sizes);
    const wide = one(g.node('Cast', [g.constant([sizes.length], lengths, 'int32')], { to: 7 }));
    return g.node('Split', [x, wide], { axis: 2 }, { outputs: sizes.length });
  };

  const frequencies = ropeFrequencies(c);
  const angles = Float64Array.from(
    { length: t * frequencies.length },
    (_, i) => Math.floor(i / frequencies.length) * at(frequencies, i % frequencies.length),
  );
  const cos = g.constant([t, frequencies.length], floats(angles.map(Math.cos)));
  const sin = g.constant([t, frequencies.length], floats(angles.map(Math.sin)));
  const lengths = g.constant([1], Int32Array.of(t - 1), 'int32');
  const total = g.constant([], Int32Array.of(t), 'int32');

  const embedding = g.constant([c.vocab, c.width], floats(w.matrix(embeddingKey)));
  let x = one(g.node('Gather', [embedding, 'tokens']));
  for (let layer = 0; layer < c.layers; layer++) {
    const key = (role: string): string => layerKey(layer, role);
    let qkv = linear(norm(x, key('norm')), key('qkv'), qkvColumns(c));
    if (c.qkvBias === 'present') qkv = one(g.node('Add', [qkv, vector(key('qkv_bias'))]));
    const [q = '', k = '', v = ''] = split(
      qkv,
      [c.heads, c.kvHeads, c.kvHeads].map((heads) => heads * c.headDim),
    );
    const attended = g.node(
      'GroupQueryAttention',
      [q, k, v, '', '', lengths, total, cos, sin],
      { num_heads: c.heads, kv_num_heads: c.kvHeads, do_rotary: 1 },
      { ...microsoft, outputs: 3 },
    );
    x = one(g.node('Add', [x, linear(one(attended), key('out'), c.width)]));
    const [gate = '', up = ''] = split(linear(norm(x, key('norm_mlp')), key('gate_up'), 2 * c.hidden), [
      c.hidden,
      c.hidden,
    ]);
    const gated = one(g.node('Mul', [one(g.node('Mul', [gate, one(g.node('Sigmoid', [gate]))])), up]));
    x = one(g.node('Add', [x, linear(gated, key('down'), c.width)]));
  }
  const logits = linear(norm(x, 'head_norm'), headKey(c), c.vocab);
  const bytes = g.model({ tokens: { type: 'int32', dims: [1, t] } }, logits, {
    type: 'float',
    dims: [1, t, c.vocab],
  });
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: ['wasm'],
    logSeverityLevel: 3,
  });
  const result = await session.run({ tokens: new ort.Tensor('int32', Int32Array.from(tokens), [1, t]) });
  const cells = result[logits]?.data as Float32Array;
  await session.release();
  return tokens.map((_, i) => cells.slice(i * c.vocab, (i + 1) * c.vocab));
}

const small = { ...presets.nano, vocab: 128 } as const;
const shapes: readonly ModelConfig[] = [
  { ...small, name: 'nano' },
  {
    ...small,
    name: 'bias, groups of 3, scaled rope, own output projection',
    heads: 6,
    kvHeads: 2,
    qkvBias: 'present',
    embeddings: 'separate',
    ropeScaling: {
      kind: 'llama3',
      factor: 32,
      lowFrequencyFactor: 1,
      highFrequencyFactor: 4,
      originalWindow: 8,
    },
  },
];

describe('onnxruntime computes the same logits', () => {
  for (const config of shapes) {
    it(config.name, async () => {
      const weights = seededHostWeights(config, 42, 'f32');
      const random = prng(4);
      const tokens = Array.from({ length: 24 }, () => random.int(0, config.vocab - 1));
      const theirs = await logitsByOnnx(config, weights, tokens);
      const ours = new ReferenceModel(config, weights).run(tokens);
      for (const [i, row] of ours.entries()) {
        const worst = row.reduce((most, x, j) => Math.max(most, Math.abs(x - at(at(theirs, i), j))), 0);
        expect(worst, `token ${i}`).toBeLessThan(2e-5);
      }
    });
  }
});
