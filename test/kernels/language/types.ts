// Vectors, matrices, structs, arrays, pointers, how they lie in memory, and how large they may be.

import { bools, floats, type LanguageProgram, words } from './program.ts';

const range = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

const types: readonly LanguageProgram[] = [
  {
    name: 'matrices',
    before:
      'struct M { a: mat2x3f, b: mat4x3f, c: mat3x3f }\nvar<private> pm: M; var<workgroup> wm: array<mat3x2f, 32>;',
    body: `let m = mat3x2f(x, y, 1.0, 2.0, x, 3.0); let n = mat2x3f(vec3f(x, 1.0, y), vec3f(2.0, y, x)); var v = m; v[1] = vec2f(y, x); v[lane % 3u][lane & 1u] += 1.0; v[2].y *= 2.0;
  pm.a = n; pm.b[3].z = x; pm.b[lane & 3u] = vec3f(x, y, 1.0); pm.c = mat3x3f(1, 2, 3, 4, 5, 6, 7, 8, x); wm[lane] = m; wm[lane][1] += vec2f(1.0, x); let i = lane % 3u;
${floats('(m * n)[1].x', '(n * m)[2].z', '(m * vec3f(1.0, x, 2.0)).y', '(vec2f(x, y) * m).z', '(m + v)[1].y', '(v - m)[2].y', '(2.0 * m * x)[0].y', 'transpose(m)[1][2]', 'v[i].x', 'm[i][lane & 1u]', 'pm.b[lane & 3u].z', 'pm.b[3].z', 'determinant(pm.c)', 'wm[lane][1].y', '(pm.a * vec2f(1.0, 2.0)).z', 'mat2x2f(n[0].xy, n[1].yz)[1].y')}`,
    ulps: 2,
  },
  {
    name: 'matrices of every shape from scalars and columns, abstract',
    before:
      'const c2 = mat2x2(1, 2.5, 3, 4); const id = mat3x3f(1, 0, 0, 0, 1, 0, 0, 0, 1); const prod = c2 * c2 + c2;',
    body: floats(
      'c2[1].x',
      '(c2 * vec2f(x, y)).y',
      '(id * vec3f(x, y, 1.0)).x',
      'prod[1][1]',
      'mat4x4f()[2][1]',
      'mat2x4f(vec4f(x), vec4f(y))[1].w',
      'mat4x2f(x, y, 1, 2, 3, 4, 5, 6)[3].x',
      'mat3x4f(vec4f(1), vec4f(2, 3, 4, 5), vec4f(x))[1].z',
      'mat2x2f(c2)[0][1]',
      'determinant(c2)',
      'transpose(mat2x3f(1, 2, 3, 4, 5, 6))[1].y',
    ),
  },
  {
    name: 'swizzles',
    body: `let v = vec4f(x, y, 1.0, 2.0); var w = vec3u(a, b, 7u); w.x = w.z; w.g += 1u; w[2] = w.r; let p = &w; (*p).y ^= 1u; p.x += 2u;
${words('bitcast<u32>(v.wzyx.x)', 'bitcast<u32>(v.rgba.b)', 'bitcast<u32>(v.xxyy.zw.y)', 'bitcast<u32>(v.bgr.r)', 'w.zyx.x', 'w.xyz.yz.x', 'w.x', 'w.y', 'w.z', 'vec4u(w.xy, w.zz).w', 'vec3u(w.z, w.yx).z', 'p.zx.y', 'vec2u(w.xy)[lane & 1u]', 'w.zyx[lane % 3u]')}`,
  },
  {
    name: 'parts of a variable assigned to itself in another order',
    before:
      'struct S { v: vec3u, w: vec3u } var<private> g: vec3u; fn turn(p: ptr<function, vec3u>) { *p = (*p).yzx; }',
    body: `var v = vec2u(a, b); v = v.yx; var w = vec3u(a, b, 7u); w = w.zxy; turn(&w); w -= w.yzx; g = vec3u(b, 3u, a); g = g.zyx;
  var s = S(vec3u(a, b, 1u), vec3u(4u, 5u, b)); s.v = s.v.yxz; s.w = s.v.zzx; var r = array(vec2u(a, b), vec2u(3u, 4u)); let i = lane & 1u; r[i] = r[0].yx; r[1] = r[i].yx;
  var m = mat2x2f(x, y, 1.0, 2.0); m = transpose(m); var n = array(m, m); n[i] = transpose(n[0]); var e = vec2<bool>(a > b, b > 7u); e = e.yx;
${words('v.x', 'v.y', 'w.x', 'w.y', 'w.z', 'g.x', 'g.z', 's.v.x', 's.v.y', 's.w.z', 'r[0].x', 'r[0].y', 'r[1].x', 'bitcast<u32>(m[0].y + 8.0 * m[1].x)', 'bitcast<u32>(n[i][0].y + 8.0 * n[i][1].x)', 'select(0u, 1u, e.x) + select(0u, 2u, e.y)')}`,
  },
  {
    name: 'a let keeps what its variable was',
    before:
      'struct S { v: vec3u, r: array<u32, 2> } var<private> g: vec2u; fn change(p: ptr<function, S>) -> u32 { (*p).v.x = 9u; g.x = 8u; return 1u; }',
    body: `var v = vec3u(a, b, 7u); let p = v.zyx; let q = vec3u(v); let o = v.xy; v.x = 1u; v.z = 2u; var m = mat2x2f(x, y, 1.0, 2.0); let t = transpose(m); let col = m[0]; m[0] = vec2f(5.0, 6.0);
  var yes = a > b; let all1 = all(yes); let any1 = any(yes); let and1 = true && yes; yes = !yes; var s = S(vec3u(a, b, 3u), array(4u, 5u)); let sv = s.v.yx; let sr = s.r; let whole = s; s.r[0] = 11u; s.v = vec3u(0u);
  var i = i32(a & 7u); let u = u32(i); let bits = bitcast<u32>(i); i = 100; g = vec2u(a, b); let old = g.yx; let both = s.v.x + change(&s) + s.v.x + g.x;
${words('p.x ^ q.x', 'p.z', 'o.x', 'v.x + v.z', 'bitcast<u32>(t[1].x)', 'bitcast<u32>(t[0].y + 8.0 * t[0].x)', 'bitcast<u32>(col.y)', 'select(0u, 1u, all1) + select(0u, 2u, any1) + select(0u, 4u, and1) + select(0u, 8u, yes)', 'sv.x', 'sv.y', 'sr[0]', 'whole.r[0] + whole.v.z', 'u + bits', 'old.y', 'both', 'u32(i)')}`,
  },
  {
    name: 'bool vectors',
    body: `let v = vec3u(a, b, 3u); let w = vec3u(b, a, 3u); let l = v < w; let e = v == w;
${bools('all(l)', 'any(l)', 'any(e & l)', 'all(l | e)', '(!l).x', 'any(l != e)', 'select(l, e, vec3<bool>(true, false, true)).x', 'all(e == vec3(false, false, true))', 'l[lane % 3u]', 'any(vec2(a > b, false))', 'vec3<bool>(v).z', 'all(vec2<bool>(l.xy | e.zx))')}
  out[base + 12u] = select(v, w, l).y; out[base + 13u] = select(v, w, a > b).z;`,
  },
  {
    name: 'structs with alignment, size, nested arrays',
    before: `struct In { @size(32) a: f32, @align(16) b: vec2u, c: vec3f, d: u32, e: array<vec3f, 2>, f: mat3x3f, @align(32) g: u32 }
struct Out2 { n: u32, in: array<In, 2>, tail: array<u32, 3> }
var<workgroup> w: array<Out2, 4>; var<private> p: Out2;`,
    body: `var o: Out2; o.n = a; o.in[1].a = x; o.in[0].b = vec2u(a, b); o.in[1].c.y = y; o.in[1].e[b & 1u].z = x; o.in[0].f[2].y = y; o.in[1].g = 9u; o.tail[lane % 3u] = b; p = o; let q = p.in[1]; p.in[0] = q;
  if lane < 4u { w[lane] = p; w[lane].in[lane & 1u].e[1].x += 1.0; } workgroupBarrier(); let k = lane & 3u;
${words('o.in[0].b.y', 'bitcast<u32>(p.in[0].a)', 'bitcast<u32>(p.in[0].c.y)', 'bitcast<u32>(w[k].in[k & 1u].e[1].x)', 'w[k].in[1].g', 'w[k].tail[1]', 'bitcast<u32>(w[k].in[0].e[0].z)', 'w[k].n', 'bitcast<u32>(o.in[0].f[2].y)', 'p.in[0].g')}`,
  },
  {
    name: 'arrays of arrays, by value and by index',
    before:
      'alias Grid = array<array<u32, 3>, 4>; fn sum(g: Grid) -> u32 { var s = 0u; for (var i = 0; i < 4; i++) { for (var j = 0u; j < 3; j++) { s = s * 5u + g[i][j]; } } return s; }\nfn make(a: u32) -> Grid { var g: Grid; for (var i = 0u; i < 12u; i++) { g[i / 3u][i % 3u] = a + i; } return g; }',
    body: `var g = make(a); let h = g; g[lane & 3u][b % 3u] = 77u; g[1] = h[2]; let row = g[lane & 3u]; var f = array(array(1u, 2u), array(a, b)); let t = f[lane & 1u][(lane >> 1u) & 1u]; f[1] = f[0]; let c = array<array<i32, 2>, 2>(array(1, 2), array(3, 4));
${words('sum(g)', 'sum(h)', 'row[2]', 'make(b)[3][1]', 't', 'f[1][1]', 'bitcast<u32>(c[lane & 1u][1])', 'h[lane & 3u][lane % 3u]', 'array(a, b, 3u)[lane % 3u]', 'make(lane)[lane & 3u][0]')}`,
  },
  {
    name: 'pointers',
    before: `struct S { a: u32, v: vec4u, r: array<u32, 5> } var<private> pr: S; var<workgroup> wg: array<S, 32>;
fn addTo(p: ptr<function, u32>, n: u32) -> u32 { *p += n; return *p; }
fn vec(p: ptr<function, vec4u>, i: u32) { (*p)[i & 3u] += 1u; (*p).w = 9u; p.x ^= i; }
fn arr(p: ptr<private, array<u32, 5>>, i: u32) -> u32 { (*p)[i % 5u] = i; p[0] += 2u; return (*p)[i % 5u] + p[0]; }
fn whole(p: ptr<function, S>) -> S { let q = &(*p).r; (*q)[2] = 22u; let s = *p; p.a = 1u; return s; }
fn swap(p: ptr<function, u32>, q: ptr<function, u32>) { let t = *p; *p = *q; *q = t; }
fn fromWg(p: ptr<workgroup, S>, i: u32) -> u32 { (*p).r[i % 5u] = i; return p.r[i % 5u] * 2u + (*p).a; }
fn chain(p: ptr<function, S>) { let r = &p.r; let e = &(*r)[3]; *e = addTo2(e); } fn addTo2(p: ptr<function, u32>) -> u32 { return *p + 5u; }`,
    body: `var s: S; s.a = a; s.v = vec4u(a, b, 1u, 2u); var i = lane; let e = &s.r[i % 5u]; i += 1u; *e = 55u; let n = addTo(&s.a, b); vec(&s.v, lane); let c = whole(&s); chain(&s); var t = 3u; var u = b; swap(&t, &u); pr = s; let m = arr(&pr.r, lane); wg[lane].a = a; let o = fromWg(&wg[lane], lane); let z = &wg[lane].v; (*z).y = 7u; z[2] = 8u;
${words('n', 's.a', 's.v.x', 's.v[lane & 3u]', 's.r[lane % 5u]', 's.r[3]', 'c.a', 'c.r[2]', 't', 'u', 'm', 'o', 'wg[lane].v.y', 'wg[lane].v.z', 'pr.r[0]', '*e')}`,
  },
  {
    name: 'storage structs, runtime arrays, arrayLength',
    before:
      'struct E { k: vec3u, n: u32 } struct T { head: u32, rest: array<E> }\n@group(0) @binding(2) var<storage, read_write> t: T; @group(0) @binding(3) var<uniform> u: array<vec4u, 4>; fn len(p: ptr<storage, array<E>, read_write>) -> u32 { return arrayLength(p); }',
    body: `t.rest[lane % 7u].n = lane % 7u; let p = &t.rest; workgroupBarrier(); storageBarrier();
${words('arrayLength(&t.rest)', 'len(&t.rest)', 't.rest[lane % 7u].n', 't.head', 't.rest[1].k.z', 'u[lane & 3u].y', 'u[1][lane & 3u]', 'arrayLength(&out)', 'arrayLength(p)', '(*p)[2].n')}`,
  },
  {
    name: 'aliases, const arrays, const structs, zero values',
    before:
      'struct C { a: u32, v: vec2f } alias V = vec3<u32>; alias A = array<V, 2>; const table = array<u32, 5>(3, 1, 4, 1, 5); const cs = C(7u, vec2f(1.5, 2)); const nested = array(vec2(1, 2), vec2(3, 4)); const n = table[2] + u32(nested[1].y); const V0 = V(); const inferred = array(1, 2.5, 3);',
    body: `var arr: A; arr[1] = V(a, b, 3u); const local = table[4] * 2u; var zero = C();
${words('table[lane % 5u]', 'cs.a', 'bitcast<u32>(cs.v.y)', 'n', 'V0.y', 'arr[lane & 1u].y', 'local', 'zero.a', 'u32(nested[lane & 1u].x)', 'bitcast<u32>(f32(inferred[lane % 3u]))', 'array<u32, n>()[3]', 'u32(vec2(1, 2)[lane & 1u])', 'A()[1].x')}`,
  },
  {
    name: 'override expressions',
    before:
      'override w0: u32 = 3u; @id(5) override f0: f32 = 1.5; override flag: bool = true; override i0 = -4i; override half = w0 / 2u + 7u; override big: f32 = f32(w0) * f0; const k0 = 2u; var<workgroup> sized: array<u32, w0 * k0 + 26u>;',
    body: `sized[lane] = a; let q = sized[lane];\n${words('w0', 'bitcast<u32>(f0)', 'select(0u, 1u, flag)', 'bitcast<u32>(i0)', 'half', 'bitcast<u32>(big)', 'q', 'w0 + lane')}`,
  },
];

