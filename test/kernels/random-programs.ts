// Random WGSL programs on integers, bools, floats, vectors, matrices, structs, arrays and pointers, with every kind of
// control flow. Each is a function of the lane's inputs; none has undefined behaviour, so two correct implementations agree
// on every bit. Loops end by construction.

import { prng } from '../../src/core/prng.ts';
import { Expressions, type Kind } from './random-expressions.ts';

class Writer extends Expressions {
  private names = 0;
  private loops = 0;
  private switches = 0;
  private readonly lines: string[] = [];
  private indent = 1;

  private line(text: string): void {
    this.lines.push('  '.repeat(this.indent) + text);
  }
  private name(): string {
    return `v${this.names++}`;
  }

  private block(depth: number, statements: number): void {
    const before = this.scope;
    this.scope = [...before];
    this.indent++;
    for (let i = 0; i < statements; i++) this.statement(depth);
    this.indent--;
    this.scope = before;
  }

  private statement(depth: number): void {
    const choice = this.random.int(0, depth > 0 ? 17 : 10);
    switch (depth > 0 ? choice : choice > 8 ? choice + 7 : choice) {
      case 16:
        this.toItself();
        return;
      case 17:
        this.kept();
        return;
      case 0:
      case 1: {
        const kind = this.pick<Kind>([
          'i32',
          'u32',
          'u32',
          'bool',
          'f32',
          'vec3<u32>',
          'vec2<i32>',
          'mat2x2<f32>',
          'Point',
        ]);
        const mutable = this.chance(0.6);
        const name = this.name();
        this.line(
          `${mutable ? 'var' : 'let'} ${name}${this.chance(0.5) ? `: ${kind}` : ''} = ${this.value(kind, 2)};`,
        );
        this.scope.push({ name, kind, mutable });
        return;
      }
      case 2:
      case 3: {
        const target = this.scope.filter((v) => v.mutable);
        if (target.length === 0) break;
        const { name, kind } = this.pick(target);
        if (kind === 'i32' || kind === 'u32') {
          const op = this.pick(['+', '-', '*', '^', '|', '&']);
          this.line(
            this.chance(0.5)
              ? `${name} ${op}= ${this.expression(kind, 2)};`
              : `${name} = ${this.expression(kind, 3)};`,
          );
        } else if (kind === 'vec3<u32>' && this.chance(0.5))
          this.line(`${name}[${this.expression('u32', 1)} % 3u] = ${this.expression('u32', 2)};`);
        else if (kind === 'Point' && this.chance(0.7)) this.member(name);
        else if (this.chance(0.3)) this.line(`{ let q = &${name}; *q = ${this.value(kind, 2)}; }`);
        else this.line(`${name} = ${this.value(kind, 2)};`);
        return;
      }
      case 4:
        this.line(
          `mem[${this.expression('u32', 1)} % 4u] ${this.pick(['=', '+=', '^='])} ${this.expression('u32', 2)};`,
        );
        return;
      case 5:
        if (this.loops > 0 && this.switches === 0 && this.chance(0.6)) {
          this.line(`if ${this.expression('bool', 1)} { ${this.pick(['break', 'continue'])}; }`);
          return;
        }
        break;
      case 6:
        if (this.chance(0.15)) {
          this.line(`if ${this.expression('bool', 1)} { return ${this.expression('u32', 2)}; }`);
          return;
        }
        break;
      case 7:
        this.member(this.pick(['p', 'g']));
        return;
      case 8:
        this.line(
          `grid[${this.expression('u32', 1)} % 2u]${this.chance(0.3) ? ` = grid[${this.expression('u32', 1)} % 2u]` : `[${this.expression('u32', 1)} % 3u] ${this.pick(['=', '+=', '^='])} ${this.expression('u32', 2)}`};`,
        );
        return;
      case 9:
      case 10:
      case 11:
        this.line(`if ${this.expression('bool', 2)} {`);
        this.block(depth - 1, this.random.int(1, 3));
        if (this.chance(0.5)) {
          this.line('} else {');
          this.block(depth - 1, this.random.int(1, 2));
        }
        this.line('}');
        return;
      case 12:
        this.forLoop(depth);
        return;
      case 13:
        this.loop(depth);
        return;
      case 14:
        this.switchStatement(depth);
        return;
    }
    this.line(`acc = (acc * 16777619u) ^ ${this.expression('u32', 2)};`);
  }

