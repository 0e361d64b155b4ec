// Small WGSL programs, each about one part of the language, for comparing the stepper with a device bit for bit.
// `body` runs in 32 lanes with `lane`, `a` and `b` (random words, the special ones first), `x` and `y` (floats
// with few bits, so that sums and products are exact) and `base` (where the lane's sixteen answers begin in
// `out`); `before` is at module scope.

export interface LanguageProgram {
  readonly name: string;
  readonly before?: string;
  readonly body: string;
  /** Largest difference of float answers, in units in the last place; exact when left out. */
  readonly ulps?: number;
  /** Directives at the top of the file. */
  readonly directives?: string;
}

export const LANES = 32;
export const ANSWERS = 16;

/** Stores expressions of type u32 in order. */
const words = (...list: readonly string[]): string =>
  list.map((e, i) => `  out[base + ${i}u] = ${e};`).join('\n');
const ints = (...list: readonly string[]): string => words(...list.map((e) => `bitcast<u32>(i32(${e}))`));
const floats = (...list: readonly string[]): string => words(...list.map((e) => `bitcast<u32>(f32(${e}))`));
const bools = (...list: readonly string[]): string => words(...list.map((e) => `select(0u, 1u, ${e})`));

const integers: readonly LanguageProgram[] = [
  {
    name: 'integer edge cases',
    body: `let i = bitcast<i32>(a); let j = bitcast<i32>(b); let low = i32(-2147483647) - 1 + i32(a & 0u); let m1 = -1 - i32(b & 0u);
${ints('low / m1', 'low % m1', 'i / j', 'i % j', 'i / (j & 1)', 'i % (j & 1)', '-low', 'abs(low)', 'low - 1', 'low * m1', 'i32(a / (b & 3u))', 'i32(a % (b & 3u))', 'i >> (b & 31u)', 'i << (b & 31u)', 'sign(i)', 'clamp(i, -5, 5)')}`,
  },
  {
    name: 'shifts by more than the width are masked',
    body: `let s = b; let i = bitcast<i32>(a); ${words('a << s', 'a >> s', 'bitcast<u32>(i << s)', 'bitcast<u32>(i >> s)', '(vec2(a, b) << vec2(s, 33u + (a & 0u))).y', 'bitcast<vec2u>(vec2(i, 5i) >> vec2(s, s + 1u)).y')}`,
  },
  {
    name: 'bit built-ins on vectors',
    body: `let v = vec4u(a, b, a ^ b, 0u); let w = bitcast<vec4i>(v);
${words('countOneBits(v).x', 'reverseBits(v).y', 'countLeadingZeros(v).z', 'countTrailingZeros(v).w', 'firstLeadingBit(v).x', 'firstTrailingBit(v).w', 'bitcast<u32>(firstLeadingBit(w).x)', 'bitcast<u32>(firstLeadingBit(w).w)', 'extractBits(v, 3u, 7u).x', 'bitcast<u32>(extractBits(w, 3u, 7u).x)', 'insertBits(v, v.yxwz, 5u, 11u).x', 'bitcast<u32>(insertBits(w, w.yxwz, 28u, 11u + (a & 1u)).y)', 'extractBits(a, b & 63u, 40u + (a & 1u))', 'insertBits(a, b, 31u, 40u + (a & 1u))', 'bitcast<u32>(abs(w).x)', 'bitcast<u32>(sign(w).y)')}`,
  },
  {
    name: 'integer min, max, clamp with crossed limits',
    body: `let i = bitcast<i32>(a); let j = bitcast<i32>(b);
${words('min(a, b)', 'max(a, b)', 'bitcast<u32>(min(i, j))', 'bitcast<u32>(max(i, j))', 'clamp(a, min(a, b), max(a, b))', 'clamp(a, 10u, 20u)', 'bitcast<u32>(clamp(i, -20, 20))', 'clamp(vec3u(a), vec3u(1u, 2u, 3u), vec3u(9u, 8u, 7u)).z', 'dot(vec3u(a, b, 3u), vec3u(b, a, 7u))', 'bitcast<u32>(dot(vec2i(i, j), vec2i(j, -1)))')}`,
  },
  {
    name: 'conversions between integers, floats and bools',
    body: `let f = bitcast<f32>(0x4f000000u + (a & 0u)); let n = -x * 1000000.0;
${words('u32(f)', 'bitcast<u32>(i32(f))', 'u32(-f)', 'bitcast<u32>(i32(-f * 2.0))', 'u32(f * 4.0)', 'bitcast<u32>(i32(n))', 'u32(n)', 'u32(x)', 'bitcast<u32>(i32(y - 0.75))', 'bitcast<u32>(f32(a >> 8u))', 'bitcast<u32>(f32(bitcast<i32>(a) >> 8u))', 'u32(bool(a))', 'u32(bool(x - x))', 'bitcast<u32>(f32(a > b))', 'bitcast<u32>(i32(a > b))', 'u32(vec3<bool>(vec3u(a, 0u, b)).y)')}`,
  },
  {
    name: 'packed bytes',
    body: words(
      'dot4U8Packed(a, b)',
      'bitcast<u32>(dot4I8Packed(a, b))',
      'pack4xI8(vec4i(bitcast<i32>(a), -129, 127, 300))',
      'pack4xU8(vec4u(a, 256u, 255u, b))',
      'pack4xI8Clamp(vec4i(bitcast<i32>(a), -129, 127, 300))',
      'pack4xU8Clamp(vec4u(a, 256u, 255u, b))',
      'bitcast<u32>(unpack4xI8(a).x)',
      'bitcast<u32>(unpack4xI8(a).w)',
      'unpack4xU8(b).y',
      'unpack4xU8(b).z',
    ),
  },
  {
    // no ties and nothing that f16 cannot hold: devices round those as they like
    name: 'packed floats',
    body: words(
      'pack4x8snorm(vec4f(x, -y * 1.9, 2.0, -1.0))',
      'pack4x8unorm(vec4f(x, y, 2.0, -1.0))',
      'pack2x16snorm(vec2f(x * 0.25, -3.0))',
      'pack2x16unorm(vec2f(y * 0.25, 0.5))',
      'pack2x16float(vec2f(x, -y))',
      'bitcast<u32>(unpack2x16float(pack2x16float(vec2f(x, -y))).y)',
      'bitcast<u32>(unpack4x8unorm(0x00ff00ffu).z)',
      'bitcast<u32>(unpack4x8snorm(0x807f0080u).z)',
      'bitcast<u32>(unpack2x16snorm(0x80007fffu).y)',
      'bitcast<u32>(quantizeToF16(x))',
    ),
    ulps: 2,
  },
  {
    name: 'bitcasts of vectors',
    body: words(
      'bitcast<vec2u>(vec2f(x, y)).y',
      'bitcast<u32>(bitcast<vec4f>(vec4u(0x3f800000u, 0x40000000u, a & 0x3fffffffu, 0u)).y)',
      'bitcast<u32>(bitcast<vec3i>(vec3u(a, b, a)).z)',
      'bitcast<u32>(bitcast<i32>(bitcast<f32>(a & 0x7f7fffffu)))',
    ),
  },
  {
    name: 'compound assignments and increments everywhere',
    before:
      'struct P { a: u32, v: vec3u, m: array<i32, 3> }\nvar<private> g: P; var<workgroup> w: array<P, 32>;',
    body: `var p: P; p.a = a; p.v = vec3u(a, b, 1u); p.m[b % 3u] += 7; p.m[1]--; p.a++; p.v.y *= 3u; p.v[a % 3u] ^= 0xffu; p.v -= vec3u(1u); p.v <<= vec3u(1u, 2u, 3u); p.a %= 1000u; p.a |= 1u;
  g = p; g.v.z += g.a; g.m[2] -= 5; w[lane] = g; w[lane].v.x >>= 3u; w[lane].m[0]++; w[lane].a &= 0xfffu;
${words('p.a', 'p.v.x', 'p.v.y', 'p.v.z', 'bitcast<u32>(p.m[0])', 'bitcast<u32>(p.m[1])', 'bitcast<u32>(p.m[2])', 'g.v.z', 'bitcast<u32>(g.m[2])', 'w[lane].v.x', 'bitcast<u32>(w[lane].m[0])', 'w[lane].a')}`,
  },
];

