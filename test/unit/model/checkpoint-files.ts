// Makes the files of tiny checkpoints, good ones to break on purpose.

import { Float16Array } from '@petamoriken/float16';
import type { CheckpointFile } from '../../../src/model/checkpoint-file.ts';
import type { ModelConfig } from '../../../src/model/config.ts';
import type { FloatType } from '../../../src/model/safetensors.ts';
import { seededMatrix, seededVector } from '../../../src/model/seeded.ts';
import { matricesOf, vectorsOf } from '../../../src/model/tensors.ts';

export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly cells: Float32Array;
}

function encode(cells: Float32Array, dtype: FloatType): Uint8Array<ArrayBuffer> {
  if (dtype === 'F32') return new Uint8Array(cells.slice().buffer);
  if (dtype === 'F16') return new Uint8Array(new Float16Array(cells).buffer as ArrayBuffer);
  const bits = new Uint32Array(cells.slice().buffer);
  return new Uint8Array(Uint16Array.from(bits, (x) => x >>> 16).buffer);
}

/** An entry of a header, as it is written there. */
export interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly offsets: readonly [number, number];
}

/** The entries of a file's header, and its bytes behind that. */
export function entriesOf(
  tensors: readonly Tensor[],
  dtype: FloatType,
): { readonly entries: readonly Entry[]; readonly parts: readonly Uint8Array<ArrayBuffer>[] } {
  let offset = 0;
  const parts = tensors.map(({ cells }) => encode(cells, dtype));
  const entries = tensors.map(({ name, shape }, i): Entry => {
    const from = offset;
    offset += parts[i]?.length ?? 0;
    return { name, dtype, shape, offsets: [from, offset] };
  });
  return { entries, parts };
}

/** Put together by hand: entries of one name all stay. */
export function headerOf(entries: readonly Entry[]): string {
  const lines = entries.map(
    ({ name, dtype, shape, offsets }) =>
      `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: offsets })}`,
  );
  return `{${['"__metadata__":{"format":"pt"}', ...lines].join(',')}}`;
}

/** One safetensors file. */
export function safetensors(tensors: readonly Tensor[], dtype: FloatType): Blob {
  const { entries, parts } = entriesOf(tensors, dtype);
  return withHeader(headerOf(entries), parts);
}

/** A file with any text as its header. */
export function withHeader(header: string, parts: readonly Uint8Array<ArrayBuffer>[]): Blob {
  const text = new TextEncoder().encode(header);
  const length = new ArrayBuffer(8);
  new DataView(length).setBigUint64(0, BigInt(text.length), true);
  return new Blob([length, text, ...parts]);
}

/** All tensors of a model as `seed` makes them, under their names in checkpoints. */
export function seededTensors(config: ModelConfig, seed: number): Tensor[] {
  const matrices = matricesOf(config).flatMap((m) => {
    const cells = seededMatrix(seed, m);
    let row = 0;
    return m.pieces.map(({ name, rows }) => {
      const part = cells.slice(row * m.columns, (row + rows) * m.columns);
      row += rows;
      return { name, shape: [rows, m.columns], cells: part };
    });
  });
  const vectors = vectorsOf(config).flatMap((v) => {
    const cells = seededVector(seed, v);
    let start = 0;
    return v.pieces.map(({ name, rows }) => {
      const part = cells.slice(start, start + rows);
      start += rows;
      return { name, shape: [rows], cells: part };
    });
  });
  return [...matrices, ...vectors];
}

/** The config.json of a config without rope scaling. */
export const configJson = (c: ModelConfig): Record<string, unknown> => ({
  architectures: [c.qkvBias === 'present' ? 'Qwen2ForCausalLM' : 'LlamaForCausalLM'],
  num_hidden_layers: c.layers,
  hidden_size: c.width,
  num_attention_heads: c.heads,
  num_key_value_heads: c.kvHeads,
  head_dim: c.headDim,
  intermediate_size: c.hidden,
  vocab_size: c.vocab,
  max_position_embeddings: c.window,
  rms_norm_eps: c.normEpsilon,
  rope_theta: c.ropeTheta,
  tie_word_embeddings: c.embeddings === 'tied',
  hidden_act: 'silu',
  torch_dtype: 'bfloat16',
});

/** A whole folder: config.json, the shards, and the index when there is more than one. */
export function checkpointFiles(
  config: ModelConfig,
  tensors: readonly Tensor[],
  dtype: FloatType,
  shards = 1,
): CheckpointFile[] {
  const json = (value: unknown): Blob => new Blob([JSON.stringify(value)]);
  const files: CheckpointFile[] = [{ name: 'model/config.json', blob: json(configJson(config)) }];
  const map: Record<string, string> = {};
  for (let s = 0; s < shards; s++) {
    const name = shards === 1 ? 'model.safetensors' : `model-0000${s + 1}-of-0000${shards}.safetensors`;
    const own = tensors.filter((_, i) => i % shards === s);
    for (const tensor of own) map[tensor.name] = name;
    files.push({ name: `model/${name}`, blob: safetensors(own, dtype) });
  }
  if (shards > 1) files.push({ name: 'model/model.safetensors.index.json', blob: json({ weight_map: map }) });
  return files;
}
