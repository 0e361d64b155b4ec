// Functions: one copy of the code for each set of variables that its pointer parameters point into, so that
// every access knows its memory while compiling. WGSL has no recursion, so registers are static.

import { conversionRank } from '../front/constants.ts';
import { slotsOf } from '../front/layout.ts';
import type { ExpressionElem, FnElem, Located, Statement } from '../front/parse.ts';
import { type Type, typeName } from '../front/types.ts';
import { callOp, endFunctionOp, type Label } from '../machine/ops-control.ts';
import { Context, type ContextParts, type Globals } from './context.ts';
import { Emitter } from './emitter.ts';
import { settled } from './places.ts';
import { resolveType, writing } from './types.ts';
import type { Unit } from './unit.ts';
import { ERROR_VALUE, type Ref, registersValue, type Value, VOID_VALUE } from './values.ts';

interface Instance {
  readonly out: Emitter;
  readonly entry: Label;
  readonly exit: number;
  readonly parameters: readonly (readonly number[])[];
  readonly returnType: Type;
  readonly returnRegisters: readonly number[];
}

type Shared = Pick<ContextParts, 'expression' | 'load' | 'statement'>;

export class Functions implements Globals {
  readonly find: Globals['find'];
  readonly instances = new Map<string, Instance>();
  /** Names of the functions that have been compiled, for a call or for a check. */
  readonly compiled = new Set<string>();
  private readonly unit: Unit;
  private readonly functions: ReadonlyMap<string, FnElem>;
  private readonly shared: Shared;
  private readonly compiling: string[] = [];
  private readonly types = new Map<FnElem, readonly Type[]>();

  constructor(unit: Unit, functions: ReadonlyMap<string, FnElem>, find: Globals['find'], shared: Shared) {
    this.unit = unit;
    this.functions = functions;
    this.find = find;
    this.shared = shared;
  }

  context(functionName: string, out = new Emitter(this.unit.registers)): Context {
    return new Context({ unit: this.unit, out, globals: this, functionName, ...this.shared });
  }

  /** Evaluates the arguments, then calls: the value is the result in registers of its own. */
  call(c: Context, name: string, args: readonly ExpressionElem[], node: Located): Value {
    const fn = this.functions.get(name);
    if (!fn) return c.fail('name', node, `There is no function ${name}.`, 'Declare it, or correct its name.');
    if (args.length !== fn.params.length) {
      return c.fail(
        'type',
        node,
        `${name} takes ${fn.params.length} arguments, not ${args.length}.`,
        'Correct the call.',
      );
    }
    const values = args.map((a) => argument(c, a));
    if (values.some((v) => v.kind === 'error')) return ERROR_VALUE;
    const types = this.parameterTypes(name, fn);
    const instance = this.instance(c, name, fn, types, values, node);
    if (!instance) return ERROR_VALUE;
    for (const [i, to] of instance.parameters.entries()) {
      const v = values[i];
      const at = args[i];
      if (!v || !at) continue;
      const from =
        v.kind === 'pointer'
          ? v.ref.address === undefined
            ? []
            : [v.ref.address]
          : c.registers(v, at, types[i]);
      if (from && from.length === to.length) c.emit(moveAll(to, from), { d: to, s: from, each: true });
    }
    c.emit(callOp(instance.entry, instance.exit));
    if (instance.returnType.kind === 'void') return VOID_VALUE;
    return registersValue(instance.returnType, c.copy(instance.returnRegisters));
  }

  /** A function's parameter types, resolved once: they can name only what the module declares. */
  private parameterTypes(name: string, fn: FnElem): readonly Type[] {
    const known = this.types.get(fn);
    if (known) return known;
    const c = this.context(name);
    const types = fn.params.map(
      (p): Type => (p.name.typeRef ? resolveType(c, writing(p.name.typeRef)) : { kind: 'error' }),
    );
    this.types.set(fn, types);
    return types;
  }

  private instance(
    c: Context,
    name: string,
    fn: FnElem,
    types: readonly Type[],
    values: readonly Value[],
    node: Located,
  ): Instance | undefined {
    if (this.compiling.includes(name)) {
      c.fail(
        'type',
        node,
        `${name} calls itself (${[...this.compiling, name].join(' → ')}).`,
        'WGSL has no recursion: use a loop.',
      );
      return undefined;
    }
    for (const [i, v] of values.entries()) {
      const to = types[i];
      if (to && to.kind !== 'error' && conversionRank(v.type, to) === undefined) {
        c.fail(
          'type',
          node,
          `Argument ${i + 1} of ${name} is ${typeName(v.type)}, but ${typeName(to)} is needed.`,
          'Convert it.',
        );
        return undefined;
      }
    }
    const key = `${name}|${values.map(pointerKey).join('|')}`;
    const known = this.instances.get(key);
    if (known) return known;
    const statement = this.unit.current;
    this.compiling.push(name);
    const made = this.compile(name, fn, types, values);
    this.compiling.pop();
    this.unit.current = statement;
    this.instances.set(key, made);
    return made;
  }

  private compile(name: string, fn: FnElem, types: readonly Type[], values: readonly Value[]): Instance {
    this.compiled.add(name);
    const c = this.context(name);
    const { registers } = this.unit;
    const exit = registers.block(1);
    const returnType: Type = fn.returnType ? resolveType(c, writing(fn.returnType)) : { kind: 'void' };
    const returnRegisters = Array.from({ length: slotsOf(returnType) }, () => registers.block(1));
    const parameters = fn.params.map((p, i) =>
      this.parameter(c, p.name.decl.ident.originalName, types[i] ?? { kind: 'error' }, values[i]),
    );
    this.body(c, fn, returnType, returnRegisters, exit);
    return { out: c.out, entry: place(c, 0), exit, parameters, returnType, returnRegisters };
  }