  /** A variable that becomes its own parts in another order. */
  private toItself(): void {
    const target = this.scope.filter((v) => v.mutable);
    const { name, kind } = this.pick(target);
    this.line(
      this.pick([
        () => `${name} = ${this.parts(kind, name)};`,
        () => `{ let q = &${name}; *q = ${this.parts(kind, '(*q)')}; }`,
        () => `p.v = ${this.parts('vec3<u32>', 'p.v')};`,
        () => `g.v = ${this.parts('vec3<u32>', this.pick(['p.v', 'g.v']))};`,
        () => `turn = transpose(turn);`,
        () => `pairs[${this.expression('u32', 1)} % 2u] = ${this.parts('vec2<i32>', 'pairs[x % 2u]')};`,
        () => `pairs[0] = ${this.parts('vec2<i32>', `pairs[${this.expression('u32', 1)} % 2u]`)};`,
      ])(),
    );
  }

  /** A let of a variable, which is then written: the let keeps what was. */
  private kept(): void {
    const { name, kind } = this.pick(this.scope.filter((v) => v.mutable));
    const was = this.name();
    this.line(`let ${was} = ${this.parts(kind, name)};`);
    this.line(`${name} = ${this.value(kind, 1)};`);
    this.scope.push({ name: was, kind, mutable: false });
  }

  /** An expression to be kept: floats within ±4096. */
  private value(kind: Kind, depth: number): string {
    const e = this.expression(kind, depth);
    return kind === 'f32' ? `clamp(${e}, -4096.0, 4096.0)` : e;
  }

  /** An assignment to a part of a struct. */
  private member(name: string): void {
    const e = (kind: Kind): string => this.value(kind, 2);
    this.line(
      this.pick([
        () => `${name}.a ${this.pick(['=', '+=', '*=', '^='])} ${e('u32')};`,
        () => `${name}.v.${this.pick(['x', 'y', 'z'])} ${this.pick(['=', '-=', '|='])} ${e('u32')};`,
        () => `${name}.v[${this.expression('u32', 1)} % 3u]++;`,
        () => `${name}.f = ${e('f32')};`,
        () => `${name}.r[${this.expression('u32', 1)} % 3u] = ${e('i32')};`,
        () => `${name} = ${e('Point')};`,
      ])(),
    );
  }

  private inLoop(write: () => void): void {
    const switches = this.switches;
    this.switches = 0;
    this.loops++;
    write();
    this.loops--;
    this.switches = switches;
  }

  private forLoop(depth: number): void {
    const i = this.name();
    const rounds = this.chance(0.5) ? `${this.random.int(1, 6)}u` : `(${this.expression('u32', 1)} % 6u)`;
    // the bound is fixed before the loop: nothing in the body can make it endless
    const bound = this.name();
    this.line(`let ${bound} = ${rounds};`);
    this.line(`for (var ${i} = 0u; ${i} < ${bound}; ${i}++) {`);
    this.scope.push({ name: bound, kind: 'u32', mutable: false });
    const before = this.scope;
    this.scope = [...before, { name: i, kind: 'u32', mutable: false }];
    this.inLoop(() => this.block(depth - 1, this.random.int(1, 3)));
    this.scope = before;
    this.line('}');
  }

  private loop(depth: number): void {
    const i = this.name();
    const rounds = this.random.int(1, 5);
    this.line(`var ${i} = 0u;`);
    const readable = { name: i, kind: 'u32' as const, mutable: false };
    this.scope.push(readable);
    if (this.chance(0.5)) {
      this.line('loop {');
      this.inLoop(() => this.block(depth - 1, this.random.int(1, 3)));
      this.line('  continuing {');
      this.line(`    ${i}++;`);
      this.line(`    break if ${i} >= ${rounds}u || ${this.expression('bool', 1)};`);
      this.line('  }');
    } else {
      this.line(`while ${i} < ${rounds}u {`);
      this.line(`  ${i}++;`);
      this.inLoop(() => this.block(depth - 1, this.random.int(1, 3)));
    }
    this.line('}');
  }

  private switchStatement(depth: number): void {
    const signed = this.chance(0.4);
    this.line(
      signed ? `switch ${this.expression('i32', 1)} % 3 {` : `switch ${this.expression('u32', 1)} % 5u {`,
    );
    this.switches++;
    const labels = signed ? ['case -1, 2', 'default', 'case 0'] : ['case 0u', 'case 1u, 3u', 'default'];
    for (const label of labels) {
      this.line(`  ${label} {`);
      this.indent++;
      this.block(depth - 1, this.random.int(1, 2));
      if (this.chance(0.3)) this.line(`  if ${this.expression('bool', 1)} { break; }`);
      if (this.loops > 0 && this.chance(0.3)) this.line(`  if ${this.expression('bool', 1)} { continue; }`);
      this.line(`  acc += ${this.random.int(1, 99)}u;`);
      this.indent--;
      this.line('  }');
    }
    this.switches--;
    this.line('}');
  }