const flow: readonly LanguageProgram[] = [
  {
    name: 'switch with lists, default in the middle, nested, in a loop',
    body: `var n = 0u;
  for (var i = 0u; i < 12u; i++) {
    switch (a + i) % 7u {
      case 0u, 1u, { n += 1u; }
      default: { n += 100u; if (i & 1u) == 0u { break; } n += 1000u; }
      case 2u: { switch b % 3u { case 0: { continue; } case 1, default { n += 7u; break; } } n ^= 3u; }
      case 3u { if b > a { continue; } n *= 3u; }
      case 4u {}
    }
    n += i;
  }
${words('n')}`,
  },
  {
    name: 'switch on a const, a signed value, without a break',
    before: 'const two = 2; const far = -7i;',
    body: `let i = bitcast<i32>(a) % 9; var r = 0u;
  switch i { case far: { r = 1u; } case two: { r = 2u; } case -1, -2, 0x3: { r = 3u; } default { r = 9u; } }
  switch 5 { case 5: { r += 10u; } default: { r += 20u; } }
  switch b & 1u { default: { r += 100u; } }
${words('r')}`,
  },
  {
    name: 'loops with continuing, break if, nested breaks',
    body: `var n = a & 15u; var rounds = 0u;
  loop { let k = n; if n > 40u { break; } if n == 13u { n += 5u; continue; } n += 3u; continuing { rounds += k; n += 1u; break if n >= 30u; } }
  var m = 0u;
  loop { loop { m++; if m % 5u == 0u { break; } continuing { m += 2u; } } if m > 25u + (b & 7u) { break; } }
  var q = 0u; while q < 50u { q += 7u; if (q & 3u) == 3u { continue; } q += lane & 3u; }
  var z = 0u; for (;;) { z += 1u + (a & 3u); if z > 9u { break; } }
  var s = 0u; for (var i = 10i; i >= 0; i -= 3) { for (var j = i; j < 12; j++) { if j == 11 { break; } if ((j ^ i) & 1) == 0 { continue; } s += u32(j); } }
${words('n', 'rounds', 'm', 'q', 'z', 's')}`,
  },
  {
    name: 'early returns at every depth',
    before: `fn f(a: u32, lane: u32) -> u32 {
  for (var i = 0u; i < 9u; i++) { switch i { case 3u: { if a % 3u == 0u { return 30u + i; } } case 5u: { loop { if lane > 7u { return 50u; } break; } } default: {} } if i == lane { return 70u + i; } }
  if a > 100u { if a > 1000u { return 1u; } else if a > 500u { return 2u; } else { return 3u; } }
  return 4u;
}
fn g(p: ptr<function, u32>) { if *p > 5u { *p = 1u; return; } *p += 1u; }`,
    body: `var t = a & 7u; g(&t); g(&t);\n${words('f(a, lane)', 'f(b & 1023u, lane + 9u)', 't')}`,
  },
  {
    name: 'blocks and shadowing',
    before: 'const x0 = 3u; fn twice(v: u32) -> u32 { let v2 = v * 2u; { let v = v2 + 1u; return v; } }',
    body: `let n = a; var r = 0u;
  { let n = n + 1u; r += n; { var n = n * 2u; n++; r ^= n; } r += n; }
  for (var n = n & 3u; n < 6u; n++) { let r2 = r; var r = r2 + n; r++; out[base + 4u + (n & 3u)] = r; }
  { const x0 = 5u; r += x0; } r += x0; let twice2 = twice(r); { let twice = 4u; r += twice; }
${words('r', 'twice2', 'n')}`,
  },
  {
    name: 'short circuits with side effects',
    before: 'var<private> calls: u32; fn t(x: bool) -> bool { calls++; return x; }',
    body: `let p = t(a > b) && t((a & 1u) == 1u); let q = t(a < b) || t((b & 1u) == 1u); let r = (t(true) || t(false)) && !t(p); let s = t(a > 3u) & t(b > 3u); let u = t(a > 3u) | t(b > 3u);
  if t(a == 0u) || (t(b == 0u) && true) { calls += 100u; }
${bools('p', 'q', 'r', 's', 'u')}\n  out[base + 8u] = calls;`,
  },
  {
    name: 'evaluation from left to right',
    before:
      'var<private> k: u32; fn next() -> u32 { k = k * 3u + 1u; return k; } fn pair(a: u32, b: u32) -> u32 { return a * 100u + b; }',
    body: `k = a & 3u; var arr = array<u32, 4>(1u, 2u, 3u, 4u);
  let s = next() - next() * next(); let p = pair(next(), next()); arr[next() & 3u] = next(); arr[next() & 3u] += next(); let v = vec3u(next(), k, next()); let c = select(next(), next(), (next() & 1u) == 0u);
  var old = k; old += next(); let m = k + next() + k;
${words('s', 'p', 'arr[0]', 'arr[1]', 'arr[2]', 'arr[3]', 'v.x', 'v.y', 'v.z', 'c', 'k', 'old', 'm')}`,
  },
];

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

