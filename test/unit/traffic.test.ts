// The bytes that a run is said to move, against the addresses that it touches in the stepper: a figure in GB/s, and what a run is
// bound by, stand on them.

import { describe, expect, it } from 'vitest';
import { at } from '../../src/core/assert.ts';
import { unwrap } from '../../src/core/result.ts';
import { type CatalogEntry, catalog } from '../../src/kernels/catalog.ts';
import { layoutOf } from '../../src/kernels/layout.ts';
import type { Dims, Fill } from '../../src/kernels/op.ts';
import { prepare } from '../../src/kernels/prepare.ts';
import { compulsoryBytes, movedOf } from '../../src/kernels/traffic.ts';
import { compileKernel } from '../../src/stepper/index.ts';
import type { Machine, Observer } from '../../src/stepper/machine/machine.ts';
import { bindMemories } from '../../src/stepper/machine/memories.ts';
import { Runner } from '../../src/stepper/machine/runner.ts';
import { buffersOf } from '../../src/stepper/shipped.ts';

/** The words of each tensor that the op's first version reads and writes, each counted once. */
class Touched implements Observer {
  readonly words = new Map<string, Set<number>>();

  access(m: Machine, memory: number, address: number, offset: number, bytes: number, mode: string): void {
    const key = `${memory} ${mode}`;
    const words = this.words.get(key) ?? new Set<number>();
    this.words.set(key, words);
    for (let j = 0; j < m.n; j++) {
      const first = at(m.I, m.off + address + at(m.L, j)) + offset;
      for (let word = first >> 2; word <= (first + bytes - 1) >> 2; word++) words.add(word);
    }
  }

  statement(): void {}
}

function touchedOf({ op, versions }: CatalogEntry, dims: Dims, fill: Fill) {
  const version = at(versions, 0);
  const prepared = unwrap(prepare(op, version, dims, 'f32'));
  const { entry, workgroups } = at(prepared.passes, 0);
  const { kernel } = compileKernel(prepared.code, { entryPoint: entry, constants: prepared.constants });
  if (!kernel) throw new Error(version.path);
  const { program } = kernel.observed;
  const memories = unwrap(bindMemories(program, buffersOf(prepared, op.inputs(dims, fill, 'f32', 1))));
  const touched = new Touched();
  const quiet = { outOfBounds: () => undefined, divergentBarrier: () => undefined };
  const runner = new Runner(program, memories, workgroups, { kind: 'round-robin' }, 2e6, quiet, touched);
  for (let group = 0; group < runner.workgroups; group++) {
    runner.begin(group);
    while (runner.advance(1 << 20).progress === 'more');
  }
  const bytes = (name: string, mode: 'read' | 'write'): number => {
    const index = kernel.bindings.findIndex((b) => b.name === name);
    return 4 * (touched.words.get(`${1 + index} ${mode}`)?.size ?? 0);
  };
  return Object.fromEntries(
    Object.entries(op.tensors).map(([name, { role }]) => [
      name,
      // what a kernel wrote itself and reads again need not come from memory
      { reads: role === 'out' ? 0 : bytes(name, 'read'), writes: bytes(name, 'write') },
    ]),
  );
}

/** Shapes at which an op that looks rows up, or fills slots, touches a part of its tensors. */
const sparse: Readonly<Record<string, Dims>> = {
  embedding: { ...dimsOf('embedding'), t: 90, width: 64, rows: 3000 },
  rms_norm_rows: { ...dimsOf('rms_norm_rows'), m: 64, rows: 5, n: 64 },
  kv_append: { ...dimsOf('kv_append'), t: 40, pages: 90 },
  rope_kv_append: { ...dimsOf('rope_kv_append'), t: 60, pages: 90 },
  rope: { ...dimsOf('rope'), t: 4, window: 4000 },
  copy_page: { copies: 4, pages: 40, page_words: 64 },
  gather_pages: { entries: 5, pages: 60, page_words: 64 },
  // as long as the longest, as all that are benchmarked
  paged_attention: {
    ...dimsOf('paged_attention'),
    shortest: dimsOf('paged_attention')['keys'] ?? 0,
    pages: 90,
  },
  contiguous_attention: {
    ...dimsOf('contiguous_attention'),
    shortest: dimsOf('contiguous_attention')['keys'] ?? 0,
  },
  linear: { ...dimsOf('linear'), y_n: 64 },
  sample: { ...dimsOf('sample'), slots: 400 },
};

function dimsOf(op: string): Dims {
  return catalog.get(op)?.op.shapes.step ?? {};
}

describe.each([...catalog.values()].map((entry) => [entry.op.id, entry] as const))('%s', (id, entry) => {
  const { op } = entry;

  it('is said to move no more than its tensors hold', () => {
    const shapes = [
      op.shapes.step,
      ...op.shapes.test.map(({ dims }) => dims),
      ...Object.values(op.shapes.bench),
    ];
    for (const dims of shapes) {
      const whole = Object.values(op.tensors).reduce(
        (sum, spec) => sum + (spec.role === 'inout' ? 2 : 1) * layoutOf(spec, dims, 'f32').bytes,
        0,
      );
      expect(compulsoryBytes(op, dims, 'f32')).toBeLessThanOrEqual(whole);
    }
  });

  it('touches what it is said to move', () => {
    const dims = sparse[id] ?? op.shapes.step;
    const moved = movedOf(op, dims, 'f32');
    for (const [name, touched] of Object.entries(touchedOf(entry, dims, 'normal')))
      for (const mode of ['reads', 'writes'] as const) {
        const said = moved[name]?.[mode];
        expect(said, `${name} ${mode}`).toBeGreaterThanOrEqual(touched[mode]);
        // a buffer has 16 bytes at least, and random rows may come twice
        expect(said, `${name} ${mode}`).toBeLessThanOrEqual(1.05 * touched[mode] + 16);
      }
  });
});

describe('ops that look up or fill a part', () => {
  it('move about what they look up, not the table', () => {
    const op = catalog.get('embedding')?.op;
    const dims = op?.shapes.bench['512×2048'];
    if (!op || !dims) return expect.fail('embedding');
    expect(compulsoryBytes(op, dims, 'f32') / 2 ** 20).toBeCloseTo((2048 * 4 * (345 + 512)) / 2 ** 20, 1);
  });
});
