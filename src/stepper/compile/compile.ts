// From source to program: parse, resolve the module, compile the entry point and what it calls, check the
// rest, lay the code out flat.

import type { CompileOptions, Diagnostic } from '../api.ts';
import { type FnElem, type Located, type Parsed, parse } from '../front/parse.ts';
import { type Member, type Type, U32, vector } from '../front/types.ts';
import type { Op } from '../machine/machine.ts';
import { endOp, type Label } from '../machine/ops-control.ts';
import { assignOp } from '../machine/ops-memory.ts';
import { loadRef, registersAt } from './access.ts';
import type { Context } from './context.ts';
import type { Emitter, OpInfo } from './emitter.ts';
import { expression } from './expressions.ts';
import { Functions } from './functions.ts';
import { ModuleScope } from './globals.ts';
import type { InputName, Program } from './program.ts';
import { statement } from './statements.ts';
import { resolveType, writing } from './types.ts';
import { Unit } from './unit.ts';
import { type Entity, registersValue } from './values.ts';
import { attribute, parameters } from './variables.ts';

export interface Compiled {
  readonly diagnostics: readonly Diagnostic[];
  /** Absent when a diagnostic is an error. */
  readonly program?: Program;
  /** Compiles a watch expression in the scope of a statement (see watch.ts). */
  readonly functions?: Functions;
  readonly unit?: Unit;
}

const INPUTS: Readonly<Record<InputName, number>> = {
  local_invocation_id: 3,
  local_invocation_index: 1,
  global_invocation_id: 3,
  workgroup_id: 3,
  num_workgroups: 3,
  subgroup_size: 1,
  subgroup_invocation_id: 1,
  subgroup_id: 1,
  num_subgroups: 1,
};
const isInput = (name: string): name is InputName => Object.hasOwn(INPUTS, name);

const LARGEST_WORKGROUP = 1024;

class Compiler {
  readonly unit: Unit;
  readonly functions: Functions;
  readonly module: ModuleScope;
  readonly inputs = new Map<InputName, readonly number[]>();
  private readonly options: CompileOptions;
  private readonly finished: number;

  constructor(source: string, parsed: Parsed, options: CompileOptions, traced: boolean) {
    this.options = options;
    this.unit = new Unit(source, parsed, options.subgroupSize ?? 32, traced);
    this.unit.diagnostics.push(...parsed.diagnostics);
    this.finished = this.unit.registers.block(1);
    this.module = new ModuleScope(this.unit, options.constants ?? {}, () => this.functions.context(''));
    const find = (name: string): Entity | undefined => this.module.find(name);
    this.functions = new Functions(this.unit, this.module.functions, find, {
      expression,
      load: loadRef,
      statement,
    });
  }

  compile(): Program | undefined {
    const entry = this.entryPoint();
    this.module.used.clear();
    const main = entry && this.entry(entry);
    const used = new Set(this.module.used);
    this.module.resolveAll();
    for (const [name, fn] of this.module.functions) {
      if (fn === entry || this.functions.compiled.has(name)) continue;
      if (attribute(fn, 'compute')) this.entry(fn);
      else this.functions.check(name, fn);
    }
    if (!entry || !main || this.unit.failed) return undefined;
    return this.link(entry, main, used);
  }

  private entryPoint(): FnElem | undefined {
    const all = [...this.module.functions].filter(([, fn]) => attribute(fn, 'compute'));
    const wanted = this.options.entryPoint;
    const found = wanted === undefined ? all : all.filter(([name]) => name === wanted);
    const [only] = found;
    if (only && found.length === 1) return only[1];
    const names = all.map(([name]) => name).join(', ');
    const where = { start: 0, end: 0 };
    if (all.length === 0) {
      // a file that does not parse has said enough
      if (!this.unit.failed)
        this.unit.error(
          'entry',
          where,
          'There is no @compute function.',
          'Mark one with @compute @workgroup_size(64).',
        );
    } else if (wanted !== undefined)
      this.unit.error('entry', where, `There is no entry point ${wanted}.`, `The module has ${names}.`);
    else
      this.unit.error('entry', where, `There are several entry points: ${names}.`, 'Choose one by its name.');
    return undefined;
  }

  private entry(fn: FnElem): { out: Emitter; start: Label } {
    const name = fn.name.ident.originalName;
    const c = this.functions.context(name);
    const start: Label = { pc: 0 };
    c.out.place(start);
    c.finished = this.finished;
    for (const p of fn.params) {
      const type = p.name.typeRef ? resolveType(c, writing(p.name.typeRef)) : { kind: 'error' as const };
      const own = this.parameter(c, builtinOf(p), type, p);
      c.declare(p.name.decl.ident.originalName, {
        kind: 'value',
        value: registersValue(type, own ?? []),
        declared: 'parameter',
      });
    }
    this.privates(c);
    this.functions.body(c, fn, { kind: 'void' }, [], undefined);
    c.emit(endOp);
    return { out: c.out, start };
  }

