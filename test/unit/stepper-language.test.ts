// Parts of the language that the execution vectors touch little: limits, zero initialisation, pointers, f16,
// subgroups, robust access, deep nesting.
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../src/core/result.ts';
import { compileKernel, Run, type SubgroupSize } from '../../src/stepper/index.ts';

const head = '@group(0) @binding(0) var<storage, read_write> out: array<u32>;\n';

function words(
  source: string,
  options: { size?: number; lanes?: SubgroupSize; input?: Uint8Array; silent?: boolean } = {},
): Uint32Array {
  const { kernel, diagnostics } = compileKernel(source, { subgroupSize: options.lanes ?? 32 });
  if (!kernel) throw new Error(JSON.stringify(diagnostics.slice(0, 3)));
  const bytes = options.input ?? new Uint8Array((options.size ?? 64) * 4);
  const run = unwrap(
    Run.start(kernel, { workgroups: [1, 1, 1], buffers: [{ group: 0, binding: 0, bytes }] }, 'results'),
  ).finish();
  if (!options.silent) expect(run.found()).toEqual([]);
  return new Uint32Array((run.outputs()[0]?.bytes ?? new Uint8Array()).buffer);
}
const main = (body: string, before = '', size = 1): string =>
  `${before}\n${head}@compute @workgroup_size(${size}) fn main(@builtin(local_invocation_index) lane: u32) {\n${body}\n}`;
const first = (body: string, n: number, before = ''): number[] => [...words(main(body, before))].slice(0, n);
const floats = (body: string, n: number, before = ''): number[] =>
  [...new Float32Array(words(main(body, before)).buffer)].slice(0, n);
const store = (expression: string): string => `out[0] = bitcast<u32>(${expression});`;

describe('limits of the language', () => {
  it('127 nested braces, 1023 members, 255 parameters, 1023 cases, 2047 constants, 15 nested types', () => {
    expect(first(`${'{'.repeat(120)}out[0] = 7;${'}'.repeat(120)}`, 1)).toEqual([7]);
    const members = Array.from({ length: 1023 }, (_, i) => `m${i}: u32`).join(', ');
    expect(first('var s: S; s.m1022 = 5; out[0] = s.m1022;', 1, `struct S { ${members} }`)).toEqual([5]);
    const parameters = Array.from({ length: 255 }, (_, i) => `p${i}: u32`).join(', ');
    const args = Array.from({ length: 255 }, (_, i) => `${i}u`).join(', ');
    expect(first(`out[0] = f(${args});`, 1, `fn f(${parameters}) -> u32 { return p254 + p3; }`)).toEqual([
      257,
    ]);
    const cases = Array.from({ length: 1022 }, (_, i) => `case ${i}: { out[0] = ${i + 1}; }`).join(' ');
    expect(first(`switch 700 { ${cases} default: {} }`, 1)).toEqual([701]);
    const constants = Array.from({ length: 2047 }, (_, i) => i).join(', ');
    expect(
      first('var i = 2046u; out[0] = u32(A[i]);', 1, `const A = array<i32, 2047>(${constants});`),
    ).toEqual([2046]);
    const type = `${'array<'.repeat(14)}u32${', 1>'.repeat(14)}`;
    expect(first(`var a: ${type}; a${'[0]'.repeat(14)} = 3; out[0] = a${'[0]'.repeat(14)};`, 1)).toEqual([3]);
  });
});

