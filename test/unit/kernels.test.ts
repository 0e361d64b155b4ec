import { describe, expect, it } from 'vitest';
import { unwrap } from '../../src/core/result.ts';
import { catalog } from '../../src/kernels/catalog.ts';
import { evaluate, parseExpr } from '../../src/kernels/expr.ts';
import { codeStart, parseHeader } from '../../src/kernels/header.ts';
import { parseCellMap, readsOf } from '../../src/kernels/indexmap.ts';
import { layoutOf, pack, unpack } from '../../src/kernels/layout.ts';
import { prepare } from '../../src/kernels/prepare.ts';
import { specialize } from '../../src/kernels/specialize.ts';
import { verify } from '../../src/kernels/verify.ts';
import { workgroupBytes } from '../../src/kernels/workgroup.ts';

describe('expressions', () => {
  it('evaluates with the usual precedence', () => {
    const scope = { n: 37, TILE: 16 };
    expect(evaluate('ceil(n / TILE)', scope)).toBe(3);
    expect(evaluate('2 + 3 * (n - 30) % 5', scope)).toBe(3);
    expect(evaluate('n <= 37 && TILE > 16', scope)).toBe(0);
    expect(evaluate('min(n, 4) - 1 - 1', scope)).toBe(2);
  });
  it('says where it stopped', () => {
    const bad = parseExpr('ceil(n / ');
    expect(!bad.ok && bad.error.message).toBe('"ceil(n / ": expected a value at "the end".');
    expect(() => evaluate('q + 1', {})).toThrow('"q" has no value in "q + 1"');
  });
  it('refuses && beside || without parentheses, as WGSL does', () => {
    for (const text of ['a && b || c', 'a || b && c', 'min(a || b && c, 1)']) {
      const mixed = parseExpr(text);
      expect(!mixed.ok && mixed.error.message, text).toContain('parentheses around');
    }
    expect(evaluate('a || (b && c)', { a: 1, b: 1, c: 0 })).toBe(1);
    expect(evaluate('(a || b) && c', { a: 1, b: 1, c: 0 })).toBe(0);
    expect(evaluate('a && b && c', { a: 1, b: 1, c: 1 })).toBe(1);
  });
});

describe('headers', () => {
  const good =
    '// @title T\n// @change c\n//   goes on\n// @why w\n// @result r\n// @reduction k\n// @pass main [ceil(n / 4)]\n\n';
  it('reads directives, continuations and params', () => {
    const h = unwrap(
      parseHeader('x.wgsl', `${good}const T: u32 = 4u; // @param 2 4\nalias Elem = f32; // @param f32 f16\n`),
    );
    expect(h.change).toBe('c goes on');
    expect(h.params).toEqual([{ name: 'T', kind: 'const', default: 4, choices: [2, 4] }]);
    expect(h.dtypes).toEqual(['f32', 'f16']);
    expect(h.passes).toEqual([{ entry: 'main', grid: ['ceil(n / 4)', '1', '1'] }]);
  });
  it('ends where the code starts, directives around it left out', () => {
    expect(codeStart('// @title T\n\nfn f() {}')).toBe(3);
    expect(codeStart('enable f16;\n// @title T\n\nconst a = 1;')).toBe(4);
    expect(codeStart('fn f() {}\nfn g() {}')).toBe(1);
    expect(codeStart('')).toBe(1);
  });
  it('names what is missing or unknown', () => {
    const message = (source: string) => {
      const r = parseHeader('x.wgsl', source);
      return r.ok ? 'no error' : r.error.message;
    };
    expect(message('// @title T\n')).toBe('x.wgsl: the first comment has no "@change".');
    expect(message(good.replace('// @why', '// @needs magic\n// @why'))).toBe(
      'x.wgsl: "@needs magic" is not a feature.',
    );
    expect(message(`${good}const T: u32 = 3u; // @param 2 4\n`)).toContain(
      'its default 3 is not among its choices',
    );
  });
});

describe('specialize', () => {
  it('sets const params and Elem, adds enable f16 first and keeps line numbers', () => {
    const header = { params: [{ name: 'T', kind: 'const', default: 4, choices: [4, 8] }], lib: [] } as const;
    const { code } = specialize(
      '// c\nalias Elem = f32;\nconst T: u32 = 4u; // @param 4 8\n',
      header,
      'f16',
      { T: 8 },
      {},
    );
    expect(code).toBe('enable f16; // c\nalias Elem = f16;\nconst T: u32 = 8u; // @param 4 8\n');
  });
});

