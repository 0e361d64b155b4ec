// WGSL's types: names, equality, memory layout (WGSL §14.4) and register layout. A register slot holds one
// scalar of every lane; memory is bytes. What converts to what is in convert.ts.

import type { ScalarName, TypeInfo } from '../api.ts';

/** Abstract numbers exist only while compiling. */
export type Scalar = ScalarName | 'abstract-int' | 'abstract-float';
export type Space = 'function' | 'private' | 'workgroup' | 'storage' | 'uniform';

export type ScalarType = { readonly kind: 'scalar'; readonly scalar: Scalar };
export type VectorType = { readonly kind: 'vector'; readonly scalar: Scalar; readonly size: number };
export type MatrixType = {
  readonly kind: 'matrix';
  readonly scalar: Scalar;
  readonly columns: number;
  readonly rows: number;
};
export type ArrayType = {
  readonly kind: 'array';
  readonly element: Type;
  /** Absent: sized by its buffer. */
  readonly count?: number;
};
export interface Member {
  readonly name: string;
  readonly type: Type;
  /** Byte offset in memory, slot offset in registers. */
  readonly offset: number;
  readonly slot: number;
}
export type StructType = {
  readonly kind: 'struct';
  readonly name: string;
  readonly members: readonly Member[];
  readonly align: number;
  readonly bytes: number;
  readonly slots: number;
};
export type AtomicType = { readonly kind: 'atomic'; readonly scalar: 'i32' | 'u32' };
export type PointerType = {
  readonly kind: 'pointer';
  readonly space: Space;
  readonly store: Type;
  readonly access: 'read' | 'read_write';
};
export type Type =
  | ScalarType
  | VectorType
  | MatrixType
  | ArrayType
  | StructType
  | AtomicType
  | PointerType
  | { readonly kind: 'void' }
  | { readonly kind: 'error' };

const scalars = new Map<Scalar, ScalarType>();
export function scalar(name: Scalar): ScalarType {
  const known = scalars.get(name) ?? { kind: 'scalar', scalar: name };
  scalars.set(name, known);
  return known;
}
export const vector = (of: Scalar, size: number): VectorType => ({ kind: 'vector', scalar: of, size });
export const matrix = (of: Scalar, columns: number, rows: number): MatrixType => ({
  kind: 'matrix',
  scalar: of,
  columns,
  rows,
});
export const arrayOf = (element: Type, count?: number): ArrayType =>
  count === undefined ? { kind: 'array', element } : { kind: 'array', element, count };
export const BOOL = scalar('bool');
export const I32 = scalar('i32');
export const U32 = scalar('u32');
export const F32 = scalar('f32');
export const F16 = scalar('f16');
export const AI = scalar('abstract-int');
export const AF = scalar('abstract-float');
export const VOID: Type = { kind: 'void' };
export const ERROR: Type = { kind: 'error' };

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

const concreteName = (s: Scalar): ScalarName =>
  s === 'abstract-int' ? 'i32' : s === 'abstract-float' ? 'f32' : s;

/** The scalar kind of a numeric or bool scalar, vector or matrix. */
export function scalarKind(t: Type): Scalar | undefined {
  return t.kind === 'scalar' || t.kind === 'vector' || t.kind === 'matrix' ? t.scalar : undefined;
}

/** `t` with another scalar kind. */
export function withScalar(t: Type, s: Scalar): Type {
  if (t.kind === 'scalar') return scalar(s);
  if (t.kind === 'vector') return vector(s, t.size);
  if (t.kind === 'matrix') return matrix(s, t.columns, t.rows);
  return t;
}

export const isAbstract = (t: Type): boolean =>
  t.kind === 'array'
    ? isAbstract(t.element)
    : t.kind === 'struct'
      ? t.members.some((m) => isAbstract(m.type))
      : scalarKind(t) === 'abstract-int' || scalarKind(t) === 'abstract-float';
export const isFloat = (s: Scalar): boolean => s === 'f32' || s === 'f16' || s === 'abstract-float';
export const isInteger = (s: Scalar): boolean => s === 'i32' || s === 'u32' || s === 'abstract-int';

export function sameType(a: Type, b: Type): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind) return false;
  switch (a.kind) {
    case 'scalar':
    case 'atomic':
      return a.scalar === (b as ScalarType).scalar;
    case 'vector':
      return a.scalar === (b as VectorType).scalar && a.size === (b as VectorType).size;
    case 'matrix': {
      const m = b as MatrixType;
      return a.scalar === m.scalar && a.columns === m.columns && a.rows === m.rows;
    }
    case 'array':
      return a.count === (b as ArrayType).count && sameType(a.element, (b as ArrayType).element);
    case 'struct':
      return a.name === (b as StructType).name;
    case 'pointer': {
      const p = b as PointerType;
      return a.space === p.space && a.access === p.access && sameType(a.store, p.store);
    }
    case 'void':
    case 'error':
      return true;
  }
}

/** A type as WGSL writes it. */
export function typeName(t: Type): string {
  switch (t.kind) {
    case 'scalar':
      return t.scalar;
    case 'vector':
      return `vec${t.size}<${t.scalar}>`;
    case 'matrix':
      return `mat${t.columns}x${t.rows}<${t.scalar}>`;
    case 'array':
      return t.count === undefined
        ? `array<${typeName(t.element)}>`
        : `array<${typeName(t.element)}, ${t.count}>`;
    case 'struct':
      return t.name;
    case 'atomic':
      return `atomic<${t.scalar}>`;
    case 'pointer':
      return `ptr<${t.space}, ${typeName(t.store)}>`;
    case 'void':
      return 'nothing';
    case 'error':
      return 'a type with an error';
  }
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
