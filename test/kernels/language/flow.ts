// Control flow, evaluation order, functions, and what lanes do together.

import { bools, type LanguageProgram, words } from './program.ts';

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

export const flowPrograms: readonly LanguageProgram[] = [...flow, ...together];
