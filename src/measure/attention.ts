// What the attention benchmark runs and what its rows say together: paged attention beside the same attention over
// contiguous K and V, beside gathering the pages first, and beside reading the bytes.

import { evaluate } from '../kernels/expr.ts';
import type { Dims, Dtype } from '../kernels/op.ts';
import { blockUnits, type FormatCode } from '../kernels/packing.ts';
import { type Comparison, compareTurns } from './rank.ts';
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
  c.phase === 'decode' ? 1 : Math.max(1, Math.floor(8 / c.group));

export const attentionName = (c: AttentionCase): string =>
  `${c.phase} ${c.batch}×${c.context}${c.phase === 'prefill' ? `, chunks of ${c.tokens}` : ''}, ${c.heads} heads of ${c.headDim} in groups of ${c.group}, ${c.kv}, pages of ${c.page}`;

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
    entries: c.batch * (d['width'] ?? 0),
    pages: d['pages'] ?? 0,
    page_words: (d['kv_heads'] ?? 0) * (d['block_words'] ?? 0),
  };
}

/** Bytes of K and V that a step reads at least: every page once. */
export function kvBytes(c: AttentionCase): number {
  const d = attentionDims(c);
  return c.batch * (d['width'] ?? 0) * (d['kv_heads'] ?? 0) * (d['block_words'] ?? 0) * 4;
}

export const attentionOps = ['paged_attention', 'contiguous_attention', 'gather_pages'] as const;

/** The same algorithm with and without block tables: paging is what sets the two of a pair apart. */
const pairs = [
  { paged: '02_page_walk', contiguous: '01_walk', meantFor: '1' },
  { paged: '06_wide_walk', contiguous: '04_wide_walk', meantFor: '1' },
  { paged: '07_wide_partitions', contiguous: '05_wide_partitions', meantFor: 'partitions > 1' },
  { paged: '04_serial', contiguous: '02_serial', meantFor: 'head_dim <= 64 && sequences * keys <= 65536' },
] as const;

/** What the worker is asked for: all ops of one case take turns. */
export function attentionItems(cases: readonly AttentionCase[]): readonly {
  readonly op: string;
  readonly versions: readonly string[];
  readonly shapes: Readonly<Record<string, Dims>>;
  readonly dtypes: readonly Dtype[];
}[] {
  return cases.flatMap((c) => {
    const dims = attentionDims(c);
    const meant = pairs.filter(({ meantFor }) => evaluate(meantFor, dims) !== 0);
    const name = attentionName(c);
    const item = (op: (typeof attentionOps)[number], versions: readonly string[], shape: Dims) => ({
      op,
      versions,
      shapes: { [name]: shape },
      dtypes: ['f32'] as const,
    });
    return [
      item(
        'paged_attention',
        meant.map(({ paged }) => paged),
        dims,
      ),
      item(
        'contiguous_attention',
        meant.map(({ contiguous }) => contiguous),
        dims,
      ),
      item('gather_pages', [], gatherDims(c)),
    ];
  });
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

const kvNames = ['f32', 'f16', 'i8'] as const;

/** The case that a row of paged_attention was measured at. */
export function caseOf({ dims }: Pick<ResultRow, 'dims'>): AttentionCase {
  const d = (name: string): number => dims[name] ?? 0;
  return {
    phase: d('tokens') > 1 ? 'prefill' : 'decode',
    batch: d('sequences'),
    context: d('keys'),
    tokens: d('tokens'),
    heads: d('heads'),
    group: d('group'),
    headDim: d('head_dim'),
    kv: kvNames[d('format')] ?? 'f32',
    page: d('page'),
  };
}

export interface AttentionFigure {
  readonly shape: string;
  readonly of: AttentionCase;
  /** Version of paged attention: the fastest verified one. */
  readonly version: string;
  readonly bound: ResultRow['bound'];
  /** `cold` when every row beside this one has a cold time (a cache is read once a step), else all are warm. */
  readonly timing: 'cold' | 'warm';
  /** Milliseconds, of the fastest verified version of each; null where none was measured. */
  readonly pagedMs: number | null;
  readonly contiguousMs: number | null;
  readonly gatherMs: number | null;
  /** Milliseconds that reading K and V once would take at the measured bandwidth. */
  readonly readMs: number | null;
  /** Time of paged over time of contiguous, warm, samples in turns: the fastest version of each. Below 1, paged is faster. */
  readonly overContiguous: Comparison | null;
  /** Time of gathering and then attending contiguously over time of paged, warm, samples in turns. */
  readonly gatherDense: Comparison | null;
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
  return shapes.flatMap((shape) => figureOf(shape, rows, ceilings?.readBandwidth?.value ?? null));
}

function figureOf(
  shape: string,
  rows: readonly ResultRow[],
  read: number | null,
): readonly AttentionFigure[] {
  const any = rows.find((r) => r.op === 'paged_attention' && r.shape === shape);
  if (!any) return [];
  const of = caseOf(any);
  const measured = (op: string): readonly ResultRow[] =>
    rows.filter((r) => r.op === op && r.shape === shape && r.verified && r.medianMs !== null);
  const all = attentionOps.map(measured);
  const cold = all.flat().length > 0 && all.flat().every((r) => r.cold !== null);
  const warmMs = (row: ResultRow): number => row.medianMs ?? Number.NaN;
  const shownMs = (row: ResultRow): number => (cold ? (row.cold?.medianMs ?? Number.NaN) : warmMs(row));
  const least = (list: readonly ResultRow[], ms: (row: ResultRow) => number): ResultRow | undefined =>
    list.reduce<ResultRow | undefined>((a, b) => (a === undefined || ms(b) < ms(a) ? b : a), undefined);
  const [paged, contiguous, gather] = all.map((list) => least(list, shownMs));
  const [warmPaged, warmContiguous] = all.map((list) => least(list, warmMs));
  const rate = paged && (cold ? paged.cold?.gbps : paged.gbps);
  const dense = gather?.samplesMs.map((ms, turn) => {
    const then = warmContiguous?.samplesMs[turn] ?? null;
    return ms === null || then === null ? null : ms + then;
  });
  return [
    {
      shape,
      of,
      version: paged?.version ?? '',
      bound: paged?.bound ?? null,
      timing: cold ? 'cold' : 'warm',
      pagedMs: paged ? shownMs(paged) : null,
      contiguousMs: contiguous ? shownMs(contiguous) : null,
      gatherMs: gather ? shownMs(gather) : null,
      readMs: read ? kvBytes(of) / read / 1e6 : null,
      overContiguous:
        warmPaged && warmContiguous ? compareTurns(warmContiguous.samplesMs, warmPaged.samplesMs) : null,
      gatherDense: warmPaged && warmContiguous && dense ? compareTurns(warmPaged.samplesMs, dense) : null,
      readFraction: rate && read ? rate / read : null,
      why: paged
        ? null
        : (rows.find((r) => r.op === 'paged_attention' && r.shape === shape && r.why !== null)?.why ??
          'not measured'),
    },
  ];
}
