// What the attention benchmark asks for and what it says.

import { describe, expect, it } from 'vitest';
import contiguous from '../../shaders/contiguous_attention/op.ts';
import gather from '../../shaders/gather_pages/op.ts';
import paged from '../../shaders/paged_attention/op.ts';
import { unwrap } from '../../src/core/result.ts';
import { catalog } from '../../src/kernels/catalog.ts';
import { layoutOf } from '../../src/kernels/layout.ts';
import { prepare } from '../../src/kernels/prepare.ts';
import {
  attentionCases,
  attentionDims,
  attentionFigures,
  attentionItems,
  attentionName,
  attentionOps,
  caseOf,
  gatherDims,
  kvBytes,
} from '../../src/measure/attention.ts';
import type { ResultRow } from '../../src/measure/schema.ts';
import { headDims } from '../../src/model/config.ts';
import { groupsOf, racesOf } from '../../src/worker/bench/groups.ts';

describe('the attention benchmark', () => {
  const cases = attentionCases({
    phases: ['decode', 'prefill'],
    batches: [1, 3],
    contexts: [100],
    heads: 8,
    groups: [4, 3],
    headDim: 64,
    kvs: ['i8'],
    pages: [16],
    chunk: 48,
  });

  it('asks for one cache under three ops, whose sizes agree', () => {
    // 8 heads have no groups of 3
    expect(cases.map(attentionName)).toEqual([
      'decode 1×100, 8 heads of 64 in groups of 4, i8, pages of 16',
      'decode 3×100, 8 heads of 64 in groups of 4, i8, pages of 16',
      'prefill 1×100, chunks of 48, 8 heads of 64 in groups of 4, i8, pages of 16',
      'prefill 3×100, chunks of 48, 8 heads of 64 in groups of 4, i8, pages of 16',
    ]);
    for (const c of cases) {
      const size = (op: typeof paged, name: string, dims: Record<string, number>): number => {
        const tensor = op.tensors[name];
        if (!tensor) throw new Error(name);
        return layoutOf(tensor, dims, 'f32').bytes;
      };
      expect(size(paged, 'pages', attentionDims(c))).toBe(size(gather, 'pages', gatherDims(c)));
      expect(size(contiguous, 'dense', attentionDims(c))).toBe(size(gather, 'dense', gatherDims(c)));
    }
  });

  it('races each algorithm with and without block tables, all ops of one cache together', () => {
    const items = attentionItems(cases);
    expect(items.map(({ op }) => op)).toEqual(cases.flatMap(() => attentionOps));
    for (const [i, c] of cases.entries()) {
      const own = items.slice(3 * i, 3 * i + 3);
      expect(own.map((item) => Object.keys(item.shapes))).toEqual(Array(3).fill([attentionName(c)]));
      const [p, d] = own.map((item) =>
        item.versions.map((id) => catalog.get(item.op)?.versions.find((v) => v.id === id)),
      );
      expect(p?.length).toBeGreaterThan(1);
      // a pair sums in one order, so only the look-up sets it apart
      expect(p?.map((v) => v?.reduction)).toEqual(d?.map((v) => v?.reduction));
      expect(p?.every((v) => v !== undefined)).toBe(true);
    }
    const groups = groupsOf(items);
    expect(racesOf(groups, 'shape').map((race) => race.map(({ item }) => item.op))).toEqual(
      cases.map(() => [...attentionOps]),
    );
    expect(racesOf(groups, 'op').every((race) => race.length === 1)).toBe(true);
  });

  it('reads its case back from the dims of a row', () => {
    for (const c of cases) expect(caseOf({ dims: attentionDims(c) })).toEqual(c);
  });

  it('counts the bytes of K and V once', () => {
    const [first] = cases;
    // 7 pages of 16 tokens, 2 KV heads of 64 int8 cells, K and V, and a scale each
    expect(first && kvBytes(first)).toBe(7 * 16 * 2 * 2 * (64 + 4));
  });

  it('times sequences of the full length, whose bytes are all read', () => {
    for (const c of cases) {
      const { items = [] } = paged.inputs(attentionDims(c), 'normal', 'f32', 7);
      for (let i = 0; i < items.length; i += 4) {
        const row = items[i + 2] ?? 0;
        const last = (items[i + 3] ?? 0) + (items[i + 1] ?? 0);
        const ends = (items[i] ?? 0) + (items[i + 1] ?? 0) === (row + 1) * c.tokens;
        if (ends) expect(last).toBe(c.context);
      }
    }
  });

  const row = (op: string, version: string, medianMs: number, cold: number | null): ResultRow => ({
    op,
    version,
    peer: 'lockstep',
    shape: 's',
    dims: {},
    dtype: 'f32',
    verified: true,
    status: 'measured',
    why: null,
    maxError: 0,
    tolerance: 1,
    accuracy: null,
    clock: 'gpu',
    medianMs,
    p10Ms: medianMs,
    p90Ms: medianMs,
    n: 5,
    gflops: 1,
    gbps: 100 / medianMs,
    fractionOfCeiling: null,
    ceiling: null,
    bound: 'bandwidth',
    cold:
      cold === null
        ? null
        : {
            medianMs: cold,
            p10Ms: cold,
            p90Ms: cold,
            n: 5,
            gflops: 1,
            gbps: 100 / cold,
            fractionOfCeiling: null,
          },
    tuned: null,
    params: {},
    reduction: '',
    samplesMs: Array(9).fill(medianMs),
  });

  it('sets cold times beside cold ones, and never cold beside warm', () => {
    const ceilings = { readBandwidth: { value: 50, unit: 'GB/s', p10: 50, p90: 50, n: 5, how: '' } };
    const none = {
      copyBandwidth: null,
      workgroupBandwidth: null,
      f32: null,
      f16: null,
      dot4i8: null,
      dispatch: null,
    };
    const all = [
      row('paged_attention', 'slow', 9, 9),
      row('paged_attention', 'quick', 2, 4),
      row('contiguous_attention', 'a', 2, 5),
      row('gather_pages', 'a', 1, 3),
    ];
    const measured = { ...none, readBandwidth: { ...ceilings.readBandwidth, unit: 'GB/s' as const } };
    const [cold] = attentionFigures(all, measured);
    expect(cold).toMatchObject({
      version: 'quick',
      timing: 'cold',
      pagedMs: 4,
      readFraction: 0.5,
    });
    // warm, turn by turn: contiguous took 2 ms, as the quicker paged version did, and gathering 1 ms more
    expect(cold?.overContiguous?.ratio).toBe(1);
    expect(cold?.gatherDense?.ratio).toBeCloseTo(1.5);
    // a turn that one of them lost is no turn of the comparison, and shifts none
    const rising = [1, 2, 4, 8, 16, 32, 64, 128, 256];
    const turns = (op: string, lost: number, scale: number) => ({
      ...row(op, 'a', scale, null),
      samplesMs: rising.map((t, turn) => (turn === lost ? null : t * scale)),
    });
    const [uneven] = attentionFigures(
      [turns('paged_attention', 1, 2), turns('contiguous_attention', 4, 1), turns('gather_pages', 6, 3)],
      null,
    );
    expect(uneven?.overContiguous).toMatchObject({ ratio: expect.closeTo(2, 9), low: expect.closeTo(2, 9) });
    expect(uneven?.gatherDense).toMatchObject({ ratio: expect.closeTo(2, 9), low: expect.closeTo(2, 9) });
    const [slow] = attentionFigures(
      [row('paged_attention', 'x', 3, null), row('contiguous_attention', 'a', 2, null)],
      null,
    );
    expect(slow?.overContiguous?.ratio).toBeCloseTo(1.5);
    const [warm] = attentionFigures([...all.slice(0, 3), row('gather_pages', 'a', 1, null)], measured);
    expect(warm).toMatchObject({ timing: 'warm', pagedMs: 2, readFraction: 1 });
    const [missing] = attentionFigures(
      [{ ...row('paged_attention', 'x', 1, null), medianMs: null, why: 'too long' }],
      null,
    );
    expect(missing).toMatchObject({ pagedMs: null, why: 'too long' });
  });
});

describe('paged attention at every group and head size that a model may have', () => {
  it('keeps to the workgroup memory that every device has, wide versions to that of the devices they serve', () => {
    for (const version of catalog.get('paged_attention')?.versions ?? [])
      for (const group of [1, 2, 3, 4, 5, 6, 7, 8])
        for (const headDim of headDims)
          for (const [phase, tokens] of [
            ['decode', 1],
            ['prefill', 9],
          ] as const) {
            const sizes = { batch: 1, context: 9, heads: group, group, headDim, kv: 'i8', page: 16 } as const;
            const prepared = prepare(paged, version, attentionDims({ ...sizes, phase, tokens }), 'f32');
            // WebGPU's default maxComputeWorkgroupStorageSize, and what versions.ts calls large
            const most = version.id.includes('wide') ? 32_768 : 16_384;
            expect(unwrap(prepared).workgroupBytes, `${version.id} ${group} ${headDim}`).toBeLessThanOrEqual(
              most,
            );
          }
  });
});
