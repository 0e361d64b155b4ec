// WGSL's types: what they are, their names and when they are the same. Where they lie is in layout.ts, what
// converts to what in constants.ts.

import type { ScalarName } from '../api.ts';

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
export const ERROR: Type = { kind: 'error' };

export const concreteName = (s: Scalar): ScalarName =>
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