describe('memory', () => {
  it('is zero at first in every space, and in every workgroup', () => {
    const before = `struct S { a: vec3f, m: mat3x2f, b: array<vec2<bool>, 2>, c: u32 }
var<private> p: S; var<workgroup> w: S; var<workgroup> at: array<atomic<u32>, 3>;`;
    const zero = (s: string): string =>
      `u32(all(${s}.a == vec3f()) && ${s}.m[2].y == 0 && !any(${s}.b[1]) && ${s}.c == 0)`;
    expect(
      first(
        `var f: S; out[0] = ${zero('f')}; out[1] = ${zero('p')}; out[2] = ${zero('w')}; out[3] = atomicLoad(&at[2]); f.c = 1;`,
        4,
        before,
      ),
    ).toEqual([1, 1, 1, 0]);
  });

  it('a variable in a loop starts at zero in every round', () => {
    expect(first('for (var i = 0u; i < 3u; i++) { var x: u32; x += i + 1u; out[i] = x; }', 3)).toEqual([
      1, 2, 3,
    ]);
  });

  it('robust access clamps reads and writes, at both ends', () => {
    const got = words(
      main(
        'var i = 9; var a = array<u32, 4>(1, 2, 3, 4); out[0] = a[i]; out[1] = a[-i]; var v = vec2u(5, 6); out[2] = v[i]; a[i] = 8; out[3] = a[3];',
      ),
      { silent: true },
    );
    expect([...got].slice(0, 4)).toEqual([4, 4, 6, 8]);
  });

  it('pointers reach into every space, through functions', () => {
    const before = `var<private> g: array<vec4u, 2>; var<workgroup> w: array<u32, 4>;
fn bump(p: ptr<function, u32>, by: u32) -> u32 { *p += by; return *p; }
fn setAt(p: ptr<private, vec4u>, i: u32) { (*p)[i] = 9u; p.x = 4u; }
fn put(p: ptr<workgroup, array<u32, 4>>, i: u32) -> u32 { p[i] = i * 2u; let q = &(*p)[i]; *q += 1u; return *q; }
fn sum(p: ptr<storage, array<u32>, read_write>) -> u32 { return arrayLength(p) + p[5]; }`;
    expect(
      first(
        'var x = 3u; var i = 1u; let q = &g[i]; i = 0u; setAt(q, 2u); out[0] = bump(&x, 4u) + x; out[1] = g[1].z + g[1].x; out[2] = put(&w, i + 3u) + w[3]; out[5] = 2u; out[3] = sum(&out);',
        4,
        before,
      ),
    ).toEqual([14, 13, 14, 66]);
  });
});

describe('values are of their own', () => {
  it('parts of a variable assigned to itself in another order', () => {
    const before = 'fn turn(p: ptr<function, vec3u>) { *p = (*p).yzx; } var<private> g = vec2u(1, 2);';
    const body = (assign: string, result: string): number[] =>
      first(
        `var v = vec3u(1, 2, 3); var r = array(vec2u(4, 5), vec2u(6, 7)); var i = 0u; var s = S(vec2u(8, 9)); ${assign} let o = ${result}; out[0] = o.x; out[1] = o.y;`,
        2,
        `struct S { v: vec2u } ${before}`,
      );
    expect(body('v = v.yxz;', 'v')).toEqual([2, 1]);
    expect(body('v = vec3u(v.zyx);', 'v')).toEqual([3, 2]);
    expect(body('turn(&v);', 'v')).toEqual([2, 3]);
    expect(body('let p = &v; *p = p.zxy;', 'v')).toEqual([3, 1]);
    expect(body('v -= v.zyx; v += vec3u(9);', 'v')).toEqual([7, 9]);
    expect(body('r[i] = r[0].yx;', 'r[0]')).toEqual([5, 4]);
    expect(body('r[0] = r[i].yx;', 'r[0]')).toEqual([5, 4]);
    expect(body('s.v = s.v.yx;', 's.v')).toEqual([9, 8]);
    expect(body('g = g.yx;', 'g')).toEqual([2, 1]);
    const m = 'var m = mat2x3f(1, 2, 3, 4, 5, 6); var q = mat2x2f(1, 2, 3, 4);';
    const stores = (...list: string[]) => list.map((e, i) => `out[${i}] = bitcast<u32>(${e});`).join(' ');
    expect(floats(`${m} q = transpose(q); ${stores('q[0].x', 'q[0].y', 'q[1].x', 'q[1].y')}`, 4)).toEqual([
      1, 3, 2, 4,
    ]);
  });

  it('a let keeps what its variable was', () => {
    expect(
      first('var v = vec3u(1, 2, 3); let o = v.zyx; v.x = 7; v.z = 8; out[0] = o.x; out[1] = o.z;', 2),
    ).toEqual([3, 1]);
    expect(
      floats(
        'var m = mat2x2f(1, 2, 3, 4); let t = transpose(m); m[0] = vec2f(8, 9); out[0] = bitcast<u32>(t[0].x); out[1] = bitcast<u32>(t[1].x);',
        2,
      ),
    ).toEqual([1, 2]);
    for (const f of ['all', 'any'])
      expect(
        first(`var b = lane == 0u; let was = ${f}(b); b = false; out[0] = select(0u, 1u, was);`, 1),
      ).toEqual([1]);
  });

  it('an argument keeps what its variable was when another changes it', () => {
    const before =
      'fn fill(p: ptr<function, vec2u>) -> u32 { *p = vec2u(9); return 1u; } fn take(a: vec2u, m: mat2x2f, b: u32) -> u32 { return a.x * 100u + a.y * 10u + u32(m[0].y) + b * 1000u; }';
    expect(
      first(
        'var v = vec2u(1, 2); var m = mat2x2f(1, 2, 3, 4); out[0] = take(v.yx, transpose(m), fill(&v)); out[1] = v.x;',
        2,
        before,
      ),
    ).toEqual([1213, 9]);
  });
});

