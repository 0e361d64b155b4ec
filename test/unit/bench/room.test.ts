// Shapes that need no try: what cannot fit is named before a page makes gigabytes of inputs for it.

import { describe, expect, it } from 'vitest';
import { catalog } from '../../../src/kernels/catalog.ts';
import type { Dims, Op } from '../../../src/kernels/op.ts';
import { compulsoryBytes } from '../../../src/kernels/traffic.ts';
import { attentionCases, attentionDims } from '../../../src/measure/attention.ts';
import { noRoom } from '../../../src/worker/bench/room.ts';

const opOf = (id: string): Op => {
  const found = catalog.get(id);
  if (!found) throw new Error(id);
  return found.op;
};
const gib = 2 ** 30;
const big = { fallback: false, cap: 16 * gib, limits: { maxStorageBufferBindingSize: 2 * gib - 4 } };
const cpu = { fallback: true, cap: 2 * gib, limits: { maxStorageBufferBindingSize: gib } };
const small = { ...big, limits: { maxStorageBufferBindingSize: 128 * 2 ** 20 } };

describe('a shape', () => {
  it.each(['rms_norm', 'rope', 'softmax', 'silu_mul'])('of %s takes a fast GPU 200 µs of bytes', (id) => {
    const op = opOf(id);
    const largest = Math.max(
      ...Object.values(op.shapes.bench).map((dims) => compulsoryBytes(op, dims, 'f32')),
    );
    expect(largest / 3.3e12).toBeGreaterThan(200e-6);
    const all = Object.values(op.shapes.bench).map((dims) => [dims, noRoom(big, op, dims, 'f32')] as const);
    expect(all.filter(([, why]) => why)).toEqual([]);
    // the quick ones run everywhere, the largest on no CPU adapter and in no default binding
    for (const name of op.shapes.quick)
      expect(noRoom(cpu, op, op.shapes.bench[name] ?? {}, 'f32'), name).toBeNull();
    const dims = Object.values(op.shapes.bench).at(-1) ?? {};
    expect(noRoom(cpu, op, dims, 'f32')).toMatchObject({ status: 'skipped' });
    expect(noRoom(small, op, dims, 'f32')?.why).toMatch(
      /^refused: \w+ needs \d+ MiB; this device binds 128 MiB/,
    );
  });

  it('whose inputs a page cannot make is refused, before it tries', () => {
    const [huge] = attentionCases({
      ...{ phases: ['decode'], batches: [64], contexts: [32768], heads: 32, groups: [4], headDim: 64 },
      ...{ kvs: ['i8'], pages: [16], chunk: 64 },
    });
    if (!huge) throw new Error('no case');
    const dims: Dims = attentionDims(huge);
    const roomy = { ...big, limits: { maxStorageBufferBindingSize: 64 * gib } };
    // pages repeat a period, so that a page makes few of their cells; weights do not
    expect(noRoom(roomy, opOf('paged_attention'), dims, 'f32')).toBeNull();
    const [n, k] = [200_000, 2048];
    const layer = { m: 1, n, k, y_n: n, y_0: 0, format: 0, cells: 4, group: k, groups: 1 };
    expect(noRoom(roomy, opOf('linear'), layer, 'f32')?.why).toContain('a page makes 268435456 at most');
    expect(noRoom(big, opOf('paged_attention'), dims, 'f32')?.why).toContain('refused: pages needs');
  });
});
