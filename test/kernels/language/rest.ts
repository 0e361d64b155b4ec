// Zero values, function values, robust access, names: what fits nowhere else.

import { type LanguageProgram, words } from './program.ts';

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

export const restPrograms: readonly LanguageProgram[] = [...rest];
