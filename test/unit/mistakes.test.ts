// Mistakes in a kernel that somebody writes: each is a failure that names the file and the line, none an exception.

import { describe, expect, it } from 'vitest';
import { unwrap } from '../../src/core/result.ts';
import { catalog, versionOf } from '../../src/kernels/catalog.ts';
import { prepare } from '../../src/kernels/prepare.ts';
import { groupsOf } from '../../src/worker/bench/groups.ts';

const entry = catalog.get('matmul');
const source = entry?.versions.find(({ id }) => id === '02_shared_tile')?.source ?? '';
const dims = { m: 8, n: 8, k: 8 };

/** The shipped text with one change. */
function changed(from: string | RegExp, to: string): string {
  const text = source.replace(from, to);
  expect(text).not.toBe(source);
  return text;
}

describe('a mistake in a source', () => {
  const dimsField = 'struct Dims {';
  it.each([
    ['a stray binding', /(@binding\(0\) var<storage, read>) a:/, '$1 stray:', /binds "stray"/],
    [
      'a grid of a name that nobody knows',
      /@pass main \[/,
      '@pass main [nobody + ',
      /:\d+: "nobody" has no value/,
    ],
    ['a grid that is not whole', /@pass main \[/, '@pass main [m / 3, ', /:\d+: the grid .* is not whole/],
    ['a type that nobody knows', /(var<workgroup> \w+:) [^;]+;/, '$1 array<Nobody, 4>;', /:\d+: "Nobody" in/],
    ['a uniform field without a value', dimsField, `${dimsField} nobody: u32,`, /:\d+: uniform field nobody/],
    ['a lib that is not there', '// @pass', '// @lib nobody\n// @pass', /:\d+: shaders\/lib\/nobody/],
    [
      'a condition of a name that nobody knows',
      '// @pass',
      '// @require NOBODY > 1\n// @pass',
      /:\d+: .*NOBODY/,
    ],
  ])('is told with its file and line: %s', (_, from, to, message) => {
    if (!entry) return expect.fail('matmul');
    const version = unwrap(versionOf('matmul', 'mine', changed(from, to)));
    const made = prepare(entry.op, version, dims, 'f32');
    expect(made).toMatchObject({ ok: false, error: { code: 'bad-source' } });
    if (made.ok) return;
    expect(made.error.message).toMatch(/^shaders\/matmul\/mine\.wgsl/);
    expect(made.error.message).toMatch(message);
  });

  it('is told where the name stands by itself, in code and not in a comment', () => {
    if (!entry) return expect.fail('matmul');
    const text = changed('struct Dims {', '// t: of tokens\nstruct Dims { count: u32,\n t: u32,');
    const made = prepare(entry.op, unwrap(versionOf('matmul', 'mine', text)), { ...dims, count: 1 }, 'f32');
    const line = text.split('\n').findIndex((code) => code.startsWith(' t: u32,')) + 1;
    expect(made.ok ? '' : made.error.message).toContain(`mine.wgsl:${line}: uniform field t has no value`);
  });

  it('is told when it is read: a uniform field that cannot be filled by name', () => {
    const read = versionOf('matmul', 'mine', changed('struct Dims {', 'struct Dims { v: vec2f,'));
    expect(read).toMatchObject({ ok: false, error: { code: 'bad-source' } });
    if (!read.ok) expect(read.error.message).toMatch(/mine\.wgsl:\d+: uniform field Dims\.v is vec2f/);
  });

  it('leaves the versions beside it, and is a row of its own', () => {
    const item = { op: 'matmul', versions: ['01_naive'], shapes: { small: dims }, dtypes: ['f32'] } as const;
    const [group] = groupsOf([item], [{ op: 'matmul', id: 'mine', source: 'fn main() {}' }]);
    expect(group?.versions.map(({ id }) => id)).toEqual(['01_naive']);
    expect(group?.unread).toMatchObject([{ id: 'mine', why: expect.stringContaining('@title') }]);
  });
});
