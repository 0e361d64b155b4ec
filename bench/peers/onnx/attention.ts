// Attention of onnxruntime's contrib ops for one token a sequence: PagedAttention over the same pages, GroupQueryAttention over the same
// K and V without pages. Both append the token's own K and V first, which is not in our kernel; it is one key of a whole context.

import { at } from '../../../src/core/assert.ts';
import { dimOf } from '../../../src/kernels/dims.ts';
import { roundTo } from '../../../src/kernels/layout.ts';
import type { Dtype, Tolerance } from '../../../src/kernels/op.ts';
import { KvPages } from '../../../src/kernels/packing.ts';
import type { Problem, Unable } from '../contract.ts';
import type { OneNode } from './model.ts';

/** A node with the values of its inputs, and the problem that it solves: ours with queries in its type. */
export interface AttentionCall {
  readonly name: string;
  readonly cells: Dtype;
  readonly node: OneNode;
  readonly given: Readonly<Record<string, Float64Array>>;
  readonly solves: Problem;
  readonly tolerance?: Tolerance;
}

const inHalves: Tolerance = {
  relative: 2 ** -7,
  absolute: 2 ** -24,
  reason: 'scores, weights and sums rounded to f16 (2⁻¹¹ each), of which some add up',
};

const int32 = (values: readonly number[]): Uint8Array => new Uint8Array(Int32Array.from(values).buffer);

/**
 * Both ops at a decode over f32 or f16 pages. Seen of onnxruntime-web 1.30: PagedAttention has an f16 kernel alone for WebGPU; without
 * shader-f16 (SwiftShader) its session opens, its inputs are taken, and its first shader is refused. So it has not run here yet.
 */
export function attentionCalls(problem: Problem, hasF16: boolean): readonly (AttentionCall | Unable)[] {
  const d = (name: string): number => dimOf(problem.dims, name);
  const { q, pages, tables, items } = problem.inputs;
  if (d('tokens') !== 1 || d('format') > 1 || !q || !pages || !tables || !items) return [];
  const cells: Dtype = d('format') === 0 ? 'f32' : 'f16';
  if (cells === 'f16' && !hasF16)
    return ['GroupQueryAttention f16', 'PagedAttention f16'].map((name) => ({
      name,
      why: 'this device has no shader-f16',
    }));
  const [batch, heads, kvHeads, headDim] = [d('sequences'), d('heads'), d('kv_heads'), d('head_dim')];
  const [page, width, keys] = [d('page'), d('width'), d('keys')];
  const store = new KvPages({ format: cells === 'f32' ? 0 : 1, headDim, page }, Uint32Array.from(pages));
  const lengths = Array.from({ length: batch }, (_, s) => at(items, s * 4 + 3) + 1);
  const read = (kind: 'k' | 'v', s: number, head: number, key: number, c: number): number =>
    store.read(at(tables, s * width + Math.floor(key / page)) * kvHeads + head, kind, key % page, c);
  /** K or V of the token itself: [batch, kvHeads, headDim]. */
  const own = (kind: 'k' | 'v'): Float64Array =>
    Float64Array.from({ length: batch * kvHeads * headDim }, (_, i) => {
      const s = Math.floor(i / (kvHeads * headDim));
      return read(kind, s, Math.floor(i / headDim) % kvHeads, at(lengths, s) - 1, i % headDim);
    });
  const type = cells === 'f32' ? ('float32' as const) : ('float16' as const);
  const query = roundTo(cells, q);
  const call = {
    cells,
    solves: { ...problem, inputs: { ...problem.inputs, q: query } },
    ...(cells === 'f16' ? { tolerance: inHalves } : {}),
  };
  /** [batch, kvHeads, keys, headDim]. */
  const dense = (kind: 'k' | 'v'): Float64Array => {
    const out = new Float64Array(batch * kvHeads * keys * headDim);
    for (let s = 0, to = 0; s < batch; s++)
      for (let head = 0; head < kvHeads; head++)
        for (let key = 0; key < keys; key++)
          for (let c = 0; c < headDim; c++, to++)
            if (key < at(lengths, s)) out[to] = read(kind, s, head, key, c);
    return out;
  };
  const cache = [batch, kvHeads, keys, headDim];
  const grouped: AttentionCall = {
    ...call,
    name: `GroupQueryAttention ${cells}`,
    node: {
      operator: 'GroupQueryAttention',
      domain: 'com.microsoft',
      attributes: { num_heads: heads, kv_num_heads: kvHeads },
      inputs: [
        { name: 'query', type, dims: [batch, 1, heads * headDim] },
        { name: 'key', type, dims: [batch, 1, kvHeads * headDim] },
        { name: 'value', type, dims: [batch, 1, kvHeads * headDim] },
        { name: 'past_key', type, dims: cache },
        { name: 'past_value', type, dims: cache },
        { name: 'last', type: 'int32', dims: [batch], data: int32(lengths.map((n) => n - 1)) },
        { name: 'longest', type: 'int32', dims: [1], data: int32([keys]) },
      ],
      output: { name: 'y', type, dims: [batch, 1, heads * headDim] },
      // the same buffers before and after, as its users bind them
      shared: [
        { name: 'present_key', type, dims: cache, with: 'past_key' },
        { name: 'present_value', type, dims: cache, with: 'past_value' },
      ],
    },
    given: { query, key: own('k'), value: own('v'), past_key: dense('k'), past_value: dense('v') },
  };
  if (cells === 'f32' || page < 16)
    return [
      grouped,
      {
        name: 'PagedAttention',
        why: cells === 'f32' ? 'its WebGPU kernel has f16 alone' : 'its pages have 16 tokens or more',
      },
    ];
  /** [pages, page, kvHeads, headDim]. */
  const paged = (kind: 'k' | 'v'): Float64Array =>
    Float64Array.from({ length: d('pages') * page * kvHeads * headDim }, (_, i) => {
      const head = Math.floor(i / headDim) % kvHeads;
      const slot = Math.floor(i / (headDim * kvHeads));
      return store.read(Math.floor(slot / page) * kvHeads + head, kind, slot % page, i % headDim);
    });
  const pool = [d('pages'), page, kvHeads, headDim];
  const absent = Array.from({ length: 8 }, () => 'absent' as const);
  return [
    grouped,
    {
      ...call,
      name: 'PagedAttention f16',
      node: {
        operator: 'PagedAttention',
        domain: 'com.microsoft',
        attributes: { num_heads: heads, kv_num_heads: kvHeads },
        inputs: [
          { name: 'query', type, dims: [batch, heads * headDim] },
          { name: 'key', type, dims: [batch, kvHeads * headDim] },
          { name: 'value', type, dims: [batch, kvHeads * headDim] },
          { name: 'key_cache', type, dims: pool },
          { name: 'value_cache', type, dims: pool },
          {
            ...{ name: 'starts', type: 'int32', dims: [batch + 1] },
            data: int32(Array.from({ length: batch + 1 }, (_, i) => i)),
          },
          { name: 'past', type: 'int32', dims: [batch], data: int32(lengths.map((n) => n - 1)) },
          { name: 'tables', type: 'int32', dims: [batch, width], data: int32([...tables]) },
          ...absent,
          // tokens of the longest row and keys of the longest sequence: without them it waits for the device in every call
          { name: 'most', type: 'int32', dims: [2], data: int32([1, keys]) },
        ],
        output: { name: 'y', type, dims: [batch, heads * headDim] },
      },
      given: { query, key: own('k'), value: own('v'), key_cache: paged('k'), value_cache: paged('v') },
    },
  ];
}