const constants: readonly LanguageProgram[] = [
  {
    name: 'abstract numbers',
    before:
      'const big = 4294967296 * 3; const q = big / 5 % 1000; const neg = -7 / 2; const r = -7 % 3; const f = 1 / 3.0; const g = 1e-45; const h = 0x1.8p3; const i = 5 - 2 * 3; const s = (1 << 33) >> 31; const m = 0xff & ~0xf; const x3 = 1.5 % 1; const nn = -(2147483648);',
    body: `var v: f32 = 7; let l = 3 + x; let vv = vec3(1, 2, 3.5); let sum = vv + vec3f(x);\n${words('u32(q)', 'bitcast<u32>(i32(neg))', 'bitcast<u32>(i32(r))', 'bitcast<u32>(f32(f))', 'u32(s)', 'u32(m)', 'bitcast<u32>(f32(h))', 'bitcast<u32>(i32(i))', 'bitcast<u32>(f32(x3))', 'bitcast<u32>(v)', 'bitcast<u32>(l)', 'bitcast<u32>(sum.z)', 'bitcast<u32>(i32(nn))', 'u32(big >> 8)', 'bitcast<u32>(f32(0.1) + f32(0.2))', 'bitcast<u32>(f32(0.1 + 0.2))')}`,
  },
  {
    name: 'built-ins in constants',
    before:
      'const a1 = abs(-5000000000); const m1 = min(5000000000, 7000000000); const c1 = clamp(9000000000, 1, 8000000000); const s1 = sign(-3000000000); const d1 = dot(vec2(100000, 100000), vec2(100000, 200000)); const x1 = max(1, 2.5); const cr = cross(vec3(1, 0, 0), vec3(0, 1, 0)); const se = select(1, 2, true); const l1 = length(vec2(3, 4)); const po = pow(2, 10); const fl = floor(-1.5); const tr = trunc(-1.5); const ro = round(2.5); const fr = fract(-0.25); const any1 = any(vec2(false, true)); const cl = countOneBits(255); const le = ldexp(1.5, 3); const mo = modf(2.75); const fx = frexp(12.0); const st = step(1, 2.0); const mi = mix(1, 3, 0.5);',
    body: words(
      'u32(a1 / 1000)',
      'u32(m1 / 1000)',
      'u32(c1 / 1000)',
      'bitcast<u32>(i32(s1))',
      'u32(d1 / 1000)',
      'bitcast<u32>(f32(x1))',
      'bitcast<u32>(f32(cr.z))',
      'u32(se)',
      'bitcast<u32>(f32(l1))',
      'bitcast<u32>(f32(po + fl + tr))',
      'bitcast<u32>(f32(ro + fr))',
      'select(0u, 1u, any1)',
      'u32(cl)',
      'bitcast<u32>(f32(le + mo.fract + mo.whole))',
      'bitcast<u32>(f32(fx.fract) + f32(fx.exp))',
      'bitcast<u32>(f32(st + mi))',
    ),
  },
  {
    name: 'const_assert, phony assignments, empty statements, comments',
    before:
      'const_assert 1 + 1 == 2; const_assert(vec2(1, 2).y == 2); /* a /* nested */ comment */ fn side(p: ptr<function, u32>) -> u32 { *p += 1u; return *p; } @must_use fn m() -> u32 { return 4u; };',
    body: `var n = a; _ = side(&n); _ = n; ;; const_assert 3u > 2u; _ = vec3f(x); _ = &n; { } if false { n = 0u; } else { n += m(); } // end\n${words('n')}`,
  },
  {
    name: 'literals',
    body: words(
      '0xFFu',
      '0XaBcu',
      'bitcast<u32>(-0x7fi)',
      'bitcast<u32>(1.5f)',
      'bitcast<u32>(2f)',
      'bitcast<u32>(.5)',
      'bitcast<u32>(3.)',
      'bitcast<u32>(1e3)',
      'bitcast<u32>(1.25E-2f)',
      'bitcast<u32>(0x1p-3)',
      'bitcast<u32>(0x.8p1f)',
      'bitcast<u32>(0xA.8p+2)',
      '4294967295',
      'bitcast<u32>(-2147483648)',
      'u32(0x7fffffff)',
      'bitcast<u32>(1e-38)',
    ),
  },
  {
    name: 'precedence and unary chains',
    body: `let i = bitcast<i32>(a & 0xffu); let j = bitcast<i32>(b & 0xffu); let t = i < j; let p = &out[base];\n  _ = p;\n${ints('i - -j', '- -i', '~~i', '-~i', 'i * j + i % 7 - j / 3', '(i + j) << 2u', '(i & j) | (i ^ 5)', 'i32(!t) + i32(!!t)', 'i32(i + 1 < j * 2 && j != 3)', 'i32(i == j || i > j)', 'i32((i < j) == t)', 'i - j - 1', '100 / 7 / 2', '-i * -j', '~i + 1', '-(i - j)')}`,
  },
];

