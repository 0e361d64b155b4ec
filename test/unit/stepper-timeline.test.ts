// The timeline: the same state at the same time whichever way it is reached, watches, navigation, provenance.
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../src/core/result.ts';
import {
  caption,
  compileKernel,
  type Dispatch,
  type Kernel,
  LANE_STATES,
  type Order,
  provenance,
  Run,
  stops,
  Timeline,
  Watches,
} from '../../src/stepper/index.ts';
import { travel } from '../../src/views/step/navigate.ts';

const tiled = `
struct Dims { m: u32, n: u32, k: u32 }
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> c: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;
const TILE = 8u;
var<workgroup> ta: array<array<f32, TILE>, TILE>;
var<workgroup> tb: array<array<f32, TILE>, TILE>;
fn load(row: u32, k: u32) -> f32 {
  return a[row * dims.k + k];
}
@compute @workgroup_size(TILE, TILE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_id) local: vec3u) {
  var sum = 0.0;
  for (var k0 = 0u; k0 < dims.k; k0 += TILE) {
    ta[local.y][local.x] = load(id.y, k0 + local.x);
    tb[local.y][local.x] = b[(k0 + local.y) * dims.n + id.x];
    workgroupBarrier();
    for (var k = 0u; k < TILE; k++) {
      sum += ta[local.y][k] * tb[k][local.x];
    }
    workgroupBarrier();
  }
  c[id.y * dims.n + id.x] = sum;
}`;

const kernelOf = (source: string, subgroupSize: 4 | 8 | 16 | 32 | 64 = 16): Kernel => {
  const { kernel, diagnostics } = compileKernel(source, { subgroupSize });
  if (!kernel) throw new Error(JSON.stringify(diagnostics));
  return kernel;
};

const N = 16;
const values = (f: (i: number) => number): Uint8Array =>
  new Uint8Array(Float32Array.from({ length: N * N }, (_, i) => f(i)).buffer);
const a = values((i) => (i % 7) - 3);
const b = values((i) => (i % 5) - 2);
const dispatch = (order: Order = { kind: 'round-robin' }): Dispatch => ({
  workgroups: [2, 2, 1],
  order,
  buffers: [
    { group: 0, binding: 0, bytes: a },
    { group: 0, binding: 1, bytes: b },
    { group: 0, binding: 2, bytes: new Uint8Array(N * N * 4) },
    { group: 1, binding: 0, bytes: new Uint8Array(Uint32Array.of(N, N, N).buffer) },
  ],
});
const open = (workgroup = 3, order?: Order): Timeline =>
  Timeline.open(unwrap(Run.start(kernelOf(tiled), dispatch(order), 'results')), workgroup).finish();

const snapshot = (t: Timeline): unknown => ({
  state: t.state(),
  shared: t.memory({ space: 'workgroup' }),
  c: t.memory({ space: 'binding', index: 2 }),
  sum: unwrapOr(new Watches(t).evaluate('sum')),
});
const unwrapOr = (r: { ok: boolean; value?: unknown }): unknown => (r.ok ? r.value : undefined);