  private parameter(
    c: Context,
    builtin: string | undefined,
    type: Type,
    node: Located,
  ): readonly number[] | undefined {
    if (type.kind === 'error') return undefined;
    if (type.kind === 'struct') {
      const builtins = this.memberBuiltins(type.name);
      return type.members.flatMap((m: Member) => this.parameter(c, builtins.get(m.name), m.type, node) ?? []);
    }
    if (builtin === undefined || !isInput(builtin)) {
      c.fail(
        'unsupported',
        node,
        `The input ${builtin ?? '(none)'} is not supported.`,
        `Compute kernels have ${Object.keys(INPUTS).join(', ')}.`,
      );
      return undefined;
    }
    const expected = INPUTS[builtin] === 1 ? U32 : vector('u32', 3);
    c.converted(registersValue(type, []), expected, node);
    return this.input(builtin);
  }

  private input(name: InputName): readonly number[] {
    const known = this.inputs.get(name);
    if (known) return known;
    const made = Array.from({ length: INPUTS[name] }, () => this.unit.registers.block(1));
    this.inputs.set(name, made);
    return made;
  }

  private memberBuiltins(struct: string): Map<string, string> {
    const found = new Map<string, string>();
    for (const d of this.unit.parsed.declarations) {
      if (d.kind !== 'struct' || d.name.ident.originalName !== struct) continue;
      for (const m of d.members) {
        const b = builtinOf(m);
        if (b) found.set(m.name.name, b);
      }
    }
    return found;
  }

  /** Private variables start with their initial value, or zero, in every invocation. */
  private privates(c: Context): void {
    this.module.resolveAll();
    for (const { value, node } of this.module.variables.privates) {
      if (value.kind !== 'reference') continue;
      const to = registersAt(c, value.ref);
      const from = node.init ? c.registers(c.value(node.init), node, value.type) : to.map(() => c.integer(0));
      if (from) c.emit(assignOp(to, from), { d: to, s: from, each: true });
    }
  }

  private link(entry: FnElem, main: { out: Emitter; start: Label }, used: ReadonlySet<number>): Program {
    const { unit, module } = this;
    const ops: Op[] = [];
    const infos: OpInfo[] = [];
    const bases = new Map<Emitter, number>();
    for (const out of [main.out, ...[...this.functions.instances.values()].map((i) => i.out)]) {
      bases.set(out, ops.length);
      out.link(ops.length);
      for (const op of out.ops) ops.push(op);
      for (const info of out.infos) infos.push(info);
    }
    const statementAt = new Map<number, number>();
    for (const { out, at, statement } of unit.markers) {
      const base = bases.get(out);
      if (base !== undefined) statementAt.set(statement, base + at);
    }
    return {
      ops,
      infos,
      statementAt,
      entry: main.start.pc,
      finished: this.finished,
      slots: unit.registers.slots,
      width: unit.width,
      constants: unit.registers.constantImage(),
      inputs: this.inputs,
      entryPoint: entry.name.ident.originalName,
      workgroupSize: this.workgroupSize(entry),
      workgroupBytes: module.variables.workgroupBytes,
      bindings: module.variables.bindings,
      used,
      workgroupVars: module.variables.workgroupVars,
      overrides: module.overrides,
      statements: unit.statements,
      costs: unit.costs,
      scopes: unit.scopes,
      sites: unit.sites,
      barriers: unit.barriers,
      indexModes: unit.indexModes,
      traced: unit.traced,
      halves: unit.extensions.has('f16'),
    };
  }

  workgroupSize(fn: FnElem): readonly [number, number, number] {
    const c = this.functions.context('');
    const given = attribute(fn, 'workgroup_size');
    const sizes = parameters(given).map((p) => {
      const v = c.value(p);
      const n = v.kind === 'constant' ? Number(v.data[0]) : Number.NaN;
      if (v.kind !== 'error' && !(Number.isInteger(n) && n >= 1)) {
        c.fail(
          'value',
          p,
          'A workgroup size is a constant of at least 1.',
          'Use a literal, a const or an override.',
        );
      }
      return n;
    });
    const [x = 1, y = 1, z = 1] = sizes;
    if (!given)
      c.fail(
        'type',
        fn.name,
        `${fn.name.ident.originalName} has no @workgroup_size.`,
        'Write @workgroup_size(64) before it.',
      );
    if (x * y * z > LARGEST_WORKGROUP) {
      c.fail(
        'limit',
        fn.name,
        `A workgroup of ${x * y * z} invocations is too large.`,
        `Devices allow 256 to ${LARGEST_WORKGROUP}.`,
      );
    }
    return [x, y, z];
  }
}

function builtinOf(node: { attributes?: FnElem['attributes'] }): string | undefined {
  for (const a of node.attributes ?? []) if (a.attribute.kind === '@builtin') return a.attribute.param.name;
  return undefined;
}

/** Compiles a module for one entry point. Never throws for what a person wrote. */
export function compileProgram(
  source: string,
  options: CompileOptions,
  traced: boolean,
  parsed = parse(source),
): Compiled {
  const compiler = new Compiler(source, parsed, options, traced);
  const program = compiler.compile();
  const diagnostics = compiler.unit.diagnostics.toSorted((a, b) => a.span.start - b.span.start);
  if (!program || compiler.unit.failed) return { diagnostics };
  return { diagnostics, program, functions: compiler.functions, unit: compiler.unit };
}