const together: readonly LanguageProgram[] = [
  {
    name: 'atomics of every kind, in workgroup and storage',
    before:
      'struct A { n: atomic<u32>, i: atomic<i32>, arr: array<atomic<u32>, 4> } var<workgroup> s: A; @group(0) @binding(2) var<storage, read_write> g: array<atomic<i32>, 16>; fn bump(p: ptr<workgroup, atomic<u32>>) -> u32 { return atomicAdd(p, 2u); }',
    body: `_ = atomicAdd(&s.n, lane); atomicSub(&s.i, i32(lane)); atomicMax(&s.arr[0], a); atomicMin(&s.arr[1], a); atomicOr(&s.arr[2], 1u << lane); atomicXor(&s.arr[3], a); _ = bump(&s.n);
  atomicMax(&g[0], bitcast<i32>(a)); atomicMin(&g[1], bitcast<i32>(a)); atomicAdd(&g[2 + (lane & 1u)], 1); atomicAnd(&g[4], bitcast<i32>(a)); workgroupBarrier(); storageBarrier();
  if lane == 3u { atomicStore(&g[5], 77); let e = atomicExchange(&g[6], 5); out[base + 12u] = bitcast<u32>(e); let c = atomicCompareExchangeWeak(&g[5], 77, 8); out[base + 13u] = u32(c.exchanged) + bitcast<u32>(c.old_value) * 2u; let d = atomicCompareExchangeWeak(&g[5], 77, 9); out[base + 14u] = u32(d.exchanged) + bitcast<u32>(d.old_value) * 2u; }
${words('atomicLoad(&s.n)', 'bitcast<u32>(atomicLoad(&s.i))', 'atomicLoad(&s.arr[0])', 'atomicLoad(&s.arr[1])', 'atomicLoad(&s.arr[2])', 'atomicLoad(&s.arr[3])', 'bitcast<u32>(atomicLoad(&g[0]))', 'bitcast<u32>(atomicLoad(&g[1]))', 'bitcast<u32>(atomicLoad(&g[2]))', 'bitcast<u32>(atomicLoad(&g[3]))', 'bitcast<u32>(atomicLoad(&g[4]))')}`,
  },
  {
    name: 'workgroup memory, barriers in functions and loops, workgroupUniformLoad',
    before:
      'var<workgroup> tile: array<u32, 32>; var<workgroup> uni: vec4u; var<workgroup> flag: bool; var<workgroup> at: atomic<u32>; fn exchange(lane: u32, v: u32, by: u32) -> u32 { tile[lane] = v; workgroupBarrier(); let r = tile[(lane + by) % 32u]; workgroupBarrier(); return r; }',
    body: `var v = a; for (var s = 1u; s < 32u; s *= 2u) { v += exchange(lane, v, s); } let zero = tile[lane] * 0u; if lane == 9u { uni = vec4u(a, b, 3u, v); flag = a >= b; } atomicAdd(&at, lane); let w = workgroupUniformLoad(&uni); let f = workgroupUniformLoad(&flag); let k = workgroupUniformLoad(&at); let e = workgroupUniformLoad(&tile[5]);
${words('v', 'w.x', 'w.w', 'select(0u, 1u, f)', 'k', 'zero', 'e * 0u')}`,
  },
  {
    name: 'subgroups with every lane',
    directives: 'enable subgroups;',
    body: `let i = bitcast<i32>(a); \n${words('subgroupAdd(a)', 'subgroupMul(a | 1u)', 'bitcast<u32>(subgroupMax(i))', 'bitcast<u32>(subgroupMin(i))', 'subgroupAnd(a)', 'subgroupOr(a)', 'subgroupXor(a)', 'subgroupInclusiveAdd(a)', 'subgroupExclusiveAdd(a)', 'subgroupInclusiveMul(a)', 'subgroupExclusiveMul(a)', 'subgroupBroadcast(a, 2u)', 'subgroupBroadcastFirst(b)', 'subgroupShuffleXor(a, 1u)', 'subgroupBallot(a > b).x', 'select(0u, 1u, subgroupAll(a > 2u)) + select(0u, 2u, subgroupAny(a > b)) + select(0u, 4u, subgroupElect())')}`,
  },
  {
    name: 'subgroups on vectors and floats, shuffles within reach, quads',
    directives: 'enable subgroups;',
    body: `let v = vec3u(a, b, lane); let l = lane & 3u; \n${words('subgroupAdd(v).y', 'subgroupShuffle(v, l ^ 2u).x', 'subgroupShuffle(a, (l + 1u) & 3u)', 'select(a, subgroupShuffleUp(a, 1u), l > 0u)', 'select(a, subgroupShuffleDown(a, 1u), l < 3u)', 'quadBroadcast(a, 2u)', 'quadSwapX(a)', 'quadSwapY(b)', 'quadSwapDiagonal(v).y', 'bitcast<u32>(subgroupAdd(x))', 'bitcast<u32>(subgroupMax(vec2f(x, -y)).y)', 'bitcast<u32>(subgroupExclusiveAdd(x))', 'bitcast<u32>(subgroupBroadcast(y, 3))', 'subgroupBallot(true).x', 'subgroupInclusiveAdd(v).z', 'bitcast<u32>(subgroupMul(vec2f(1.0, 2.0)).y)')}`,
  },
  {
    name: 'subgroups with some lanes masked',
    directives: 'enable subgroups; diagnostic(off, subgroup_uniformity);',
    body: `var r = 0u; var s = 0u; var t = 0u; if (lane & 1u) == 1u { r = subgroupAdd(a); s = subgroupBroadcastFirst(b); t = subgroupBallot(a > b).x; } else { r = subgroupMax(a); s = subgroupExclusiveAdd(lane); t = select(0u, 1u, subgroupElect()); }
  var n = 0u; for (var i = 0u; i < (lane & 3u) + 1u; i++) { n += subgroupAdd(1u); } var q = 0u; switch lane & 3u { case 0u: { q = subgroupAdd(5u); } case 1u, 2u: { q = subgroupOr(lane); } default: { q = subgroupBallot(true).x; } }
${words('r', 's', 't', 'n', 'q')}`,
  },
  {
    name: 'built-in inputs',
    before: '',
    body: words('lane', 'ids.global.x', 'ids.group.x', 'ids.groups.x', 'ids.local.x'),
  },
];

