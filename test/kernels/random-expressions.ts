// Random WGSL expressions of every kind that random-programs.ts uses: integers, bools, floats that stay exact or are
// rounded alike everywhere, vectors, a matrix and a struct. Always there: `x`, `y`, `acc`, `mem`, `grid`, `p` and `g`.

import { type Prng, prng } from '../../src/core/prng.ts';

export type Kind = 'i32' | 'u32' | 'bool' | 'f32' | 'vec3<u32>' | 'vec2<i32>' | 'mat2x2<f32>' | 'Point';

export interface Variable {
  readonly name: string;
  readonly kind: Kind;
  readonly mutable: boolean;
}

const SCALARS: readonly Kind[] = ['i32', 'u32'];
const WORD_OPS = ['+', '-', '*', '/', '%', '&', '|', '^', '<<', '>>'] as const;
const COMPARISONS = ['==', '!=', '<', '<=', '>', '>='] as const;

export class Expressions {
  protected readonly random: Prng;
  protected scope: Variable[] = [];

  constructor(seed: number) {
    this.random = prng(seed);
  }

  protected pick<T>(list: readonly T[]): T {
    return list[this.random.int(0, list.length - 1)] as T;
  }
  protected chance(p: number): boolean {
    return this.random.next() < p;
  }
  /** A name of this kind, always there: the parameters are. */
  protected leaf(kind: Kind): string {
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
      case 'f32':
        return this.pick(['f32(x & 255u)', 'f32(y >> 20u)', 'p.f', 'g.f', 'turn[x & 1u].y', '0.25', '-3.0']);
      case 'mat2x2<f32>':
        return this.chance(0.5) ? 'turn' : 'transpose(turn)';
      case 'Point':
        return this.pick(['p', 'g']);
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
    if (kind === 'f32') return this.float(sub);
    if (kind === 'Point') return this.point(sub);
    if (kind === 'mat2x2<f32>') return this.matrix(sub);
    switch (this.random.int(0, 11)) {
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
          : this.pick([
              `${sub('vec2<i32>')}[${sub('u32')} % 2u]`,
              `pairs[${sub('u32')} % 2u].${this.pick(['x', 'y'])}`,
            ]);
      case 8:
        return kind === 'u32' ? `${sub('Point')}.v.${this.pick(['x', 'y', 'z'])}` : `${sub('Point')}.r[1]`;
      case 9:
        return kind === 'u32'
          ? this.pick([`p.a`, `g.v[${sub('u32')} % 3u]`, `grid[${sub('u32')} % 2u][${sub('u32')} % 3u]`])
          : this.pick([`p.r[${sub('u32')} % 3u]`, `i32(clamp(${sub('f32')}, -1e6, 1e6))`]);
      default:
        return this.binary(kind, sub);
    }
  }

  /** Floats stay below 2¹²⁷ and are never NaN: leaves lie within ±4096, depth is at most three. */
  private float(sub: (k: Kind) => string): string {
    switch (this.random.int(0, 7)) {
      case 7:
        return `${sub('mat2x2<f32>')}[${sub('u32')} & 1u].${this.pick(['x', 'y'])}`;
      case 0:
        return `${this.pick(['floor', 'ceil', 'trunc', 'round', 'abs', 'sign'])}(${sub('f32')})`;
      case 1:
        return `${this.pick(['min', 'max'])}(${sub('f32')}, ${sub('f32')})`;
      case 2:
        return `select(${sub('f32')}, ${sub('f32')}, ${sub('bool')})`;
      case 3:
        return `f32(${sub('i32')} >> 20u)`;
      case 4:
        return `(${sub('f32')} % ${this.pick(['7.0', '0.75', '2.5'])})`;
      default:
        return `(${sub('f32')} ${this.pick(['+', '-', '*'])} ${sub('f32')})`;
    }
  }

  /** Cells lie within ±4096. */
  private matrix(sub: (k: Kind) => string): string {
    const cell = (): string => `clamp(${sub('f32')}, -4096.0, 4096.0)`;
    switch (this.random.int(0, 2)) {
      case 0:
        return `mat2x2<f32>(${cell()}, ${cell()}, ${cell()}, ${cell()})`;
      case 1:
        return `mat2x2<f32>(${sub('mat2x2<f32>')}[1].yx, ${sub('mat2x2<f32>')}[0])`;
      default:
        return `transpose(${sub('mat2x2<f32>')})`;
    }
  }

  /** What a variable holds, in another order where it has parts: nothing is computed, so nothing is copied by chance. */
  protected parts(kind: Kind, name: string): string {
    switch (kind) {
      case 'vec3<u32>':
        return `${name}.${this.pick(['zyx', 'yyz', 'yxz', 'xyz'])}`;
      case 'vec2<i32>':
        return `${name}.${this.pick(['yx', 'yy', 'xy'])}`;
      case 'mat2x2<f32>':
        return this.pick([`transpose(${name})`, name]);
      case 'bool':
        return `${this.pick(['all', 'any', ''])}(${name})`;
      case 'Point':
        return name;
      default:
        return this.pick([name, `${kind}(${name})`]);
    }
  }

  private point(sub: (k: Kind) => string): string {
    switch (this.random.int(0, 2)) {
      case 0:
        return `Point(${sub('u32')}, ${sub('vec3<u32>')}, clamp(${sub('f32')}, -4096.0, 4096.0), array<i32, 3>(${sub('i32')}, ${sub('i32')}, y))`;
      case 1:
        return `mixed(${sub('Point')}, ${sub('u32')})`;
      default:
        return this.leaf('Point');
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
      () => `touch(&p, ${sub('u32')})`,
      () => `bump(${sub('u32')})`,
    ])();
  }

  private binary(kind: Kind, sub: (k: Kind) => string): string {
    const op = this.pick(WORD_OPS);
    if (op === '<<' || op === '>>') return `(${sub(kind)} ${op} (${sub('u32')} & 31u))`;
    // a literal stands only on the right, and is never 0: constants must not divide by it or overflow
    return `(${sub(kind)} ${op} ${this.chance(0.2) ? this.literal(kind) : sub(kind)})`;
  }

  private condition(sub: (k: Kind) => string): string {
    switch (this.random.int(0, 6)) {
      case 0:
        return `(!${sub('bool')})`;
      case 1:
        return `(${sub('bool')} ${this.pick(['&&', '||', '&', '|', '==', '!='])} ${sub('bool')})`;
      case 2:
        return `${this.pick(['any', 'all'])}(${sub('vec3<u32>')} ${this.pick(COMPARISONS)} ${sub('vec3<u32>')})`;
      case 3:
        return `(${sub('f32')} ${this.pick(COMPARISONS)} ${sub('f32')})`;
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

  protected mutableWord(): string {
    const found = this.scope.filter((v) => v.mutable && v.kind === 'u32');
    return found.length > 0 ? this.pick(found).name : 'acc';
  }
}
