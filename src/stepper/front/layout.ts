// Where scalars lie: memory layout in bytes (WGSL §14.4) and register layout in slots, one scalar of every lane
// each; and the public form of a type, which carries its layout.

import type { ScalarName, TypeInfo } from '../api.ts';
import {
  concreteName,
  type MatrixType,
  type Member,
  type Scalar,
  type StructType,
  scalar,
  type Type,
  typeName,
  vector,
} from './types.ts';

const roundUp = (x: number, to: number): number => Math.ceil(x / to) * to;
const scalarBytes = (s: Scalar): number => (s === 'f16' ? 2 : 4);
const vectorAlign = (s: Scalar, size: number): number => scalarBytes(s) * (size === 3 ? 4 : size);

/** AlignOf, in bytes. */
export function alignOf(t: Type): number {
  switch (t.kind) {
    case 'scalar':
      return scalarBytes(t.scalar);
    case 'atomic':
      return 4;
    case 'vector':
      return vectorAlign(t.scalar, t.size);
    case 'matrix':
      return vectorAlign(t.scalar, t.rows);
    case 'array':
      return alignOf(t.element);
    case 'struct':
      return t.align;
    case 'pointer':
    case 'void':
    case 'error':
      return 4;
  }
}

/** SizeOf, in bytes; of a runtime-sized array, the bytes of one element. */
export function bytesOf(t: Type): number {
  switch (t.kind) {
    case 'scalar':
      return scalarBytes(t.scalar);
    case 'atomic':
      return 4;
    case 'vector':
      return scalarBytes(t.scalar) * t.size;
    case 'matrix':
      return vectorAlign(t.scalar, t.rows) * t.columns;
    case 'array':
      return strideOf(t.element) * (t.count ?? 1);
    case 'struct':
      return t.bytes;
    case 'pointer':
    case 'void':
    case 'error':
      return 0;
  }
}

/** Bytes from one element of an array to the next. */
export const strideOf = (element: Type): number => roundUp(bytesOf(element), alignOf(element));
/** Bytes from one column of a matrix to the next. */
export const columnStride = (t: MatrixType): number => vectorAlign(t.scalar, t.rows);

/** Register slots: one for each scalar. */
export function slotsOf(t: Type): number {
  switch (t.kind) {
    case 'scalar':
    case 'atomic':
      return 1;
    case 'vector':
      return t.size;
    case 'matrix':
      return t.columns * t.rows;
    case 'array':
      return slotsOf(t.element) * (t.count ?? 0);
    case 'struct':
      return t.slots;
    case 'pointer':
      return 1;
    case 'void':
    case 'error':
      return 0;
  }
}

/** A struct from its members, each with the @align and @size it was given. */
export function structType(
  name: string,
  members: readonly { name: string; type: Type; align?: number; size?: number }[],
): StructType {
  let offset = 0;
  let align = 1;
  let slot = 0;
  const placed: Member[] = [];
  for (const m of members) {
    const own = m.align ?? alignOf(m.type);
    align = Math.max(align, own);
    offset = roundUp(offset, own);
    placed.push({ name: m.name, type: m.type, offset, slot });
    offset += m.size ?? bytesOf(m.type);
    slot += slotsOf(m.type);
  }
  return { kind: 'struct', name, members: placed, align, bytes: roundUp(offset, align), slots: slot };
}

/** One scalar of a type: its register slot, its byte in memory and what it is. */
export interface Leaf {
  readonly slot: number;
  readonly byte: number;
  readonly scalar: ScalarName;
}

/** All scalars of a type, in slot order. `t` must be concrete and sized. */
export function leavesOf(t: Type): Leaf[] {
  const out: Leaf[] = [];
  const walk = (type: Type, byte: number): void => {
    switch (type.kind) {
      case 'scalar':
      case 'atomic':
        out.push({ slot: out.length, byte, scalar: concreteName(type.scalar) });
        return;
      case 'vector':
        for (let i = 0; i < type.size; i++) walk(scalar(type.scalar), byte + i * scalarBytes(type.scalar));
        return;
      case 'matrix':
        for (let c = 0; c < type.columns; c++)
          walk(vector(type.scalar, type.rows), byte + c * columnStride(type));
        return;
      case 'array':
        for (let i = 0; i < (type.count ?? 0); i++) walk(type.element, byte + i * strideOf(type.element));
        return;
      case 'struct':
        for (const m of type.members) walk(m.type, byte + m.offset);
        return;
      case 'pointer':
      case 'void':
      case 'error':
        return;
    }
  };
  walk(t, 0);
  return out;
}

/** The public form of a concrete type. */
export function typeInfo(t: Type): TypeInfo {
  const name = typeName(t);
  switch (t.kind) {
    case 'scalar':
    case 'atomic':
      return { kind: t.kind, scalar: concreteName(t.scalar), name };
    case 'vector':
      return { kind: 'vector', scalar: concreteName(t.scalar), size: t.size, name };
    case 'matrix':
      return { kind: 'matrix', scalar: concreteName(t.scalar), columns: t.columns, rows: t.rows, name };
    case 'array': {
      const rest = {
        kind: 'array',
        element: typeInfo(t.element),
        stride: strideOf(t.element),
        name,
      } as const;
      return t.count === undefined ? rest : { ...rest, count: t.count };
    }
    case 'struct':
      return {
        kind: 'struct',
        name,
        members: t.members.map((m) => ({ name: m.name, type: typeInfo(m.type), offset: m.offset })),
      };
    case 'pointer':
    case 'void':
    case 'error':
      return { kind: 'pointer', name };
  }
}
