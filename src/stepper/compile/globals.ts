// Module scope: every declaration is resolved when it is first named, so that order does not matter, and
// cycles are found.

import { err, ok, type Result } from '../../core/result.ts';
import type { OverrideInfo } from '../api.ts';
import { concreteType, convertConstant } from '../front/constants.ts';
import { structType } from '../front/layout.ts';
import { convertScalar } from '../front/numbers.ts';
import type {
  AbstractElem,
  ExpressionElem,
  FnElem,
  Located,
  OverrideElem,
  StructElem,
} from '../front/parse.ts';
import { ERROR, scalarKind, type Type, typeName } from '../front/types.ts';
import type { Context } from './context.ts';
import { resolveType, writing } from './types.ts';
import type { Unit } from './unit.ts';
import { constantValue, type Entity, ERROR_VALUE, type Value } from './values.ts';
import { attribute, parameters, Variables } from './variables.ts';

type Declaration = Extract<AbstractElem, { kind: 'alias' | 'const' | 'override' | 'gvar' | 'struct' | 'fn' }>;

export class ModuleScope {
  readonly functions = new Map<string, FnElem>();
  readonly variables: Variables;
  readonly used = new Set<number>();
  readonly overrides: OverrideInfo[] = [];
  private readonly unit: Unit;
  private readonly declarations = new Map<string, Declaration>();
  private readonly entities = new Map<string, Entity>();
  private readonly resolving: string[] = [];
  private readonly given: Readonly<Record<string, number>>;
  private readonly context: () => Context;

  /** `context` gives a context in which constants can be computed; `given` are the override values. */
  constructor(unit: Unit, given: Readonly<Record<string, number>>, context: () => Context) {
    this.unit = unit;
    this.given = given;
    this.context = context;
    this.variables = new Variables(unit, context);
    for (const d of unit.parsed.declarations) this.add(d);
  }

  private add(d: AbstractElem): void {
    if (d.kind === 'directive') {
      const { directive } = d;
      if (directive.kind === 'enable') for (const e of directive.extensions) this.enable(e.name, e);
      return;
    }
    if (d.kind === 'import' || d.kind === 'do') {
      this.unit.error('unsupported', d, 'This is a WESL extension, not WGSL.', 'Remove it.');
      return;
    }
    const declares =
      d.kind === 'alias' ||
      d.kind === 'const' ||
      d.kind === 'override' ||
      d.kind === 'gvar' ||
      d.kind === 'struct' ||
      d.kind === 'fn';
    if (!declares) return;
    const name = declaredName(d);
    const node = d.kind === 'alias' || d.kind === 'struct' || d.kind === 'fn' ? d.name : d.name.decl;
    if (this.declarations.has(name)) {
      this.unit.error('name', node, `${name} is declared twice.`, 'Rename one of them.');
      return;
    }
    this.declarations.set(name, d);
    if (d.kind === 'fn') this.functions.set(name, d);
  }

  private enable(name: string, node: Located): void {
    if (name === 'f16' || name === 'subgroups') this.unit.extensions.add(name);
    else
      this.unit.error('unsupported', node, `enable ${name} is not supported here.`, 'f16 and subgroups are.');
  }

  /** Resolves everything, so that what nothing names is checked too. */
  resolveAll(): void {
    for (const name of this.declarations.keys()) this.find(name);
    for (const d of this.unit.parsed.declarations) {
      if (d.kind !== 'assert') continue;
      const v = this.context().value(d.expression);
      if (v.kind === 'constant' && v.data[0] === 0) {
        this.unit.error(
          'assert',
          d,
          'This const_assert does not hold.',
          'Change the condition or what it speaks of.',
        );
      }
    }
  }

  find(name: string): Entity | undefined {
    const known = this.entities.get(name);
    if (known) {
      this.use(known);
      return known;
    }
    const d = this.declarations.get(name);
    if (!d) return undefined;
    if (this.resolving.includes(name)) {
      this.unit.error(
        'name',
        d,
        `${name} depends on itself (${[...this.resolving, name].join(' → ')}).`,
        'Break the cycle.',
      );
      return { kind: 'value', value: ERROR_VALUE, declared: 'const' };
    }
    this.resolving.push(name);
    const entity = this.resolve(name, d);
    this.resolving.pop();
    this.entities.set(name, entity);
    return entity;
  }