describe('floats', () => {
  it('are rounded to f32 after each operation', () => {
    expect(
      floats(
        'var a = 16777216.0; var b = 1.0; var t = 0.1; var u = 0.2; out[0] = bitcast<u32>(a + b); out[1] = bitcast<u32>(t + u); out[2] = bitcast<u32>(fma(t, u, -t * u));',
        3,
      ),
    ).toEqual([
      16777216,
      Math.fround(Math.fround(0.1) + Math.fround(0.2)),
      Math.fround(Math.fround(0.1) * Math.fround(0.2) - Math.fround(Math.fround(0.1) * Math.fround(0.2))),
    ]);
  });

  it('f16 rounds, packs two to a word and converts', () => {
    const before = 'enable f16;\n';
    const source = `${before}${head}@group(0) @binding(1) var<storage, read_write> h: array<f16>;
@compute @workgroup_size(1) fn main() {
  var a = 2049.0; out[0] = u32(f16(a)); var x = 1.0h; var y = 3.0h; out[1] = bitcast<u32>(vec2h(x / y, 65504.0h)); h[1] = x / y; h[0] = -2h; out[2] = bitcast<u32>(f32(h[1]));
}`;
    const { kernel } = compileKernel(source);
    if (!kernel) throw new Error('does not compile');
    const buffers = [0, 1].map((binding) => ({ group: 0, binding, bytes: new Uint8Array(16) }));
    const run = unwrap(Run.start(kernel, { workgroups: [1, 1, 1], buffers }, 'results')).finish();
    const [out, h] = run.outputs().map((b) => new Uint32Array(b.bytes.buffer));
    expect(out?.[0]).toBe(2048);
    expect(out?.[1]).toBe(0x7bff3555);
    expect(h?.[0]).toBe(0x3555c000);
    expect(new Float32Array(out?.buffer ?? new ArrayBuffer(12))[2]).toBeCloseTo(0.33325195, 8);
  });

  it('conversions saturate, and constants are exact', () => {
    expect(
      first(
        'var a = 1e20; var b = -5.5; out[0] = u32(a); out[1] = u32(i32(b)); out[2] = u32(b); const c = 0.1 + 0.2; out[3] = bitcast<u32>(f32(c)); out[4] = 0xffffffff; const d = 1 << 40 >> 38; out[5] = d;'.replace(
          '1 << 40 >> 38',
          '(1 << 40) >> 38',
        ),
        6,
      ),
    ).toEqual([
      4294967040,
      0xfffffffb,
      0,
      new Uint32Array(Float32Array.of(0.1 + 0.2).buffer)[0],
      4294967295,
      4,
    ]);
  });

  it('matrices multiply by columns', () => {
    expect(
      floats(
        `var m = mat2x3f(1, 2, 3, 4, 5, 6); var v = vec2f(10, 100); let r = m * v; let l = vec3f(1, 10, 100) * m; let p = m * mat2x2f(1, 0, 2, 1); ${['r.x', 'r.y', 'r.z', 'l.x', 'l.y', 'p[1].x', 'transpose(m)[2].y', 'determinant(mat2x2f(1, 2, 3, 4))'].map((e, i) => `out[${i}] = bitcast<u32>(${e});`).join(' ')}`,
        8,
      ),
    ).toEqual([410, 520, 630, 321, 654, 6, 6, -2]);
  });

  it('geometry and packing', () => {
    expect(floats(store('length(vec3f(2, 3, 6))'), 1)).toEqual([7]);
    expect(floats(store('dot(cross(vec3f(1, 0, 0), vec3f(0, 1, 0)), vec3f(1, 2, 3))'), 1)).toEqual([3]);
    expect(
      first(
        'out[0] = pack2x16float(vec2f(1, -2)); out[1] = pack4x8unorm(vec4f(0, 0.5, 1, 2)); let u = unpack2x16float(out[0]); out[2] = u32(-u.y);',
        3,
      ),
    ).toEqual([0xc0003c00, 0xffff8000, 2]);
  });
});