  body(): string {
    this.scope.push(
      { name: 'acc', kind: 'u32', mutable: true },
      { name: 'x', kind: 'u32', mutable: false },
      { name: 'y', kind: 'i32', mutable: false },
      { name: 'turn', kind: 'mat2x2<f32>', mutable: true },
    );
    const statements = this.random.int(3, 6);
    for (let i = 0; i < statements; i++) this.statement(2);
    return this.lines.join('\n');
  }
}

/** Lanes of the one workgroup that runs the programs. */
export const LANES = 64;

/** A module of `count` programs, numbered from `first`: output[p · LANES + lane] is program p's answer. */
export function randomModule(first: number, count: number): string {
  const functions: string[] = [];
  const calls: string[] = [];
  for (let p = 0; p < count; p++) {
    functions.push(`fn p${p}(x: u32, y: i32) -> u32 {
  var acc = 2166136261u;
  var mem = array<u32, 4>(x, u32(y), x ^ 77u, 5u);
  var turn = mat2x2<f32>(f32(x & 63u), 0.5, f32(y >> 24u), -3.0);
  var pairs = array(vec2<i32>(y, 1), vec2<i32>(3, i32(x)));
  var grid = array(array(x, 1u, 2u), array(3u, x, u32(y)));
  var p = Point(x, vec3<u32>(x, 1u, u32(y)), f32(x & 1023u) * 0.5, array<i32, 3>(y, 2, -3));
  g = Point(7u, vec3<u32>(x), 1.5, array<i32, 3>());
${new Writer(first + p).body()}
  acc ^= folded(p) ^ (folded(g) * 11u) ^ (grid[0][0] * 13u) ^ (grid[0][1] * 17u) ^ (grid[1][1] * 19u) ^ grid[1][2];
  acc ^= u32(i32(turn[0].y * 4.0)) ^ (u32(i32(turn[1].x * 4.0)) * 23u) ^ (u32(pairs[0].x) * 29u) ^ (u32(pairs[1].y) * 31u);
  return acc ^ mem[0] ^ (mem[1] * 3u) ^ (mem[2] * 5u) ^ (mem[3] * 7u);
}`);
    calls.push(
      `  output[${p * LANES}u + lane] = p${p}(input[lane] + ${p}u, bitcast<i32>(input[lane ^ 1u]));`,
    );
  }
  return `@group(0) @binding(0) var<storage, read> input: array<u32>;
@group(0) @binding(1) var<storage, read_write> output: array<u32>;
struct Point { a: u32, v: vec3<u32>, f: f32, r: array<i32, 3> }
var<private> g: Point;
fn folded(p: Point) -> u32 {
  return p.a ^ (p.v.x * 3u) ^ (p.v.y * 5u) ^ (p.v.z * 7u) ^ u32(i32(p.f * 4.0)) ^ u32(p.r[0] ^ (p.r[1] * 9) ^ (p.r[2] * 15));
}
fn mixed(q: Point, k: u32) -> Point {
  var r = q;
  r.v = r.v.zxy + vec3<u32>(k);
  if (k % 2u == 1u) { r.r[k % 3u] += 5; return r; }
  r.f = r.f * 0.5;
  return Point(r.a + 1u, r.v, r.f, q.r);
}
fn touch(q: ptr<function, Point>, k: u32) -> u32 {
  (*q).v[k % 3u] ^= k;
  let r = &(*q).r;
  (*r)[k % 3u] -= 1;
  return (*q).a + u32((*r)[0]);
}
fn bump(k: u32) -> u32 {
  g.a = g.a * 5u + k;
  return g.a;
}
fn helper(a: u32, p: ptr<function, u32>) -> u32 {
  if (a % 3u == 0u) { *p += a; return *p; }
  *p = *p ^ (a >> 3u);
  return a * 2654435761u;
}
${functions.join('\n')}
@compute @workgroup_size(${LANES})
fn main(@builtin(local_invocation_index) lane: u32) {
${calls.join('\n')}
}`;
}

/** Inputs with the values that break things: 0, 1, −1, the extremes, then random words. */
export function randomInputs(seed: number): Uint32Array {
  const random = prng(seed);
  const special = [0, 1, 0xffffffff, 0x80000000, 0x7fffffff, 2, 31, 32];
  return Uint32Array.from({ length: LANES }, (_, i) => special[i] ?? random.int(0, 0xffffffff));
}
