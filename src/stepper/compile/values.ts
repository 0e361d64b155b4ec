// What an expression is while compiling: a constant, registers, a place in memory, a pointer to one. A
// register is a word offset in a subgroup's part of the register file; a value holds one register for each
// scalar, so swizzles, members and constructors cost nothing.

import type { Constant } from '../front/constants.ts';
import type { PointerType, Space, Type } from '../front/types.ts';
import type { Length } from '../machine/ops-memory.ts';

/** A variable: bytes of a memory (0 is the workgroup's, 1 + i is binding i) or registers. */
export type Root =
  | { readonly kind: 'memory'; readonly name: string; readonly space: Space; readonly memory: number }
  | { readonly kind: 'registers'; readonly name: string; readonly space: Space; readonly base: number };

/** A place inside a variable. `offset` counts bytes in memories, slots in registers. */
export interface Ref {
  readonly root: Root;
  readonly type: Type;
  readonly access: 'read' | 'read_write';
  readonly offset: number;
  /** Register that holds the computed part of the offset. */
  readonly address?: number;
  /** Sites of the computed indices on the way here. */
  readonly indices?: readonly number[];
  /** An index that has not been added to the address yet; loads of one word fuse it. */
  readonly pending?: {
    readonly index: number;
    readonly length: Length;
    readonly stride: number;
    readonly site: number;
  };
}

export type Value =
  | ({ readonly kind: 'constant' } & Constant)
  | {
      readonly kind: 'registers';
      readonly type: Type;
      readonly registers: readonly number[];
      /** The registers belong to a variable and may change: whoever keeps the value must copy it. */
      readonly borrowed: boolean;
    }
  | { readonly kind: 'reference'; readonly type: Type; readonly ref: Ref }
  | { readonly kind: 'pointer'; readonly type: PointerType; readonly ref: Ref }
  | { readonly kind: 'type'; readonly type: Type }
  | { readonly kind: 'void'; readonly type: Type }
  | { readonly kind: 'error'; readonly type: Type };

export const ERROR_VALUE: Value = { kind: 'error', type: { kind: 'error' } };
export const VOID_VALUE: Value = { kind: 'void', type: { kind: 'void' } };

export const constantValue = (c: Constant): Value => ({ kind: 'constant', type: c.type, data: c.data });
export const registersValue = (type: Type, registers: readonly number[], borrowed = false): Value => ({
  kind: 'registers',
  type,
  registers,
  borrowed,
});

/** What a name stands for. */
export type Entity =
  | {
      readonly kind: 'value';
      readonly value: Value;
      readonly declared: 'const' | 'override' | 'let' | 'var' | 'parameter';
    }
  | { readonly kind: 'type'; readonly type: Type }
  | { readonly kind: 'function'; readonly name: string };

/** Names in scope, innermost first; immutable, so that a statement can remember its scope. */
export interface Scope {
  readonly name: string;
  readonly entity: Entity;
  readonly next: Scope | undefined;
}

export function lookup(scope: Scope | undefined, name: string): Entity | undefined {
  for (let s = scope; s; s = s.next) if (s.name === name) return s.entity;
  return undefined;
}
