// A planted bug of each kind is found, on the right line; the correct kernel has none.
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../src/core/result.ts';
import { compileKernel, type Finding, type Order, Run } from '../../src/stepper/index.ts';

/** A tiled transpose-and-sum with everything in it; each planted bug is a small edit of a line. */
const correct = `enable subgroups;
@group(0) @binding(0) var<storage, read> input: array<f32>;
@group(0) @binding(1) var<storage, read_write> output: array<f32>;
@group(0) @binding(2) var<storage, read_write> count: array<u32>;
const N = 64u;
var<workgroup> tile: array<f32, N>;
@compute @workgroup_size(N)
fn main(@builtin(local_invocation_index) i: u32, @builtin(workgroup_id) w: vec3u) {
  tile[i] = input[w.x * N + i];
  workgroupBarrier();
  var sum = tile[i] + tile[N - 1u - i];
  if (i < 32u) {
    sum += 1.0;
  }
  workgroupBarrier();
  tile[i] = sum;
  workgroupBarrier();
  output[w.x * N + i] = tile[(i + 1u) % N];
  if (i == 0u) {
    count[w.x] = N;
  }
}`;
const line = (text: string): number => correct.split('\n').findIndex((l) => l.includes(text)) + 1;

function check(source: string, order: Order = { kind: 'round-robin' }, groups = 4): readonly Finding[] {
  const { kernel, diagnostics } = compileKernel(source);
  if (!kernel) throw new Error(JSON.stringify(diagnostics));
  const run = Run.start(
    kernel,
    {
      workgroups: [groups, 1, 1],
      order,
      statementBudget: 10_000,
      buffers: [
        {
          group: 0,
          binding: 0,
          bytes: new Uint8Array(Float32Array.from({ length: 64 * groups }, (_, i) => i).buffer),
        },
        { group: 0, binding: 1, bytes: new Uint8Array(256 * groups) },
        { group: 0, binding: 2, bytes: new Uint8Array(4 * groups) },
      ],
    },
    'checks',
  );
  return unwrap(run).finish().found();
}
const edit = (from: string, to: string): string => {
  expect(correct).toContain(from);
  return correct.replace(from, to);
};
/** Kinds with the lines that they name. */
const summary = (found: readonly Finding[]): string[] =>
  found.map((f) => {
    if (f.kind === 'race')
      return `race ${[f.first.span.line, f.second.span.line].sort((a, b) => a - b).join(',')}`;
    return `${f.kind} ${'site' in f ? f.site.span.line : f.span.line}`;
  });
const orders = [
  { kind: 'round-robin' },
  { kind: 'sequential' },
  { kind: 'adversarial' },
  { kind: 'seeded', seed: 3 },
] as const;