const layouts: readonly LanguageProgram[] = [
  {
    name: 'storage layouts of every type, read',
    before: `struct In { a: u32, b: vec2f, c: vec3i, d: u32 } struct L { f: f32, m23: mat2x3f, v3: vec3f, s: u32, m32: mat3x2f, v2: vec2u, arr: array<vec3f, 2>, in: In, mm: array<mat2x2f, 2>, at: atomic<u32>, last: array<vec2u> }
@group(0) @binding(2) var<storage, read_write> t: L;`,
    body: `let i = lane & 1u;
${words('bitcast<u32>(t.f)', 'bitcast<u32>(t.m23[i].z)', 'bitcast<u32>(t.v3.y)', 't.s', 'bitcast<u32>(t.m32[i + 1u].y)', 't.v2[i]', 'bitcast<u32>(t.arr[i].z)', 't.in.a', 'bitcast<u32>(t.in.b.y)', 'bitcast<u32>(t.in.c[i])', 't.in.d', 'bitcast<u32>(t.mm[i][1].x)', 'atomicLoad(&t.at)', 't.last[i].y', 'arrayLength(&t.last)', 'bitcast<u32>(transpose(t.m23)[2].y)')}`,
  },
  {
    name: 'storage layouts of every type, written and read back as words',
    before: `struct In { a: u32, b: vec3f, c: vec2i } struct L { v3: vec3f, f: f32, m33: mat3x3f, @align(32) in: In, arr: array<In, 2>, @size(20) x: u32, y: u32 }
@group(0) @binding(2) var<storage, read_write> t: L; var<private> p: L; fn fill(k: f32) -> L { var l: L; l.v3 = vec3f(k, 2.0, 3.0); l.f = k; l.m33 = mat3x3f(1, 2, 3, 4, 5, 6, 7, 8, k); l.in = In(7u, vec3f(k), vec2i(-1, 5)); l.arr[1] = l.in; l.arr[1].b.z = 9.0; l.x = 3u; l.y = 4u; return l; }`,
    body: `if lane == 0u { p = fill(2.5); t = p; t.arr[0].c = vec2i(8); t.m33[1] = t.v3; } storageBarrier(); let l = t;
${words('bitcast<u32>(l.v3.x)', 'bitcast<u32>(l.f)', 'bitcast<u32>(l.m33[1].z)', 'bitcast<u32>(l.m33[2].z)', 'l.in.a', 'bitcast<u32>(l.in.b.y)', 'bitcast<u32>(l.arr[1].b.z)', 'bitcast<u32>(l.arr[0].c.y)', 'l.x + l.y')}`,
  },
  {
    name: 'uniform layouts with dynamic indices',
    before: `struct U { s: vec2u, m: mat2x4f } @group(0) @binding(3) var<uniform> u: U; fn part(p: ptr<uniform, U>, i: u32) -> u32 { return (*p).s[i & 1u]; }`,
    body: `let copy = u; ${words('u.s.y', 'bitcast<u32>(u.m[lane & 1u].z)', 'bitcast<u32>(u.m[1][lane & 3u])', 'part(&u, lane)', 'bitcast<u32>(copy.m[0].w)')}`,
  },
];

