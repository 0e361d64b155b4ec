// The state of compiling one function, and the few operations that everything else is made of: loading a
// value, converting it, bringing it into registers.

import { type Constant, concreteType, conversionRank, convertConstant } from '../front/constants.ts';
import { leavesOf } from '../front/layout.ts';
import { bitsOfF32, type Num } from '../front/numbers.ts';
import type { BlockElem, ExpressionElem, Located, Statement } from '../front/parse.ts';
import { type Scalar, scalarKind, type Type, typeName } from '../front/types.ts';
import type { Op } from '../machine/machine.ts';
import type { Emitter, OpInfo } from './emitter.ts';
import type { Unit } from './unit.ts';
import {
  constantValue,
  type Entity,
  ERROR_VALUE,
  lookup,
  type Ref,
  registersValue,
  type Scope,
  type Value,
} from './values.ts';

/** What the module gives to functions: its global names and its other functions. */
export interface Globals {
  find(name: string): Entity | undefined;
  call(c: Context, name: string, args: readonly ExpressionElem[], node: Located): Value;
}

/** Most scalars of one value or variable, a lane: more than any real kernel keeps in registers. */
export const LARGEST_VALUE = 1 << 14;

/** A construct that lanes can leave early. */
export interface Construct {
  readonly kind: 'if' | 'loop' | 'switch' | 'function';
  /** Mask of the lanes that go on after it. */
  readonly exit: number;
  /** Loops: mask of the lanes that go round again. */
  readonly live?: number;
  /** Where lanes that leave what is inside arrive. */
  readonly end: { pc: number };
}

export interface ContextParts {
  readonly unit: Unit;
  readonly out: Emitter;
  readonly globals: Globals;
  readonly functionName: string;
  /** How expressions, references and statements are compiled: given from outside, so that files need not import in a ring. */
  readonly expression: (c: Context, node: ExpressionElem) => Value;
  readonly load: (c: Context, ref: Ref, node: Located) => Value;
  readonly statement: (c: Context, node: Statement, start: Scope | undefined) => void;
}

export class Context {
  readonly unit: Unit;
  readonly out: Emitter;
  readonly globals: Globals;
  readonly functionName: string;
  scope: Scope | undefined;
  readonly constructs: Construct[] = [];
  /** Set while the statement calls functions: variables must be copied when they are read. */
  copies = false;
  returnType: Type = { kind: 'void' };
  returnRegisters: readonly number[] = [];
  /** In the entry point: mask of the lanes that have returned. */
  finished: number | undefined;
  private readonly parts: ContextParts;

  constructor(parts: ContextParts) {
    this.parts = parts;
    this.unit = parts.unit;
    this.out = parts.out;
    this.globals = parts.globals;
    this.functionName = parts.functionName;
  }

  emit(op: Op, info?: OpInfo): void {
    this.out.emit(op, info);
  }

  find(name: string): Entity | undefined {
    return lookup(this.scope, name) ?? this.globals.find(name);
  }

  declare(name: string, entity: Entity): void {
    this.scope = { name, entity, next: this.scope };
  }

  statement(node: Statement, start: Scope | undefined): void {
    this.parts.statement(this, node, start);
  }

  statements(list: readonly Statement[], start: Scope | undefined): void {
    for (const s of list) this.statement(s, start);
  }

  /** A block with its own names and registers. */
  block(node: BlockElem): void {
    const { scope } = this;
    const outer = this.out.begin();
    this.statements(node.body, scope);
    this.out.end(outer);
    this.scope = scope;
  }

  /** The value as written: may be a reference, a pointer or a type. */
  expression(node: ExpressionElem): Value {
    return this.parts.expression(this, node);
  }

  /** The value after the load rule: constant or registers. */
  value(node: ExpressionElem): Value {
    return this.loaded(this.expression(node), node);
  }

  loaded(v: Value, node: Located): Value {
    if (v.kind === 'reference') return this.parts.load(this, v.ref, node);
    if (v.kind === 'type')
      return this.fail(
        'type',
        node,
        `${typeName(v.type)} is a type, not a value.`,
        'Call it to make a value, as in f32(x).',
      );
    if (v.kind === 'void')
      return this.fail('type', node, 'This call returns nothing.', 'Use it as a statement of its own.');
    return v;
  }