describe.each(orders)('planted bugs, order %o', (order) => {
  it('the correct kernel is clean', () => {
    expect(check(correct, order)).toEqual([]);
  });

  it('a missing barrier is a race between the two lines', () => {
    const found = check(edit('workgroupBarrier();\n  var sum', 'var sum'), order);
    const races = summary(found).filter((s) => s.startsWith('race'));
    expect(races).toContain(`race ${line('tile[i] = input')},${line('var sum') - 1}`);
    const first = found.find((f) => f.kind === 'race');
    expect(first?.kind === 'race' && first.first.lane !== first.second.lane).toBe(true);
    expect(first?.kind === 'race' && first.memory).toEqual({ space: 'workgroup' });
  });

  it('an index one too far is out of bounds, and clamped', () => {
    const found = check(edit('tile[(i + 1u) % N]', 'tile[i + 1u]'), order);
    expect(summary(found)).toContain(`out-of-bounds ${line('output[')}`);
    const [f] = found.filter((x) => x.kind === 'out-of-bounds');
    expect(f?.kind === 'out-of-bounds' && [f.index, f.length, f.site.lane, f.count]).toEqual([64, 64, 63, 4]);
  });

  it('a write out of bounds is said to be a write', () => {
    const found = check(edit('tile[i] = sum;', 'tile[i + 1u] = sum;'), order);
    const f = found.find((x) => x.kind === 'out-of-bounds');
    expect(f?.kind === 'out-of-bounds' && [f.site.access, f.site.span.line]).toEqual([
      'write',
      line('tile[i] = sum'),
    ]);
  });

  it('a wrong mask that lets every lane write is a race on one line', () => {
    const found = check(edit('if (i == 0u) {', 'if (i >= 0u) {'), order);
    expect(summary(found)).toEqual([`race ${line('count[')},${line('count[')}`]);
    const [f] = found;
    expect(f?.kind === 'race' && [f.before, f.after]).toEqual([64, 64]);
    expect(f?.message).toContain('both write the same value');
  });

  it('a barrier that half of the lanes skip is divergent', () => {
    const found = check(edit('sum += 1.0;', 'sum += 1.0; workgroupBarrier();'), order);
    expect(summary(found)).toContain(`divergent-barrier ${line('sum +=')}`);
    const f = found.find((x) => x.kind === 'divergent-barrier');
    expect(f?.kind === 'divergent-barrier' && [f.arrived, f.expected]).toEqual([32, 64]);
  });

  it('a barrier that half of a subgroup skips is divergent', () => {
    const found = check(
      edit('if (i < 32u) {\n    sum += 1.0;', 'if (i % 2u == 0u) {\n    sum += 1.0; workgroupBarrier();'),
      order,
    );
    expect(summary(found)).toContain(`divergent-barrier ${line('sum +=')}`);
  });

  it('a race in the last workgroup only is found', () => {
    const found = check(edit('count[w.x] = N;', 'count[min(w.x, 2u)] = N;'), order);
    expect(summary(found)).toEqual([`race ${line('count[')},${line('count[')}`]);
    const [f] = found;
    expect(f?.kind === 'race' && [f.first.workgroup, f.second.workgroup]).toEqual([2, 3]);
  });

  it('a race inside the last workgroup only is found', () => {
    const found = check(edit('if (i == 0u) {', 'if (i == 0u || (w.x == 3u && i == 40u)) {'), order);
    expect(summary(found)).toEqual([`race ${line('count[')},${line('count[')}`]);
    const [f] = found;
    expect(f?.kind === 'race' && f.second.workgroup).toBe(3);
    expect(f?.kind === 'race' && [f.first.lane, f.second.lane].sort((a, b) => a - b)).toEqual([0, 40]);
  });

  it('workgroup memory read before it is written is found', () => {
    const found = check(
      edit('tile[i] = input[w.x * N + i];', 'if (i != 5u) { tile[i] = input[w.x * N + i]; }'),
      order,
    );
    const f = found.find((x) => x.kind === 'uninitialized-read');
    expect(f?.kind === 'uninitialized-read' && [f.variable, f.byteOffset, f.site.span.line]).toEqual([
      'tile',
      20,
      line('var sum'),
    ]);
  });

  it('a loop without end is stopped, and its line is named', () => {
    const found = check(edit('sum += 1.0;', 'for (var k = 0u; k < 4u; k += 0u) { sum += 1.0; }'), order);
    expect(summary(found)).toEqual([`runaway ${line('sum +=')}`]);
  });
});

describe('what orders show', () => {
  const output = (source: string, order: Order): Float32Array => {
    const { kernel } = compileKernel(source);
    if (!kernel) throw new Error('does not compile');
    const buffers = [
      { group: 0, binding: 0, bytes: new Uint8Array(Float32Array.from({ length: 64 }, (_, i) => i).buffer) },
      { group: 0, binding: 1, bytes: new Uint8Array(256) },
      { group: 0, binding: 2, bytes: new Uint8Array(4) },
    ];
    const run = unwrap(Run.start(kernel, { workgroups: [1, 1, 1], order, buffers }, 'results')).finish();
    return new Float32Array((run.outputs()[0]?.bytes ?? new Uint8Array()).buffer);
  };

  it('the adversarial order makes a missing barrier change the answer', () => {
    const broken = edit('workgroupBarrier();\n  var sum', 'var sum');
    const right = output(correct, { kind: 'adversarial' });
    expect(output(correct, { kind: 'round-robin' })).toEqual(right);
    expect(output(broken, { kind: 'adversarial' })).not.toEqual(right);
  });

  it('the same seed gives the same run', () => {
    const broken = edit('workgroupBarrier();\n  var sum', 'var sum');
    const seeded = (seed: number) => output(broken, { kind: 'seeded', seed });
    expect(seeded(1)).toEqual(seeded(1));
  });
});