describe('timeline', () => {
  it('computes the product', () => {
    const run = unwrap(Run.start(kernelOf(tiled), dispatch(), 'checks')).finish();
    const c = new Float32Array((run.outputs()[0]?.bytes ?? new Uint8Array()).buffer);
    const fa = new Float32Array(a.buffer);
    const fb = new Float32Array(b.buffer);
    for (let i = 0; i < N * N; i++) {
      let want = 0;
      for (let k = 0; k < N; k++) want += (fa[Math.floor(i / N) * N + k] ?? 0) * (fb[k * N + (i % N)] ?? 0);
      expect(c[i]).toBe(want);
    }
    expect(run.found()).toEqual([]);
    // every cell of a is read once by each of the two workgroups in its row
    expect([...run.reads(0)].slice(0, N * N)).toEqual(new Array(N * N).fill(2));
  });

  it.each([
    { kind: 'round-robin' },
    { kind: 'sequential' },
    { kind: 'seeded', seed: 7 },
    { kind: 'adversarial' },
  ] as const)('is the same forwards and backwards (%o)', (order) => {
    const t = open(3, order);
    const forwards: unknown[] = [];
    const times = [0, 1, 2, 17, 50, 51, 52, 53, 100, t.length - 1, t.length];
    for (const time of times) {
      t.seek(time);
      forwards.push(snapshot(t));
    }
    for (const [i, time] of [...times.entries()].reverse()) {
      t.seek(time);
      expect(snapshot(t)).toEqual(forwards[i]);
    }
    expect(t.state().lanes.every((s) => LANE_STATES[s] === 'active' || LANE_STATES[s] === 'done')).toBe(true);
  });

  it('ends with the workgroup done and the same bytes as a whole run', () => {
    const t = open(3);
    t.seek(t.length);
    expect(t.state().subgroups.every((s) => s.status === 'done')).toBe(true);
    const whole = unwrap(Run.start(kernelOf(tiled), dispatch(), 'results')).finish();
    expect(t.outputs()[0]?.bytes).toEqual(whole.outputs()[0]?.bytes);
  });

  it('steps by barrier, lane, line, over and out, in both directions', () => {
    const t = open();
    const barriers = t.marks.filter((m) => m.kind === 'barrier');
    expect(barriers).toHaveLength(4);
    const recording = { steps: t.steps, length: t.length, statements: t.run.kernel.statements };
    // a step is shown at the time after it
    const shown = (time: number): number => time - 1;
    const among = { kind: 'among', steps: barriers.map((m) => m.step) } as const;
    const first = travel(recording, 0, among, 'forward');
    expect(shown(first)).toBe(barriers[0]?.step);
    expect(travel(recording, first, among, 'back')).toBe(0);
    const call = t.steps.depth.indexOf(1);
    const out = travel(recording, call + 1, { kind: 'out' }, 'forward');
    expect(t.steps.depth[shown(out)]).toBe(0);
    expect(t.steps.subgroup[shown(out)]).toBe(t.steps.subgroup[call]);
    expect(shown(out)).toBeGreaterThan(call);
    const over = travel(recording, call + 1, { kind: 'over' }, 'forward');
    expect(t.steps.subgroup[shown(over)]).toBe(t.steps.subgroup[call]);
    const line = shown(travel(recording, 1, { kind: 'line', line: 21 }, 'forward'));
    t.seek(line);
    expect(caption(t, line)?.line).toBe(21);
  });

  it('watches names, elements and expressions, and refuses what would change something', () => {
    const t = open();
    const at = stops(t, { line: 21 })[0] ?? 0;
    t.seek(at);
    const w = new Watches(t);
    const lanes = unwrap(w.evaluate('local.y * TILE + local.x'));
    expect([...lanes.values]).toEqual(Array.from({ length: 64 }, (_, i) => i));
    const tile = unwrap(w.evaluate('ta[local.y][local.x]'));
    const fa = new Float32Array(a.buffer);
    expect(tile.values[9]).toBe(fa[(8 + 1) * N + 1]);
    expect(unwrap(w.evaluate('vec2f(sum, 1.0)')).components).toBe(2);
    expect(w.evaluate('nothing').ok).toBe(false);
    expect(w.evaluate('load(0u, 0u)').ok).toBe(false);
    expect(w.evaluate('sum = 1').ok).toBe(false);
    const names = w.variables(t.steps.statement[at] ?? 0).map((v) => v.name);
    expect(names).toEqual(['k', 'k0', 'sum', 'local', 'id']);
  });

  it('finds conditional, lane and access breakpoints', () => {
    const t = open();
    const hits = stops(t, { line: 21, condition: 'k == 3u && k0 == 8u' });
    expect(hits).toHaveLength(4);
    t.seek(hits[0] ?? 0);
    expect(unwrap(new Watches(t).evaluate('k')).values[0]).toBe(3);
    expect(stops(t, { line: 25, lane: 63 })).toHaveLength(1);
    expect(stops(t, { access: { memory: 3, byte: (8 * N + 8) * 4 } })).toHaveLength(1);
  });

  it('traces an output cell to the row and the column that made it', () => {
    const t = open();
    const cell = (row: number, column: number): number => (row * N + column) * 4;
    const p = unwrap(provenance(t, { space: 'binding', index: 2 }, cell(9, 10)));
    const from = (memory: number): number[] =>
      [...new Set([...p.loads.byte].filter((_, i) => p.loads.memory[i] === memory))].sort((x, y) => x - y);
    expect(from(1)).toEqual(Array.from({ length: N }, (_, k) => cell(9, k)));
    expect(from(2)).toEqual(Array.from({ length: N }, (_, k) => cell(k, 10)));
    expect(p.writtenAt?.lane).toBe(1 * 8 + 2);
    expect(t.position).toBe(0);
  });

  it('traces a cell as it stands at a time: the last write before it, or the first one to come', () => {
    const source = `@group(0) @binding(0) var<storage, read> a: array<u32>;
@group(0) @binding(1) var<storage, read_write> c: array<u32>;
@compute @workgroup_size(1) fn main() {
  c[0] = a[0];
  c[1] = a[1];
  c[0] = c[0] + a[2];
}`;
    const buffers = [0, 1].map((binding) => ({ group: 0, binding, bytes: new Uint8Array(16) }));
    const run = unwrap(Run.start(kernelOf(source), { workgroups: [1, 1, 1], buffers }, 'results'));
    const t = Timeline.open(run, 0).finish();
    const at = (time: number): { from: number[]; step: number | undefined; holds: readonly number[] } => {
      const p = unwrap(provenance(t, { space: 'binding', index: 1 }, 0, time));
      const from = [...p.loads.byte].filter((_, i) => p.loads.memory[i] === 1);
      return { from, step: p.writtenAt?.step, holds: p.holds };
    };
    // times 0 and 1 to 2: written, or about to be, from a[0]; from the third statement's end on from a[0] and a[2]
    expect(at(0)).toEqual({ from: [0], step: 0, holds: [0, 2] });
    expect(at(2)).toEqual({ from: [0], step: 0, holds: [0, 2] });
    expect(at(3)).toEqual({ from: [0, 8], step: 2, holds: [3, 3] });
    const never = unwrap(provenance(t, { space: 'binding', index: 1 }, 12, 1));
    expect([never.writtenAt, never.holds]).toEqual([undefined, [0, 3]]);
  });

  it('knows who reads an input cell', () => {
    const t = open();
    const { accesses } = t.touching({ space: 'binding', index: 0 }, (9 * N + 3) * 4, 'read');
    expect([...accesses.lane]).toEqual([1 * 8 + 3]);
  });

  it('says in a sentence what a step did', () => {
    const t = open();
    const at = stops(t, { line: 21 })[0] ?? 0;
    expect(caption(t, at)?.sentence).toMatch(
      /^Subgroup \d executes sum \+= ta\[local\.y\]\[k\] \* tb\[k\]\[local\.x\] on line 21 with all 16 lanes: reads ta, reads tb\.$/,
    );
  });

  it('marks lead to their findings', () => {
    const broken = kernelOf(tiled.replace('    workgroupBarrier();\n    for', '    for'));
    const t = Timeline.open(unwrap(Run.start(broken, dispatch(), 'results')), 0).finish();
    const race = t.marks.find((m) => m.kind === 'race');
    const finding = t.findings[race?.finding ?? -1];
    expect(finding?.kind).toBe('race');
    t.seek(race?.step ?? 0);
    expect(finding?.kind === 'race' && finding.second.span.line).toBe(caption(t, race?.step ?? 0)?.line);
  });
});