describe('subgroups', () => {
  it('reduce, scan, shuffle and vote over the active lanes', () => {
    const source = main(
      `let x = lane + 1u; out[lane] = subgroupAdd(x); out[8 + lane] = subgroupExclusiveAdd(x); out[16 + lane] = subgroupShuffleXor(x, 1u);
  if (lane % 2u == 1u) { out[24 + lane] = subgroupMax(x); out[32 + lane] = subgroupBallot(x > 2u).x; } else { out[24 + lane] = subgroupBroadcastFirst(x); }
  out[40 + lane] = u32(subgroupElect()); out[48 + lane] = u32(subgroupAll(x > 0u) && subgroupAny(x == 3u));`,
      'enable subgroups;',
      8,
    );
    const got = [...words(source, { lanes: 4 })];
    expect(got.slice(0, 8)).toEqual([10, 10, 10, 10, 26, 26, 26, 26]);
    expect(got.slice(8, 16)).toEqual([0, 1, 3, 6, 0, 5, 11, 18]);
    expect(got.slice(16, 24)).toEqual([2, 1, 4, 3, 6, 5, 8, 7]);
    expect(got.slice(24, 32)).toEqual([1, 4, 1, 4, 5, 8, 5, 8]);
    expect(got.slice(32, 40)).toEqual([0, 8, 0, 8, 0, 10, 0, 10]);
    expect(got.slice(40, 48)).toEqual([1, 0, 0, 0, 1, 0, 0, 0]);
    expect(got.slice(48, 56)).toEqual([1, 1, 1, 1, 0, 0, 0, 0]);
  });
});

describe('control flow by lane', () => {
  // by the specification (§7.4), though a device was seen that kept the value of the round before
  it('a variable without a value begins at zero in every round', () => {
    expect(first('for (var i = 0u; i < 3u; i++) { var n: u32; n += 5u; out[i] = n; }', 3)).toEqual([5, 5, 5]);
  });

  it('a variable of a loop is seen by its continuing block, and shadows anew', () => {
    expect(
      first(
        'var s = 0u; loop { let k = s + 1u; if k > 5u { break; } continuing { s = k; } } out[0] = s; for (var i = 0u; i < 3u; i++) { let s = i; out[1] += s; } out[2] = s;',
        3,
      ),
    ).toEqual([5, 3, 5]);
  });

  it('returns, breaks and continues only for the lanes that do', () => {
    const source = main(
      `var n = 0u;
  for (var i = 0u; i < 8u; i++) {
    if (i == lane) { continue; }
    if (i > lane + 3u) { break; }
    switch (i) { case 2u: { n += 10u; } case 5u: { if (lane == 4u) { out[lane] = 99u; return; } n += 100u; } default: { n += 1u; } }
  }
  out[lane] = n;`,
      '',
      8,
    );
    const want = Array.from({ length: 8 }, (_, lane) => {
      let n = 0;
      for (let i = 0; i < 8; i++) {
        if (i === lane) continue;
        if (i > lane + 3) break;
        if (i === 2) n += 10;
        else if (i === 5) {
          if (lane === 4) return 99;
          n += 100;
        } else n++;
      }
      return n;
    });
    for (const lanes of [4, 8, 32] as const) expect([...words(source, { lanes })].slice(0, 8)).toEqual(want);
  });

  it('calls a function with different lanes at once, and evaluates from left to right', () => {
    expect(
      first(
        'x = 1u; out[0] = x + f(3u) * x + x; out[1] = select(f(1u), f(2u), x > 100u); out[2] = x;',
        3,
        'var<private> x: u32; fn f(by: u32) -> u32 { x += by; return x; }',
      ),
    ).toEqual([1 + 4 * 4 + 4, 5, 7]);
    expect(
      first(
        'var r = 0u; if (x == 0u && f() && false || f()) { r = 1u; } out[0] = r; out[1] = x;'.replace(
          'x == 0u && f() && false || f()',
          '(x == 0u && f() && x > 5u) || f()',
        ),
        2,
        'var<private> x: u32; fn f() -> bool { x += 1u; return true; }',
      ),
    ).toEqual([1, 2]);
  });
});

describe('what is hostile', () => {
  it.each([
    'var a: array<u32, 60000000>;',
    'let a = array<u32, 60000000>();',
    'let a = array<array<u32, 60000>, 60000>();',
  ])('is refused with a message: %s', (body) => {
    const { kernel, diagnostics } = compileKernel(main(body));
    expect(kernel).toBeUndefined();
    expect(diagnostics[0]?.code).toBe('limit');
  });

  it('deep nesting of parentheses is a message, not a crash', () => {
    const { diagnostics } = compileKernel(main(`out[0] = ${'('.repeat(5000)}1${')'.repeat(5000)};`));
    expect(diagnostics.length).toBeGreaterThan(0);
  });
});
