// The roles of a Llama-style decoder: which ops it is made of, and which version serves which step. Everything
// here is about choice; what is bound to what is in program.ts.

import { blockUnits, cellsPerUnit } from '../kernels/packing.ts';
import type { ModelConfig } from './config.ts';
import type { AdapterKind, ModelOptions, RuntimeOptions } from './contract.ts';
import { kvCode } from './formats.ts';
import type { Candidate, RoleSpec, StepSizes } from './kernels.ts';
import type { MatrixPart } from './weights.ts';

/** Rows up to which the few-rows kernel serves a linear layer. */
const FEW_ROWS = 16;
/** Workgroups below which a lone decode is spread over partitions. */
const BUSY = 256;

export const largestSizes = (o: RuntimeOptions): StepSizes => ({
  t: o.maxTokens,
  logits: o.maxLogits,
  items: o.maxTokens,
  itemTokens: 1,
  longest: o.window,
});

/** Invocations that share a row of k cells: one for each 32-cell segment, at most `most`. */
function lanesFor(k: number, most: number): number {
  let lanes = 2;
  while (lanes < most && lanes * 32 < k) lanes *= 2;
  return lanes;
}

/** Versions of linear of one reduction id, and which of them serves m rows. */
function linearVersions(kind: AdapterKind, k: number): { candidates: Candidate[]; pick(m: number): number } {
  if (kind === 'cpu') {
    return {
      candidates: [{ version: '01_naive' }, { version: '04_row_block' }],
      pick: (m) => (m === 1 ? 0 : 1),
    };
  }
  const few = (QUADS: number): Candidate => ({
    version: '03_few_rows',
    params: { QUADS, LANES_K: lanesFor(k, 8) },
  });
  return {
    candidates: [
      { version: '02_one_row', params: { LANES_K: lanesFor(k, 32) } },
      few(1),
      few(2),
      { version: '05_register_tile' },
    ],
    pick: (m) => (m === 1 ? 0 : m <= 4 ? 1 : m <= FEW_ROWS ? 2 : 3),
  };
}

/** One linear layer of m rows, where `rows` says which of the step's sizes m is. */
function linear(
  role: string,
  kind: AdapterKind,
  part: MatrixPart,
  columns: number,
  rows: 't' | 'logits',
  largest: StepSizes,
): RoleSpec {
  const { stored, matrix } = part;
  const { candidates, pick } = linearVersions(kind, matrix.columns);
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

/** Tokens of one sequence that share an attention item, so that a K or V read serves about 8 queries. */
export const chunkTokens = (c: ModelConfig): number => Math.max(1, Math.floor(8 / (c.heads / c.kvHeads)));

export interface RoleSet {
  readonly specs: ReadonlyMap<string, RoleSpec>;
  readonly attendScratchBytes: number;
}

/** All roles of a model, by name. Parts of a split embedding or head are `embed[0]`, `logits[1]` … */
export function rolesOf(
  config: ModelConfig,
  model: ModelOptions,
  runtime: RuntimeOptions,
  parts: (key: string) => readonly MatrixPart[],
  headKey: string,
  kind: AdapterKind,
): RoleSet {
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
  const norm = (role: string, op: string, version: string): RoleSpec => ({
    ...only(version),
    role,
    op,
    dims: ({ t }) => ({ m: t, n: width, epsilon }),
  });
  specs.push(norm('norm_first', 'rms_norm', '02_workgroup'));
  specs.push(norm('norm', 'rms_norm_residual', '01_workgroup'));
  const layerPart = (role: string): MatrixPart => {
    const [part] = parts(`layers.0.${role}`);
    if (!part) throw new Error(`layers.0.${role} has no part`);
    return part;
  };
  for (const role of ['qkv', 'out', 'gate_up', 'down']) {
    const part = layerPart(role);
    specs.push(linear(role, kind, part, part.rows, 't', largest));
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
  const chunk = chunkTokens(config);
  specs.push({
    role: 'attention',
    op: 'paged_attention',
    candidates:
      kind === 'cpu'
        ? [
            { version: '04_serial', dims: { item_tokens: 1 } },
            { version: '04_serial', dims: { item_tokens: chunk } },
          ]
        : [
            { version: '02_page_walk', dims: { item_tokens: 1 } },
            { version: '02_page_walk', dims: { item_tokens: chunk } },
            { version: '03_partitions', dims: { item_tokens: 1 } },
          ],
    choose: ({ items, itemTokens, longest }) =>
      itemTokens > 1 ? 1 : kind === 'gpu' && longest > 512 && items * kvHeads < BUSY ? 2 : 0,
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
    ...only('01_vec4'),
    role: 'silu_mul',
    op: 'silu_mul',
    dims: ({ t }) => ({ m: t, n: config.hidden }),
  });
  specs.push({
    ...only('01_workgroup'),
    role: 'head_norm',
    op: 'rms_norm_rows',
    dims: ({ t, logits }) => ({ m: t, rows: logits, n: width, epsilon }),
    runs: ({ logits }) => logits > 0,
  });
  parts(headKey).forEach((part, i) => {
    specs.push(linear(`logits[${i}]`, kind, part, config.vocab, 'logits', largest));
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
  const partitions = Math.ceil(runtime.window / 512);
  return {
    specs: new Map(specs.map((spec) => [spec.role, spec])),
    attendScratchBytes:
      partitions > 1
        ? Math.min(BUSY, runtime.maxTokens * kvHeads) * partitions * group * (headDim + 4) * 4
        : 16,
  };
}
