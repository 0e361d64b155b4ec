// Module-scope variables: where each lies. Bindings and workgroup memory are bytes, private variables are
// registers of every lane.

import type { BindingInfo, WorkgroupVarInfo } from '../api.ts';
import { concreteType } from '../front/constants.ts';
import { alignOf, bytesOf, slotsOf, typeInfo } from '../front/layout.ts';
import type { AttributeElem, ExpressionElem, GlobalVarElem } from '../front/parse.ts';
import { ERROR, type Space, type Type, typeName } from '../front/types.ts';
import { type Context, LARGEST_VALUE } from './context.ts';
import { resolveType, writing } from './types.ts';
import type { Unit } from './unit.ts';
import { ERROR_VALUE, type Ref, type Value } from './values.ts';

/** Bytes of workgroup memory that we give; more than any device does. */
const LARGEST_WORKGROUP_MEMORY = 1 << 20;

export const attribute = (node: { attributes?: AttributeElem[] }, name: string): AttributeElem | undefined =>
  node.attributes?.find((a) => a.attribute.kind === '@attribute' && a.attribute.name === name);

export const parameters = (a: AttributeElem | undefined): readonly ExpressionElem[] =>
  a?.attribute.kind === '@attribute' ? (a.attribute.params ?? []).map((p) => p.expression) : [];

/** Private variables are set when the entry point starts. */
export interface PrivateVariable {
  readonly value: Value;
  readonly node: GlobalVarElem;
}

export class Variables {
  readonly bindings: BindingInfo[] = [];
  readonly workgroupVars: WorkgroupVarInfo[] = [];
  readonly privates: PrivateVariable[] = [];
  workgroupBytes = 0;
  private readonly unit: Unit;
  private readonly context: () => Context;

  constructor(unit: Unit, context: () => Context) {
    this.unit = unit;
    this.context = context;
  }

  private integer(d: GlobalVarElem, name: 'group' | 'binding'): number | undefined {
    const [node] = parameters(attribute(d, name));
    const v = node && this.context().value(node);
    return v?.kind === 'constant' ? Number(v.data[0]) : undefined;
  }

  declare(name: string, d: GlobalVarElem): Value {
    const c = this.context();
    const [spaceName, accessName] = (d.template ?? []).map((t) => t.name);
    const typeNode = d.name.typeRef;
    const init = d.init && c.value(d.init);
    const type = typeNode ? resolveType(c, writing(typeNode)) : init ? concreteType(init.type) : ERROR;
    if (type.kind === 'error') return ERROR_VALUE;
    switch (spaceName) {
      case 'private': {
        if (slotsOf(type) > LARGEST_VALUE) {
          return c.fail(
            'limit',
            d,
            `${name} takes ${slotsOf(type)} registers a lane.`,
            `Keep private variables under ${LARGEST_VALUE}.`,
          );
        }
        const base = this.unit.registers.block(slotsOf(type));
        const root = { kind: 'registers', name, space: 'private', base } as const;
        const value: Value = {
          kind: 'reference',
          type,
          ref: { root, type, access: 'read_write', offset: 0 },
        };
        this.privates.push({ value, node: d });
        return value;
      }
      case 'workgroup':
        return this.workgroupVariable(name, type, d);
      case 'storage':
      case 'uniform':
        return this.binding(name, type, spaceName, accessName, d);
      case undefined: {
        if (/^(texture|sampler)/.test(typeName(type))) return ERROR_VALUE;
        return c.fail(
          'type',
          d,
          `var ${name} needs an address space.`,
          'Write var<private>, var<workgroup> or var<storage>.',
        );
      }
      default:
        return c.fail(
          'unsupported',
          d,
          `The address space ${spaceName} is not supported here.`,
          'private, workgroup, storage and uniform are.',
        );
    }
  }

  private workgroupVariable(name: string, type: Type, d: GlobalVarElem): Value {
    const align = Math.max(4, alignOf(type));
    const offset = Math.ceil(this.workgroupBytes / align) * align;
    const bytes = bytesOf(type);
    this.workgroupBytes = offset + bytes;
    if (this.workgroupBytes > LARGEST_WORKGROUP_MEMORY) {
      return this.context().fail(
        'limit',
        d,
        `Workgroup memory would be ${this.workgroupBytes} bytes.`,
        'Devices give 16 to 64 KiB: make the tiles smaller.',
      );
    }
    this.workgroupVars.push({ name, type: typeInfo(type), offset, bytes });
    return memoryReference(name, type, 'workgroup', 0, offset, 'read_write');
  }

  private binding(
    name: string,
    type: Type,
    space: Space & ('storage' | 'uniform'),
    mode: string | undefined,
    d: GlobalVarElem,
  ): Value {
    const group = this.integer(d, 'group');
    const binding = this.integer(d, 'binding');
    if (group === undefined || binding === undefined) {
      return this.context().fail(
        'type',
        d,
        `${name} needs @group and @binding.`,
        'Write @group(0) @binding(0) before it.',
      );
    }
    const access = space === 'storage' && mode === 'read_write' ? 'read_write' : 'read';
    const index =
      this.bindings.push({
        name,
        group,
        binding,
        space,
        access,
        type: typeInfo(type),
        minBytes: bytesOf(type),
      }) - 1;
    return memoryReference(name, type, space, index + 1, 0, access);
  }
}

function memoryReference(
  name: string,
  type: Type,
  space: Space,
  memory: number,
  offset: number,
  access: 'read' | 'read_write',
): Value {
  const ref: Ref = { root: { kind: 'memory', name, space, memory }, type, access, offset };
  return { kind: 'reference', type, ref };
}