const exactFloats: readonly LanguageProgram[] = [
  {
    name: 'exact float arithmetic and rounding built-ins',
    body: floats(
      'x + y',
      'x - y',
      'x * y',
      'x % y',
      '-x % y',
      'floor(x * 1.3)',
      'ceil(-y * 1.7)',
      'trunc(-x * 1.3)',
      'round(x - 0.5)',
      'fract(y)',
      'abs(-x)',
      'sign(-y)',
      'min(x, y)',
      'max(-x, y)',
      'clamp(x, 1.0, 2.0)',
      'saturate(y - 1.0)',
    ),
    ulps: 1,
  },
  {
    name: 'float vectors',
    body: `let v = vec3f(x, y, 0.5); let w = vec3f(y, -x, 2.0);\n${floats('dot(v, w)', 'cross(v, w).z', '(v * w).y', '(v + 1.0).x', '(2.0 - v).z', 'length(vec2f(3.0, 4.0) * x)', 'distance(v, v)', 'step(x, y)', 'faceForward(v, w, v).x', 'reflect(v, vec3f(0.0, 1.0, 0.0)).y', '(-v).z', 'min(v, w).y', 'mix(v, w, 0.5).x', 'mix(v, w, vec3f(0.25)).y', 'fma(x, y, 1.0)', 'sign(w).y')}`,
    ulps: 2,
  },
  {
    name: 'float comparisons with infinities and zeros',
    body: `let inf = bitcast<f32>(0x7f800000u + (a & 0u)); let zero = x - x; let nz = -zero;\n${bools('x < y', 'x <= y', 'x == y', 'x != y', 'inf > x', '-inf < inf', 'zero == nz', 'zero < nz', 'inf == inf', 'x >= x', 'all(vec2f(x, y) <= vec2f(y, x))', 'x > nz')}`,
  },
  {
    name: 'modf, frexp, ldexp',
    body: `let m = modf(-x * 1.25); let f = frexp(y * 10.0); let mv = modf(vec2f(x, y)); let fv = frexp(vec2f(x, 0.0));\n${words('bitcast<u32>(m.fract)', 'bitcast<u32>(m.whole)', 'bitcast<u32>(f.fract)', 'bitcast<u32>(f.exp)', 'bitcast<u32>(mv.whole.y)', 'bitcast<u32>(fv.fract.x)', 'bitcast<u32>(fv.exp.y)', 'bitcast<u32>(ldexp(x, 5))', 'bitcast<u32>(ldexp(vec2f(x, y), vec2i(-3, 2)).y)', 'bitcast<u32>(ldexp(f.fract, f.exp))')}`,
  },
  {
    name: 'transcendental functions',
    body: floats(
      'sin(x)',
      'cos(x)',
      'tan(x * 0.3)',
      'exp(x)',
      'exp2(y)',
      'log(x)',
      'log2(y)',
      'pow(x, y)',
      'sqrt(x)',
      'inverseSqrt(y)',
      'atan(x)',
      'atan2(x, y)',
      'tanh(x)',
      'asin(x * 0.1)',
      'acos(y * 0.1)',
      'x / y',
    ),
    ulps: 4096,
  },
  {
    name: 'more transcendental functions',
    body: floats(
      'sinh(x)',
      'cosh(y)',
      'asinh(x)',
      'acosh(y + 1.0)',
      'atanh(x * 0.05)',
      'degrees(x)',
      'radians(y)',
      'smoothstep(0.0, 8.0, x)',
      'normalize(vec3f(x, y, 1.0)).y',
      'length(vec3f(x, y, 1.0))',
      'distance(vec2f(x, 1.0), vec2f(1.0, y))',
      'refract(vec2f(0.6, 0.8), vec2f(0.0, -1.0), 0.5).x',
      '(vec2f(x, y) / y).x',
      'x % 0.7',
      'mix(x, y, 0.3)',
      'exp(-y)',
    ),
    ulps: 4096,
  },
];

