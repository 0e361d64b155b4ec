// Integers, bits, packing, abstract numbers, constants and floats.

import { bools, floats, ints, type LanguageProgram, words } from './program.ts';

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

export const numbersPrograms: readonly LanguageProgram[] = [...integers, ...constants, ...exactFloats];
