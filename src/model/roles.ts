// The roles of a Llama-style decoder: which ops it is made of, with their dims. Which version serves which step is in
// versions.ts; what is bound to what is in program.ts.

import { blockUnits, cellsPerUnit } from '../kernels/packing.ts';
import type { ModelConfig } from './config.ts';
import type { ModelOptions, RuntimeOptions } from './contract.ts';
import { kvCode } from './formats.ts';
import type { RoleSpec, StepSizes } from './kernels.ts';
import {
  attentionVersions,
  integerVersions,
  linearVersions,
  normVersions,
  quantizeVersions,
  roundedVersions,
  type ServedBy,
} from './versions.ts';
import type { MatrixPart } from './weights.ts';

export const largestSizes = (o: RuntimeOptions): StepSizes => ({
  t: o.maxTokens,
  logits: o.maxLogits,
  items: o.maxTokens,
  itemTokens: 1,
  longest: o.window,
});

/** One linear layer of m rows, where `rows` says which of the step's sizes m is. */
function linear(
  role: string,
  by: ServedBy,
  part: MatrixPart,
  columns: number,
  rows: 't' | 'logits',
  largest: StepSizes,
): RoleSpec {
  const { stored, matrix } = part;
  const { candidates, pick } = linearVersions(by, part.rows, matrix.columns, rows);
  return {
    role,
    op: 'linear',
    candidates,
    choose: (sizes) => pick(sizes[rows]),
    dims: (sizes) => ({
      ...stored,
      m: sizes[rows],
      n: part.rows,
      k: matrix.columns,
      y_n: columns,
      y_0: part.first,
    }),
    largest,
    runs: (sizes) => sizes[rows] > 0,
  };
}

/** A matrix of a layer: in f32, or of int8 inputs, which int8 weights meet in integers. */
function product(
  role: string,
  by: ServedBy,
  model: ModelOptions,
  part: MatrixPart,
  largest: StepSizes,
): RoleSpec {
  const { stored, matrix, rows: n } = part;
  const k = matrix.columns;
  if (model.activations !== 'i8') return linear(role, by, part, n, 't', largest);
  const integers = stored.format === 2;
  const { candidates, pick } = integers ? integerVersions(by) : roundedVersions(by);
  return {
    role,
    op: integers ? 'matmul_w8a8' : 'linear_a8',
    candidates,
    choose: ({ t }) => pick(t),
    dims: ({ t }) => ({ ...stored, m: t, n, k }),
    largest,
  };
}

/** Tokens of one sequence that share an attention item, so that a K or V read serves about 8 queries. */
export const chunkTokens = (c: ModelConfig): number => Math.max(1, Math.floor(8 / (c.heads / c.kvHeads)));

/** As many of them as a step's items have: one where every sequence has one token. */
export const itemTokensOf = (tokens: number, sequences: number, c: ModelConfig): number =>
  tokens > sequences ? chunkTokens(c) : 1;

/** All roles of a model, by name. Parts of a split embedding or head are `embed[0]`, `logits[1]` … */
export function rolesOf(
  config: ModelConfig,
  model: ModelOptions,
  runtime: RuntimeOptions,
  parts: (key: string) => readonly MatrixPart[],
  headKey: string,
  by: ServedBy,
): ReadonlyMap<string, RoleSpec> {
  const largest = largestSizes(runtime);
  const epsilon = config.normEpsilon;
  const group = config.heads / config.kvHeads;
  const { width, heads, kvHeads, headDim } = config;
  const format = kvCode[model.kv];
  const tableWidth = Math.ceil(runtime.window / runtime.pageSize);
  const page = { format, head_dim: headDim, page: runtime.pageSize };
  const specs: RoleSpec[] = [];
  const only = (version: string) => ({ candidates: [{ version }], choose: () => 0, largest });

  parts('embedding').forEach((part, i) => {
    specs.push({
      ...only('01_gather'),
      role: `embed[${i}]`,
      op: 'embedding',
      dims: ({ t }) => ({
        ...part.stored,
        t,
        width,
        first: part.first,
        rows: part.rows,
        slots: runtime.sampleSlots,
      }),
    });
  });
  const int8 = model.activations === 'i8';
  const versions = { ...normVersions(by), ...quantizeVersions(by) };
  const norm = (role: string, op: 'rms_norm' | 'rms_norm_residual'): RoleSpec => {
    const serving = int8 ? (`${op}_quantize` as const) : op;
    return {
      ...only(versions[serving]),
      role,
      op: serving,
      dims: ({ t }) => ({ m: t, n: width, epsilon }),
    };
  };
  specs.push(norm('norm_first', 'rms_norm'));
  specs.push(norm('norm', 'rms_norm_residual'));
  for (const role of ['qkv', 'out', 'gate_up', 'down']) {
    const [part] = parts(`layers.0.${role}`);
    if (!part) throw new Error(`layers.0.${role} has no part`);
    specs.push(product(role, by, model, part, largest));
  }
  if (int8) {
    const k = heads * headDim;
    specs.push({
      ...only(versions.quantize_rows),
      role: 'quantize_attended',
      op: 'quantize_rows',
      dims: ({ t }) => ({ m: t, k, group: k, groups: 1 }),
    });
  }
  specs.push({
    ...only('01_units'),
    role: 'rope_kv_append',
    op: 'rope_kv_append',
    dims: ({ t }) => ({
      ...page,
      t,
      heads,
      kv_heads: kvHeads,
      window: runtime.window,
      pages: runtime.pages,
      cells: cellsPerUnit(format),
      block_words: 4 * blockUnits({ format, headDim, page: runtime.pageSize }),
    }),
  });
  const attention = attentionVersions(by, kvHeads, chunkTokens(config));
  specs.push({
    role: 'attention',
    op: 'paged_attention',
    candidates: attention.candidates,
    choose: (sizes) => attention.pick(sizes),
    dims: ({ t, items, longest }) => ({
      ...page,
      t,
      items,
      heads,
      group,
      kv_heads: kvHeads,
      width: tableWidth,
      sequences: runtime.rows,
      pages: runtime.pages,
      partitions: Math.ceil(longest / 512),
      block_words: 4 * blockUnits({ format, headDim, page: runtime.pageSize }),
    }),
    largest,
  });
  specs.push({
    ...only(int8 ? versions.silu_mul_quantize : '01_vec4'),
    role: 'silu_mul',
    op: int8 ? 'silu_mul_quantize' : 'silu_mul',
    dims: ({ t }) => ({ m: t, n: config.hidden }),
  });
  specs.push({
    ...only(versions.rms_norm_rows),
    role: 'head_norm',
    op: 'rms_norm_rows',
    dims: ({ t, logits }) => ({ m: t, rows: logits, n: width, epsilon }),
    runs: ({ logits }) => logits > 0,
  });
  parts(headKey).forEach((part, i) => {
    specs.push(linear(`logits[${i}]`, by, part, config.vocab, 'logits', largest));
  });
  specs.push({
    candidates: [{ version: '01_bisection', params: { LANES: config.vocab <= 4096 ? 64 : 256 } }],
    choose: () => 0,
    largest,
    role: 'sample',
    op: 'sample',
    dims: ({ logits }) => ({ m: logits, vocab: config.vocab, slots: runtime.sampleSlots }),
    runs: ({ logits }) => logits > 0,
  });
  return new Map(specs.map((spec) => [spec.role, spec]));
}