const range = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

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

const rest: readonly LanguageProgram[] = [
  {
    name: 'zero values of every variable',
    before:
      'struct Z { a: u32, b: array<vec3f, 2>, m: mat2x2f, f: bool } var<private> p: Z; var<workgroup> w: Z; var<workgroup> at: array<atomic<i32>, 3>;',
    body: `var l: Z; var v: vec4<bool>; for (var i = 0u; i < 2u; i++) { var again = 0u; again += a; out[base + 10u + i] = again; }
${words('l.a', 'bitcast<u32>(l.b[1].z)', 'bitcast<u32>(p.m[1].y)', 'select(1u, 2u, w.f)', 'bitcast<u32>(atomicLoad(&at[2]))', 'select(0u, 1u, any(v))', 'bitcast<u32>(w.b[lane & 1u].x)', 'u32(Z().f)', 'bitcast<u32>(mat3x3f()[1].z)', 'array<vec2u, 3>()[lane % 3u].y')}`,
  },
  {
    name: 'functions with values of every kind, calls as arguments, recursion of calls in loops',
    before: `struct R { v: vec2u, a: array<u32, 3>, b: bool } fn r(x: u32) -> R { return R(vec2u(x, x + 1u), array(x, x * 2u, 3u), x > 9u); } fn take(q: R) -> u32 { var c = q; c.a[1] += c.v.y; return c.a[1] + select(0u, 100u, c.b); } fn m(x: f32) -> mat2x2f { return mat2x2f(x, 1.0, 2.0, x); } fn id(x: u32) -> u32 { return x; } fn three(x: vec3u) -> vec3u { return x.zxy; }`,
    body: `var n = a & 63u; for (var i = id(0u); i < id(id(5u)); i += id(2u)) { n = take(r(n & 15u)) + id(n); } let q = r(b & 31u).a[lane % 3u]; let z = three(three(vec3u(a, b, n))).y;
${words('n', 'take(r(b & 15u))', 'q', 'z', 'bitcast<u32>(m(x)[1].x)', 'bitcast<u32>((m(x) * m(y))[0].y)', 'r(a).v[lane & 1u]', 'u32(r(a & 15u).b)')}`,
  },
  {
    name: 'robust access is clamped as the device clamps it',
    before: '@group(0) @binding(2) var<storage, read_write> t: array<u32>;',
    body: `var p = array<u32, 5>(1u, 2u, 3u, 4u, 5u); let k = 4u + (a & 0u); let v = vec3u(7u, 8u, 9u);\n${words('p[k]', 'v[k - 2u]', 't[arrayLength(&t) - 1u]')}`,
  },
  {
    name: 'f32 from and to bits keeps every bit',
    before:
      'var<private> keep: f32; var<workgroup> w: array<f32, 32>; struct F { f: f32 } fn through(x: f32) -> f32 { return x; }',
    body: `let f = bitcast<f32>(a & 0xff7fffffu); keep = f; w[lane] = keep; var s = F(w[lane]); let arr = array(s.f, 1.0); let v = vec2f(arr[lane & 0u], 0.0); let c = select(1.0, v.x, true); ${words('bitcast<u32>(through(c))', 'bitcast<u32>(v.x)', 'bitcast<u32>(bitcast<i32>(arr[0]))')}`,
  },
  {
    name: 'while and for with declarations, calls and compound conditions',
    before: 'var<private> n: u32; fn tick() -> bool { n++; return n < 9u; }',
    body: `n = 0u; var s = 0u; while tick() && (s < 100u || a == 1u) { s += 2u; } for (tick(); n < 20u && s < 60u; s += 3u) { n += 1u; if n == 15u { continue; } s++; } var k = 0; for (let stop = i32(b & 7u); k < stop; k++) { s ^= u32(k); } for (var i = 0; i < 3; tick()) { i++; }
${words('s', 'n', 'bitcast<u32>(k)')}`,
  },
  {
    name: 'dispatch of many types through select, min and comparison of vectors',
    body: `let i = vec4i(bitcast<i32>(a), bitcast<i32>(b), -3, 4); let u = vec4u(a, b, 3u, 4u); let f = vec2f(x, y);
${words('bitcast<u32>(select(i, i.wzyx, i > vec4i(0)).y)', 'select(u, u.yxwz, u >= u.wxyz).z', 'bitcast<u32>(select(f, f.yx, f <= f.yx).x)', 'bitcast<u32>(min(i, i.yzwx).z)', 'max(u, u.yzwx).w', 'u32(all(vec2<bool>(true, a > b) == vec2<bool>(true)))', 'bitcast<u32>((-i).x)', 'bitcast<u32>((~i).y)', '(~u).z', 'bitcast<u32>((i % vec4i(7)).x)', '(u / vec4u(3u)).y', '(u % 5u).x', '(7u - u).w', 'bitcast<u32>((i & vec4i(255)).y)', '(u | vec4u(1u)).x', '(u ^ u.yxzw).x')}`,
  },
  {
    name: 'names in other scripts, long names, reserved-looking names',
    before:
      'const größe = 4u; fn _under(Δx: u32) -> u32 { return Δx * größe; } struct vec5 { array2: u32, ptr_: u32 }',
    body: `var длина = _under(a); let texture = vec5(a, b); var main2 = texture.array2; ${words('длина', 'main2', 'texture.ptr_')}`,
  },
];

export const languagePrograms: readonly LanguageProgram[] = [
  ...integers,
  ...flow,
  ...types,
  ...constants,
  ...together,
  ...exactFloats,
  ...limits,
  ...layouts,
  ...rest,
];

/** The whole module of a program. Bindings 2 and 3 exist where `before` declares them. */
export function moduleOf({ directives = '', before = '', body }: LanguageProgram): string {
  const ids = body.includes('ids.');
  return `${directives}
@group(0) @binding(0) var<storage, read> input: array<u32>;
@group(0) @binding(1) var<storage, read_write> out: array<u32>;
${ids ? 'struct Ids { @builtin(global_invocation_id) global: vec3u, @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_id) local: vec3u }' : ''}
${before}
@compute @workgroup_size(${LANES})
fn main(@builtin(local_invocation_index) lane: u32${ids ? ', ids: Ids' : ''}) {
  let base = lane * ${ANSWERS}u;
  let a = input[lane];
  let b = input[lane + ${LANES}u];
  let x = f32(a & 31u) * 0.25 + 0.25;
  let y = f32(b & 15u) * 0.5 + 0.5;
  _ = base; _ = x; _ = y;
${body}
}`;
}