  fail(
    code: 'name' | 'type' | 'value' | 'unsupported' | 'limit' | 'assert',
    node: Located,
    message: string,
    hint: string,
  ): Value {
    this.unit.error(code, node, message, hint);
    return ERROR_VALUE;
  }

  /** `v` as type `to` when it converts by itself. */
  converted(v: Value, to: Type, node: Located): Value {
    if (v.kind === 'error' || to.kind === 'error') return ERROR_VALUE;
    if (conversionRank(v.type, to) === undefined) {
      return this.fail(
        'type',
        node,
        `This is ${typeName(v.type)}, but ${typeName(to)} is needed.`,
        conversionHint(v.type, to),
      );
    }
    if (v.kind !== 'constant') return v;
    const c = convertConstant(v, to);
    return c.ok
      ? constantValue(c.value)
      : this.fail('value', node, `${c.error}.`, 'Use a value in range, or a wider type.');
  }

  /** The registers of a value, converted to its concrete type or to `to`. Undefined after an error. */
  registers(v: Value, node: Located, to: Type = concreteType(v.type)): readonly number[] | undefined {
    const own = this.converted(v, to, node);
    if (own.kind === 'registers') return own.registers;
    if (own.kind === 'constant') return this.constantRegisters(own);
    if (own.kind !== 'error') this.loaded(own, node);
    return undefined;
  }

  constantRegisters(c: Constant): readonly number[] {
    const leaves = leavesOf(c.type);
    const bits = c.data.map((x, i) => bitsOf(leaves[i]?.scalar ?? 'i32', x));
    // arrays lie in a row, so that a computed index can reach into them
    return c.type.kind === 'array'
      ? this.unit.registers.row(bits)
      : bits.map((x) => this.unit.registers.constant(x));
  }

  /** A register with the same integer in every lane. */
  integer(x: number): number {
    return this.unit.registers.constant(x);
  }

  /** Registers of its own for a value that must not change under it. */
  owned(v: Value, node: Located, to?: Type): readonly number[] | undefined {
    const registers = this.registers(v, node, to);
    if (!registers) return undefined;
    const borrowed = v.kind === 'registers' && v.borrowed;
    if (!borrowed) return registers;
    return this.copy(registers);
  }

  copy(from: readonly number[]): readonly number[] {
    const to = this.out.temporariesOf(from.length);
    this.emit(copyOp(to, from), { d: to, s: from, each: true });
    return to;
  }

  result(type: Type, registers: readonly number[]): Value {
    return registersValue(type, registers);
  }

  /** Adds to the cost of the statement being compiled. */
  cost(scalar: Scalar, operations: number): void {
    const cost = this.unit.costs[this.unit.current];
    if (!cost) return;
    if (scalar === 'f32' || scalar === 'f16') cost.flops += operations;
    else if (scalar !== 'bool') cost.intOps += operations;
  }
}

/** Copies whole registers between the first and the last active lane. */
const copyOp =
  (to: readonly number[], from: readonly number[]): Op =>
  (m) => {
    const { I, off, lo, hi } = m;
    for (let i = 0; i < to.length; i++) {
      const d = off + (to[i] as number);
      const s = off + (from[i] as number);
      for (let l = lo; l < hi; l++) I[d + l] = I[s + l] as number;
    }
  };

function bitsOf(scalar: Scalar, x: Num): number {
  if (scalar === 'f32' || scalar === 'f16') return bitsOfF32(Number(x));
  return Number(BigInt.asIntN(32, BigInt(x)));
}

function conversionHint(from: Type, to: Type): string {
  const a = scalarKind(from);
  const b = scalarKind(to);
  if (a !== undefined && b !== undefined) {
    if (b === 'bool') return 'Compare it, as in x != 0.';
    if (from.kind === to.kind) return `WGSL converts nothing by itself: write ${typeName(to)}(…).`;
  }
  return `Give a value of type ${typeName(to)}.`;
}