  /** The code of a body and its end; `exit` is the mask of the lanes that came in. */
  body(
    c: Context,
    fn: FnElem,
    returnType: Type,
    returnRegisters: readonly number[],
    exit: number | undefined,
  ): void {
    const end: Label = { pc: 0 };
    c.returnType = returnType;
    c.returnRegisters = returnRegisters;
    c.constructs.push({ kind: 'function', exit: exit ?? 0, end });
    c.block(fn.body);
    c.out.place(end);
    if (exit !== undefined) c.emit(endFunctionOp(exit));
    if (returnType.kind !== 'void' && returnType.kind !== 'error' && !returns(fn.body.body)) {
      c.fail(
        'type',
        fn.name,
        `${c.functionName} does not return on every path.`,
        `Return a ${typeName(returnType)} at the end.`,
      );
    }
  }

  private parameter(c: Context, name: string, type: Type, value: Value | undefined): readonly number[] {
    if (value?.kind === 'pointer') {
      const address = value.ref.address === undefined ? undefined : this.unit.registers.block(1);
      const { address: _, pending: __, ...rest } = value.ref;
      const ref: Ref = address === undefined ? rest : { ...rest, address };
      c.declare(name, { kind: 'value', value: { ...value, ref }, declared: 'parameter' });
      return address === undefined ? [] : [address];
    }
    const own = Array.from({ length: slotsOf(type) }, () => this.unit.registers.block(1));
    const entity: Value = type.kind === 'error' ? ERROR_VALUE : registersValue(type, own);
    c.declare(name, { kind: 'value', value: entity, declared: 'parameter' });
    return own;
  }

  /** Compiles what nothing calls, for its diagnostics only. Pointers get a made-up variable. */
  check(name: string, fn: FnElem): void {
    const types = this.parameterTypes(name, fn);
    const values = types.map((t): Value => {
      if (t.kind !== 'pointer') return registersValue(t, []);
      const root =
        t.space === 'function' || t.space === 'private'
          ? ({ kind: 'registers', name: 'unused', space: t.space, base: 0 } as const)
          : ({ kind: 'memory', name: 'unused', space: t.space, memory: 0 } as const);
      return { kind: 'pointer', type: t, ref: { root, type: t.store, access: t.access, offset: 0 } };
    });
    this.compiling.push(name);
    this.compile(name, fn, types, values);
    this.compiling.pop();
  }
}

/** An argument's value: pointers with their address fixed, everything else copied if it may change. */
function argument(c: Context, node: ExpressionElem): Value {
  const v = c.expression(node);
  if (v.kind === 'pointer') return { ...v, ref: settled(c, v.ref) };
  return c.loaded(v, node);
}

const pointerKey = (v: Value): string => {
  if (v.kind !== 'pointer') return '';
  const { root, offset, address } = v.ref;
  const where = root.kind === 'memory' ? `m${root.memory}` : `r${root.base}`;
  return `${where}+${offset}${address === undefined ? '' : '+'}`;
};

const moveAll =
  (to: readonly number[], from: readonly number[]) =>
  (m: { I: Int32Array; off: number; lo: number; hi: number }): void => {
    const { I, off, lo, hi } = m;
    for (let i = 0; i < to.length; i++) {
      const d = off + (to[i] as number);
      const s = off + (from[i] as number);
      for (let l = lo; l < hi; l++) I[d + l] = I[s + l] as number;
    }
  };

function place(c: Context, pc: number): Label {
  const label = { pc };
  c.out.placeAt(label, pc);
  return label;
}

/** Whether every path through the statements returns (WGSL §9.9, simplified to what we compile). */
function returns(statements: readonly Statement[]): boolean {
  return statements.some((s) => {
    switch (s.kind) {
      case 'return':
        return true;
      case 'block':
        return returns(s.body);
      case 'if':
        return (
          returns(s.body.body) &&
          s.else !== undefined &&
          returns(s.else.kind === 'if' ? [s.else] : s.else.body)
        );
      case 'switch':
        return s.clauses.every((k) => returns(k.body.body)) && !kinds(s).includes('break');
      case 'loop':
        return !kinds(s).includes('break') && s.continuing?.breakIf === undefined;
      default:
        return false;
    }
  });
}

/** Kinds of the statements inside, except inside nested loops and switches. */
function kinds(s: Statement): string[] {
  const inner = (list: readonly Statement[]): string[] =>
    list.flatMap((x) =>
      x.kind === 'loop' || x.kind === 'for' || x.kind === 'while' || x.kind === 'switch'
        ? [x.kind]
        : [x.kind, ...kinds(x)],
    );
  switch (s.kind) {
    case 'block':
      return inner(s.body);
    case 'if':
      return [...inner(s.body.body), ...(s.else ? inner([s.else]) : [])];
    case 'loop':
      return inner([...s.body.body, ...(s.continuing ? [s.continuing] : [])]);
    case 'continuing':
      return inner(s.body.body);
    case 'switch':
      return s.clauses.flatMap((k) => inner(k.body.body));
    default:
      return [];
  }
}
