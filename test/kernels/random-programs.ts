// Random WGSL programs on integers, bools, vectors and small arrays, with every kind of control flow. Each is
// a function of the lane's inputs; none has undefined behaviour, so two correct implementations agree on
// every bit. Loops end by construction.

import { type Prng, prng } from '../../src/core/prng.ts';

type Kind = 'i32' | 'u32' | 'bool' | 'vec3<u32>' | 'vec2<i32>';

interface Variable {
  readonly name: string;
  readonly kind: Kind;
  readonly mutable: boolean;
}

const SCALARS: readonly Kind[] = ['i32', 'u32'];
const WORD_OPS = ['+', '-', '*', '/', '%', '&', '|', '^', '<<', '>>'] as const;
const COMPARISONS = ['==', '!=', '<', '<=', '>', '>='] as const;

class Writer {
  private readonly random: Prng;
  private scope: Variable[] = [];
  private names = 0;
  private loops = 0;
  private switches = 0;
  private readonly lines: string[] = [];
  private indent = 1;

  constructor(seed: number) {
    this.random = prng(seed);
  }

  private pick<T>(list: readonly T[]): T {
    return list[this.random.int(0, list.length - 1)] as T;
  }
  private chance(p: number): boolean {
    return this.random.next() < p;
  }
  private line(text: string): void {
    this.lines.push('  '.repeat(this.indent) + text);
  }
  private name(): string {
    return `v${this.names++}`;
  }

  /** A name of this kind, always there: the parameters are. */
  private leaf(kind: Kind): string {
    const found = this.scope.filter((v) => v.kind === kind);
    if (found.length > 0 && this.chance(0.85)) return this.pick(found).name;
    switch (kind) {
      case 'i32':
        return this.chance(0.5) ? 'y' : 'bitcast<i32>(x)';
      case 'u32':
        return this.chance(0.5) ? 'x' : 'mem[x % 4u]';
      case 'bool':
        return '(x > 77u)';
      case 'vec3<u32>':
        return 'vec3<u32>(x, u32(y), mem[1])';
      case 'vec2<i32>':
        return 'vec2<i32>(y, i32(x))';
    }
  }

  private literal(kind: Kind): string {
    const n = this.pick([1, 2, 3, 5, 7, 31, 255, 65535, 1000003]);
    return kind === 'u32' ? `${n}u` : this.chance(0.3) ? `(-${n}i)` : `${n}i`;
  }

  expression(kind: Kind, depth: number): string {
    if (depth <= 0) return this.leaf(kind);
    const sub = (k: Kind): string => this.expression(k, depth - 1);
    if (kind === 'bool') return this.condition(sub);
    if (kind === 'vec3<u32>' || kind === 'vec2<i32>') return this.vector(kind, sub);
    switch (this.random.int(0, 9)) {
      case 0:
        return this.leaf(kind);
      case 1:
        return kind === 'i32' ? `(-${sub('i32')})` : `(~${sub('u32')})`;
      case 2: {
        const f = this.pick([
          'countOneBits',
          'reverseBits',
          'countLeadingZeros',
          'countTrailingZeros',
          'firstLeadingBit',
          'firstTrailingBit',
          'abs',
        ]);
        return `${f}(${sub(kind)})`;
      }
      case 3:
        return `${this.pick(['min', 'max'])}(${sub(kind)}, ${sub(kind)})`;
      case 4:
        return `select(${sub(kind)}, ${sub(kind)}, ${sub('bool')})`;
      case 5:
        return kind === 'i32'
          ? `${this.pick(['i32', 'bitcast<i32>'])}(${sub('u32')})`
          : `${this.pick(['u32', 'bitcast<u32>'])}(${sub('i32')})`;
      case 6:
        return kind === 'u32' ? this.packed(sub) : `dot(${sub('vec2<i32>')}, ${sub('vec2<i32>')})`;
      case 7:
        return kind === 'u32'
          ? `${sub('vec3<u32>')}.${this.pick(['x', 'y', 'z', 'g'])}`
          : `${sub('vec2<i32>')}[${sub('u32')} % 2u]`;
      default:
        return this.binary(kind, sub);
    }
  }