  private use(entity: Entity): void {
    if (
      entity.kind === 'value' &&
      entity.value.kind === 'reference' &&
      entity.value.ref.root.kind === 'memory'
    ) {
      const { memory } = entity.value.ref.root;
      if (memory > 0) this.used.add(memory - 1);
    }
  }

  private resolve(name: string, d: Declaration): Entity {
    switch (d.kind) {
      case 'fn':
        return { kind: 'function', name };
      case 'alias':
        return { kind: 'type', type: resolveType(this.context(), writing(d.typeRef)) };
      case 'struct':
        return { kind: 'type', type: this.struct(name, d) };
      case 'override':
        return { kind: 'value', value: this.override(name, d), declared: 'override' };
      case 'gvar':
        return { kind: 'value', value: this.variables.declare(name, d), declared: 'var' };
      case 'const': {
        const c = this.context();
        const typeNode = d.name.typeRef;
        const v = d.init ? c.value(d.init) : ERROR_VALUE;
        const own = typeNode ? c.converted(v, resolveType(c, writing(typeNode)), d) : v;
        if (own.kind !== 'constant' && own.kind !== 'error') {
          c.fail(
            'value',
            d,
            `The value of const ${name} is not a constant.`,
            'Compute it from constants only.',
          );
          return { kind: 'value', value: ERROR_VALUE, declared: 'const' };
        }
        return { kind: 'value', value: own, declared: 'const' };
      }
    }
  }

  private integer(node: ExpressionElem | undefined): number | undefined {
    const v = node && this.context().value(node);
    return v?.kind === 'constant' ? Number(v.data[0]) : undefined;
  }

  private struct(name: string, d: StructElem): Type {
    const members: { name: string; type: Type; align?: number; size?: number }[] = [];
    for (const [i, m] of d.members.entries()) {
      const type = resolveType(this.context(), writing(m.typeRef));
      if (type.kind === 'error') return ERROR;
      if (type.kind === 'array' && type.count === undefined && i !== d.members.length - 1) {
        this.unit.error('type', m, 'A runtime-sized array must be the last member.', 'Move it to the end.');
        return ERROR;
      }
      const align = this.integer(parameters(attribute(m, 'align'))[0]);
      const size = this.integer(parameters(attribute(m, 'size'))[0]);
      if (members.some((x) => x.name === m.name.name)) {
        this.unit.error('name', m.name, `${name} has two members ${m.name.name}.`, 'Rename one of them.');
      }
      members.push({
        name: m.name.name,
        type,
        ...(align === undefined ? {} : { align }),
        ...(size === undefined ? {} : { size }),
      });
    }
    return structType(name, members);
  }

  private override(name: string, d: OverrideElem): Value {
    const c = this.context();
    const id = this.integer(parameters(attribute(d, 'id'))[0]);
    const typeNode = d.name.typeRef;
    const init = d.init && c.value(d.init);
    const type = typeNode ? resolveType(c, writing(typeNode)) : init ? concreteType(init.type) : ERROR;
    const s = scalarKind(type);
    if (type.kind !== 'scalar' || s === undefined || s.startsWith('abstract')) {
      if (type.kind !== 'error')
        this.unit.error('type', d, `override ${name} cannot be ${typeName(type)}.`, 'Overrides are scalars.');
      return ERROR_VALUE;
    }
    const set = this.given[id === undefined ? name : String(id)];
    const value = set !== undefined ? ok(convertScalar('abstract-float', s, set)) : fromInit(init, type);
    if (!value.ok) {
      this.unit.error(
        'value',
        d,
        `override ${name} ${value.error}.`,
        'Give it a default, or a value in constants.',
      );
      return ERROR_VALUE;
    }
    this.overrides.push({
      name,
      scalar: s === 'bool' || s === 'i32' || s === 'u32' || s === 'f16' ? s : 'f32',
      value: value.value,
      ...(id === undefined ? {} : { id }),
    });
    return constantValue({ type, data: [value.value] });
  }
}

function fromInit(init: Value | undefined, type: Type): Result<number, string> {
  if (init?.kind !== 'constant') return err(init ? 'has a default that is not constant' : 'has no value');
  const c = convertConstant(init, type);
  return c.ok ? ok(Number(c.value.data[0])) : err(`has a bad default: ${c.error}`);
}

function declaredName(d: Declaration): string {
  return d.kind === 'alias' || d.kind === 'struct' || d.kind === 'fn'
    ? d.name.ident.originalName
    : d.name.decl.ident.originalName;
}