const limits: readonly LanguageProgram[] = [
  {
    name: 'a struct of 200 members, a switch of 300 cases, a function of 60 parameters, 60 nested blocks',
    before: `struct Wide { ${range(200, (i) => `m${i}: u32`).join(', ')} }
fn many(${range(60, (i) => `p${i}: u32`).join(', ')}) -> u32 { return ${range(60, (i) => `p${i}`).join(' ^ ')}; }
fn cases(x: u32) -> u32 { switch x { ${range(300, (i) => `case ${i}u: { return ${i * 7}u; }`).join(' ')} default: { return 1u; } } }
fn deep(x: u32) -> u32 { var n = x; ${'{ if n < 1000u { n += 3u; '.repeat(30)}${'} }'.repeat(30)} return n; }
const long = array<u32, 500>(${range(500, (i) => `${i * i}u`).join(', ')});`,
    body: `var w: Wide; w.m199 = a; w.m7 = b; let copy = w;
${words('copy.m199 ^ copy.m7', `many(${range(60, (i) => (i % 2 === 0 ? 'a' : `${i}u`)).join(', ')})`, 'cases(a % 320u)', 'deep(b & 1023u)', 'long[a % 500u]', `${'('.repeat(60)}a${' + 1u)'.repeat(60)}`)}`,
  },
  {
    name: 'types nested to a depth of fifteen, workgroup and private arrays as large as devices allow',
    before: `struct N0 { v: u32 }
${range(13, (i) => `struct N${i + 1} { n: N${i}, k: u32 }`).join('\n')}
alias Deep = array<array<array<array<array<u32, 2>, 2>, 2>, 2>, 2>;
var<private> big: array<u32, 2048>; var<workgroup> wide: array<vec4u, 1000>;`,
    body: `var n: N13; n${'.n'.repeat(13)}.v = a; n.n.n.k = b; var d: Deep; d[lane & 1u][1][b & 1u][0][a & 1u] = 5u; big[a & 2047u] = b; wide[lane * 31u + 7u] = vec4u(a); workgroupBarrier(); let e = d[1];
${words(`n${'.n'.repeat(13)}.v`, 'n.n.n.k', 'd[lane & 1u][1][b & 1u][0][a & 1u]', 'big[a & 2047u]', 'big[(a + 1u) & 2047u]', 'wide[((lane + 1u) % 32u) * 31u + 7u].z', 'e[1][b & 1u][0][a & 1u]')}`,
  },
];

export const typesPrograms: readonly LanguageProgram[] = [...types, ...layouts, ...limits];