describe('layouts', () => {
  it('pads vec4 rows and packs int8 rows to 16 bytes', () => {
    const l = layoutOf({ cells: 'i8', shape: ['2', '5'] }, {}, 'f32');
    expect(l).toMatchObject({ pitch: 16, bytes: 32 });
    const values = [1, -2, 3, -4, 5, 6, 7, 8, 9, -128];
    const bytes = pack(l, values);
    expect(new Int8Array(bytes)[4]).toBe(5);
    expect(new Int8Array(bytes)[5]).toBe(0);
    expect([...unpack(l, bytes)]).toEqual(values);
    expect([...unpack(l, bytes, [1])]).toEqual(values.slice(5));
  });
});

describe('workgroup memory', () => {
  it('adds up what a shader declares, through constants, overrides, aliases and structs', () => {
    const code = `
      alias Elem = f32;
      const TILE: u32 = 4u * HALF; // array<f32, 9>
      const HALF: u32 = 2u;
      override LANES: u32 = 8u;
      struct Pair { first: vec3f, second: u32, third: vec2<f32> }
      var<workgroup> a: array<array<vec4<Elem>, TILE / 4u>, TILE + 1u>;
      var<workgroup> b: array<Elem, LANES>;
      var<workgroup> c: Pair;
      var<workgroup> d: atomic<u32>;`;
    expect(workgroupBytes(code, { LANES: 32 })).toBe(9 * 2 * 16 + 32 * 4 + 32 + 4);
    expect(workgroupBytes('fn main() {}')).toBe(0);
    expect(() => workgroupBytes('var<workgroup> x: Unknown;')).toThrow('"Unknown" in workgroup memory');
  });
  it('of every version fits the smallest device at the default params', () => {
    for (const { op, versions } of catalog.values()) {
      for (const version of versions) {
        const prepared = unwrap(prepare(op, version, op.shapes.step, 'f32'));
        expect(prepared.workgroupBytes, version.path).toBeLessThanOrEqual(16384);
      }
    }
  });
});

describe('verify', () => {
  const tolerance = { relative: 1e-6, absolute: 0, reason: '' };
  it('scales the error by the magnitude of the terms', () => {
    const want = { value: Float64Array.of(0.001), magnitude: Float64Array.of(1000) };
    expect(verify(Float64Array.of(0.0015), want, tolerance).verified).toBe(true);
    expect(verify(Float64Array.of(0.01), want, tolerance)).toMatchObject({ verified: false, failed: 1 });
  });
  it('allows relative · magnitude + absolute, also where one of them is 0', () => {
    const want = { value: Float64Array.of(1), magnitude: Float64Array.of(2) };
    const off = (by: number, relative: number, absolute: number) =>
      verify(Float64Array.of(1 + by), want, { relative, absolute, reason: '' });
    expect(off(0.5, 0, 0.5)).toMatchObject({ verified: true, maxError: 0.25 });
    expect(off(0.625, 0, 0.5)).toMatchObject({ verified: false, failed: 1 });
    expect(off(0.5, 0.125, 0.25).verified).toBe(true);
    expect(off(0.5625, 0.125, 0.25).verified).toBe(false);
    expect(off(0, 0, 0).verified).toBe(true);
    expect(off(0.5, 0, 0).verified).toBe(false);
  });
  it('wants NaN for NaN and never passes one for a number', () => {
    const want = { value: Float64Array.of(Number.NaN, 1), magnitude: Float64Array.of(1, 1) };
    expect(verify(Float64Array.of(Number.NaN, 1), want, tolerance).verified).toBe(true);
    expect(verify(Float64Array.of(1, Number.NaN), want, tolerance)).toMatchObject({
      verified: false,
      failed: 2,
    });
  });
});

describe('every op', () => {
  for (const { op, versions } of catalog.values()) {
    it(`${op.id}: cell maps name its tensors with their ranks, and every version prepares on every shape`, () => {
      for (const line of op.cellMap) {
        const map = parseCellMap(line);
        for (const access of [{ tensor: map.output, at: map.indices }, ...map.reads]) {
          expect(op.tensors[access.tensor]?.shape.length, `${line}: ${access.tensor}`).toBe(access.at.length);
        }
      }
      for (const version of versions) {
        expect([...version.reflection.entries].sort()).toEqual(version.passes.map((p) => p.entry).sort());
        for (const { dims } of op.shapes.test) {
          for (const dtype of version.dtypes) unwrap(prepare(op, version, dims, dtype));
        }
      }
    });
  }
  it('gives the input cells of an output cell', () => {
    const map = parseCellMap('c[m, n] <- a[m, *], b[*, floor(n / 2)]');
    const shapes: Record<string, number[]> = { a: [4, 6], b: [6, 3] };
    expect(readsOf(map, [1, 5], { m: 4, n: 6, k: 6 }, (t) => shapes[t] ?? [])).toEqual([
      {
        tensor: 'a',
        ranges: [
          [1, 2],
          [0, 6],
        ],
      },
      {
        tensor: 'b',
        ranges: [
          [0, 6],
          [2, 3],
        ],
      },
    ]);
  });
});