  private packed(sub: (k: Kind) => string): string {
    return this.pick([
      () => `dot4U8Packed(${sub('u32')}, ${sub('u32')})`,
      () => `bitcast<u32>(dot4I8Packed(${sub('u32')}, ${sub('u32')}))`,
      () => `extractBits(${sub('u32')}, ${sub('u32')} % 40u, ${sub('u32')} % 40u)`,
      () => `insertBits(${sub('u32')}, ${sub('u32')}, ${sub('u32')} % 40u, ${sub('u32')} % 40u)`,
      () => `pack4xU8(unpack4xU8(${sub('u32')}).wzyx)`,
      () => `mem[${sub('u32')} % 4u]`,
      () => `helper(${sub('u32')}, &${this.mutableWord()})`,
    ])();
  }

  private binary(kind: Kind, sub: (k: Kind) => string): string {
    const op = this.pick(WORD_OPS);
    if (op === '<<' || op === '>>') return `(${sub(kind)} ${op} (${sub('u32')} & 31u))`;
    // a literal stands only on the right, and is never 0: constants must not divide by it or overflow
    return `(${sub(kind)} ${op} ${this.chance(0.2) ? this.literal(kind) : sub(kind)})`;
  }

  private condition(sub: (k: Kind) => string): string {
    switch (this.random.int(0, 5)) {
      case 0:
        return `(!${sub('bool')})`;
      case 1:
        return `(${sub('bool')} ${this.pick(['&&', '||', '&', '|', '==', '!='])} ${sub('bool')})`;
      case 2:
        return `${this.pick(['any', 'all'])}(${sub('vec3<u32>')} ${this.pick(COMPARISONS)} ${sub('vec3<u32>')})`;
      default: {
        const kind = this.pick(SCALARS);
        return `(${sub(kind)} ${this.pick(COMPARISONS)} ${sub(kind)})`;
      }
    }
  }

  private vector(kind: 'vec3<u32>' | 'vec2<i32>', sub: (k: Kind) => string): string {
    const part: Kind = kind === 'vec3<u32>' ? 'u32' : 'i32';
    switch (this.random.int(0, 3)) {
      case 0:
        return `${kind}(${kind === 'vec3<u32>' ? `${sub(part)}, ${sub(part)}, ${sub(part)}` : `${sub(part)}, ${sub(part)}`})`;
      case 1:
        return kind === 'vec3<u32>' ? `${sub(kind)}.${this.pick(['zyx', 'yyz', 'xzy'])}` : `${sub(kind)}.yx`;
      case 2:
        return `(${sub(kind)} ${this.pick(['+', '-', '*'])} ${sub(part)})`;
      default:
        return `(${sub(kind)} ${this.pick(['+', '-', '*', '&', '^', '/', '%'])} ${sub(kind)})`;
    }
  }

  private mutableWord(): string {
    const found = this.scope.filter((v) => v.mutable && v.kind === 'u32');
    return found.length > 0 ? this.pick(found).name : 'acc';
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
    const choice = this.random.int(0, depth > 0 ? 13 : 6);
    switch (choice) {
      case 0:
      case 1: {
        const kind = this.pick<Kind>(['i32', 'u32', 'u32', 'bool', 'vec3<u32>', 'vec2<i32>']);
        const mutable = this.chance(0.6);
        const name = this.name();
        this.line(
          `${mutable ? 'var' : 'let'} ${name}${this.chance(0.5) ? `: ${kind}` : ''} = ${this.expression(kind, 2)};`,
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
        else this.line(`${name} = ${this.expression(kind, 2)};`);
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
      case 8:
      case 9:
        this.line(`if ${this.expression('bool', 2)} {`);
        this.block(depth - 1, this.random.int(1, 3));
        if (this.chance(0.5)) {
          this.line('} else {');
          this.block(depth - 1, this.random.int(1, 2));
        }
        this.line('}');
        return;
      case 10:
        this.forLoop(depth);
        return;
      case 11:
        this.loop(depth);
        return;
      case 12:
        this.switchStatement(depth);
        return;
    }
    this.line(`acc = (acc * 16777619u) ^ ${this.expression('u32', 2)};`);
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
    this.line(`switch ${this.expression('u32', 1)} % 5u {`);
    this.switches++;
    for (const label of ['case 0u', 'case 1u, 3u', 'default']) {
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
${new Writer(first + p).body()}
  return acc ^ mem[0] ^ (mem[1] * 3u) ^ (mem[2] * 5u) ^ (mem[3] * 7u);
}`);
    calls.push(
      `  output[${p * LANES}u + lane] = p${p}(input[lane] + ${p}u, bitcast<i32>(input[lane ^ 1u]));`,
    );
  }
  return `@group(0) @binding(0) var<storage, read> input: array<u32>;
@group(0) @binding(1) var<storage, read_write> output: array<u32>;
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
