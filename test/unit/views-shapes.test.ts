import { describe, expect, it } from 'vitest';
import { benchable, chosenShapes, chosenVersions, dtypeOf, requestOf } from '../../src/app/bench/request.ts';
import { dimsOf, families, nameOf, sweepSizes } from '../../src/app/bench/shapes.ts';
import { catalog } from '../../src/kernels/catalog.ts';

const entries = [...catalog.values()].filter(benchable);
const matmul = catalog.get('matmul');
if (!matmul) throw new Error('shaders/matmul is gone');
const choice = { dtype: 'f32', shapes: [], versions: [], tuning: 'off', effort: 'quick' } as const;

describe('shapes by name', () => {
  it.each(entries.map((e) => [e.op.id, e] as const))(
    '%s: every bench shape has its name and back',
    (_, { op }) => {
      for (const [name, dims] of Object.entries(op.shapes.bench)) {
        expect(dimsOf(op, name)).toEqual(dims);
        expect(dimsOf(op, nameOf(op, dims))).toEqual(dims);
      }
    },
  );

  it('reads shapes typed by hand and refuses what is none', () => {
    const { op } = matmul;
    expect(dimsOf(op, '12×34x56')).toEqual({ m: 12, n: 34, k: 56 });
    expect(dimsOf(op, '300')).toEqual({ m: 300, n: 300, k: 300 });
    for (const bad of ['', '0', '-1', '1.5', '12×34', '1×2×3×4', 'abc', '99999999999'])
      expect(dimsOf(op, bad)).toBeNull();
    expect(nameOf(op, { m: 300, n: 300, k: 300 })).toBe('300');
    expect(nameOf(op, { m: 1, n: 2, k: 3 })).toBe('1×2×3');
  });

  it('sweeps the dims that move together first', () => {
    expect(families(matmul.op)[0]).toEqual({ title: 'm = n = k', dims: ['m', 'n', 'k'] });
    expect(sweepSizes(128, 512)).toEqual([128, 192, 256, 384, 512]);
    expect(sweepSizes(512, 128)).toEqual([]);
  });
});

describe('what a choice asks for', () => {
  it.each(entries.map((e) => [e.op.id, e] as const))('%s: the empty choice runs something', (_, entry) => {
    const request = requestOf(entry, choice);
    const { quick, bench } = entry.op.shapes;
    const wanted = quick.length > 0 ? quick : Object.keys(bench).slice(0, 1);
    expect(Object.keys(request.items[0]?.shapes ?? {}).sort()).toEqual([...wanted].sort());
    expect(chosenVersions(entry, choice).length).toBeGreaterThan(0);
  });

  it('drops names that do not exist, and falls back to what does', () => {
    expect([...chosenShapes(matmul, ['nonsense', '64']).keys()]).toEqual(['64']);
    expect([...chosenShapes(matmul, ['nonsense']).keys()]).toEqual([...matmul.op.shapes.quick]);
    expect(dtypeOf(matmul, 'f8')).toBe('f32');
    expect(chosenVersions(matmul, { ...choice, versions: ['01_naive', 'gone'] })).toEqual(['01_naive']);
  });

  it('writes the command that repeats it', () => {
    const { command } = requestOf(matmul, {
      ...choice,
      shapes: ['64', 'row 1×4096×4096'],
      versions: ['01_naive'],
    });
    expect(command).toBe(
      'npm run bench -- kernels --op matmul --shape 64 --shape "row 1×4096×4096" --versions 01_naive --quick',
    );
  });
});
