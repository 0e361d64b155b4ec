// What the attention benchmark runs and what its rows say together: paged attention beside the same attention over
// contiguous K and V, beside gathering the pages first, and beside reading the bytes.

import type { Dims, Dtype } from '../kernels/op.ts';
import { blockUnits, type FormatCode } from '../kernels/packing.ts';
import { type Comparison, compare } from './rank.ts';
import type { Ceilings, ResultRow } from './schema.ts';

export interface AttentionCase {
  /** `decode`: one token a sequence. `prefill`: the last `tokens` of each context. */
  readonly phase: 'decode' | 'prefill';
  readonly batch: number;
  /** Keys that each sequence's last token attends to. */
  readonly context: number;
  /** Tokens of the step in each sequence. */
  readonly tokens: number;
  readonly heads: number;
  /** Query heads that share a KV head. */
  readonly group: number;
  readonly headDim: number;
  readonly kv: 'f32' | 'f16' | 'i8';
  /** Tokens a page. */
  readonly page: number;
}

const codes: Readonly<Record<AttentionCase['kv'], FormatCode>> = { f32: 0, f16: 1, i8: 2 };

/** Tokens of a chunk that one work item takes: as the model's runner cuts its steps. */
const itemTokens = (c: AttentionCase): number =>
  c.phase === 'decode' ? 1 : Math.max(1, Math.floor(16 / c.group));

export const attentionName = (c: AttentionCase): string =>
  `${c.phase} ${c.batch}×${c.context}${c.phase === 'prefill' ? `, chunks of ${c.tokens}` : ''}, ${c.heads} heads in groups of ${c.group}, ${c.kv}, pages of ${c.page}`;

/** Dims of paged_attention and contiguous_attention. */
export function attentionDims(c: AttentionCase): Dims {
  const width = Math.ceil(c.context / c.page);
  return {
    sequences: c.batch,
    keys: c.context,
    tokens: c.tokens,
    shortest: c.context,
    t: c.batch * c.tokens,
    items: c.batch * Math.ceil(c.tokens / itemTokens(c)),
    item_tokens: itemTokens(c),
    heads: c.heads,
    group: c.group,
    kv_heads: c.heads / c.group,
    head_dim: c.headDim,
    format: codes[c.kv],
    page: c.page,
    width,
    pages: c.batch * width + 1,
    partitions: Math.ceil(c.context / 512),
    block_words: 4 * blockUnits({ format: codes[c.kv], headDim: c.headDim, page: c.page }),
  };
}

/** Dims of gather_pages for the same cache. */
export function gatherDims(c: AttentionCase): Dims {
  const d = attentionDims(c);
  return {
    sequences: c.batch,
    width: d['width'] ?? 0,
    pages: d['pages'] ?? 0,
    page_words: (d['kv_heads'] ?? 0) * (d['block_words'] ?? 0),
  };
}

export const attentionOps = ['paged_attention', 'contiguous_attention', 'gather_pages'] as const;

/** What the worker is asked for. */
export function attentionItems(cases: readonly AttentionCase[]): readonly {
  readonly op: string;
  readonly versions: readonly string[];
  readonly shapes: Readonly<Record<string, Dims>>;
  readonly dtypes: readonly Dtype[];
}[] {
  return attentionOps.map((op) => ({
    op,
    versions: [],
    shapes: Object.fromEntries(
      cases.map((c) => [attentionName(c), op === 'gather_pages' ? gatherDims(c) : attentionDims(c)]),
    ),
    dtypes: ['f32'],
  }));
}

/** Every combination, with the impossible ones left out. */
export function attentionCases(of: {
  readonly phases: readonly AttentionCase['phase'][];
  readonly batches: readonly number[];
  readonly contexts: readonly number[];
  readonly heads: number;
  readonly groups: readonly number[];
  readonly headDim: number;
  readonly kvs: readonly AttentionCase['kv'][];
  readonly pages: readonly number[];
  /** Tokens of a prefilled chunk. */
  readonly chunk: number;
}): readonly AttentionCase[] {
  const cases: AttentionCase[] = [];
  for (const phase of of.phases)
    for (const kv of of.kvs)
      for (const group of of.groups.filter((g) => of.heads % g === 0))
        for (const page of of.pages)
          for (const context of of.contexts)
            for (const batch of of.batches)
              cases.push({
                phase,
                batch,
                context,
                tokens: phase === 'decode' ? 1 : Math.min(of.chunk, context),
                heads: of.heads,
                group,
                headDim: of.headDim,
                kv,
                page,
              });
  return cases;
}

export interface AttentionFigure {
  readonly shape: string;
  /** Version of paged attention: the fastest verified one. */
  readonly version: string;
  readonly bound: ResultRow['bound'];
  /** `cold` when every row beside this one has a cold time (a cache is read once a step), else all are warm. */
  readonly timing: 'cold' | 'warm';
  /** Milliseconds, of the fastest verified version of each; null where none was measured. */
  readonly pagedMs: number | null;
  readonly contiguousMs: number | null;
  readonly gatherMs: number | null;
  /** Time of paged over time of contiguous (warm): what the table look-up costs. Items run one after another: the interval holds no drift. */
  readonly overContiguous: Comparison | null;
  /** Gather, then contiguous, over paged: what a cache without paged kernels costs. */
  readonly gatherDense: number | null;
  /** Of the measured read bandwidth. */
  readonly readFraction: number | null;
  /** Why there is no figure of paged attention; null when there is one. */
  readonly why: string | null;
}

/** Rows of a run, side by side by shape. */
export function attentionFigures(
  rows: readonly ResultRow[],
  ceilings: Ceilings | null,
): readonly AttentionFigure[] {
  const shapes = [...new Set(rows.filter((r) => r.op === 'paged_attention').map((r) => r.shape))];
  return shapes.map((shape) => figureOf(shape, rows, ceilings?.readBandwidth?.value ?? null));
}

function figureOf(shape: string, rows: readonly ResultRow[], read: number | null): AttentionFigure {
  const of = (op: string): readonly ResultRow[] =>
    rows.filter((r) => r.op === op && r.shape === shape && r.verified && r.medianMs !== null);
  const all = attentionOps.map(of);
  const cold = all.flat().length > 0 && all.flat().every((r) => r.cold !== null);
  const time = (row: ResultRow): number => (cold ? row.cold?.medianMs : row.medianMs) ?? Number.NaN;
  const [paged, contiguous, gather] = all.map((list) =>
    list.reduce<ResultRow | undefined>((a, b) => (a === undefined || time(b) < time(a) ? b : a), undefined),
  );
  const rate = paged && (cold ? paged.cold?.gbps : paged.gbps);
  return {
    shape,
    version: paged?.version ?? '',
    bound: paged?.bound ?? null,
    timing: cold ? 'cold' : 'warm',
    pagedMs: paged ? time(paged) : null,
    contiguousMs: contiguous ? time(contiguous) : null,
    gatherMs: gather ? time(gather) : null,
    overContiguous: paged && contiguous ? compare(contiguous.samplesMs, paged.samplesMs) : null,
    gatherDense: paged && contiguous && gather ? (time(gather) + time(contiguous)) / time(paged) : null,
    readFraction: rate && read ? rate / read : null,
    why: paged
      ? null
      : (rows.find((r) => r.op === 'paged_attention' && r.shape === shape && r.why !== null)?.why ??
        'not measured'),
  };
}
