// Places: indexing and members of references. Every computed index is checked where the address is formed;
// constant indices are checked by who names them, while compiling.

import { bytesOf, columnStride, slotsOf, strideOf } from '../front/layout.ts';
import type { Located } from '../front/parse.ts';
import { type MatrixType, scalar, type Type, vector } from '../front/types.ts';
import { indexOp, type Length } from '../machine/ops-memory.ts';
import type { Context } from './context.ts';
import type { Ref } from './values.ts';

/** Parts of a composite: how many, of what type, how far apart in memory and in registers. */
export function elements(t: Type):
  | {
      readonly type: Type;
      readonly count: number | undefined;
      readonly stride: number;
      readonly slots: number;
    }
  | undefined {
  switch (t.kind) {
    case 'vector': {
      const type = scalar(t.scalar);
      return { type, count: t.size, stride: bytesOf(type), slots: 1 };
    }
    case 'matrix':
      return {
        type: vector(t.scalar, t.rows),
        count: t.columns,
        stride: columnStride(t as MatrixType),
        slots: t.rows,
      };
    case 'array':
      return { type: t.element, count: t.count, stride: strideOf(t.element), slots: slotsOf(t.element) };
    default:
      return undefined;
  }
}

/** The place at a constant number of elements into a composite. */
export function elementAt(ref: Ref, index: number): Ref {
  const e = elements(ref.type);
  if (!e) return ref;
  return {
    ...ref,
    type: e.type,
    offset: ref.offset + index * (ref.root.kind === 'memory' ? e.stride : e.slots),
  };
}

/** The place at a computed index: `index` is an i32 or u32 register. */
export function indexed(c: Context, ref: Ref, index: number, node: Located): Ref {
  const e = elements(ref.type);
  if (!e) return ref;
  const at = settled(c, ref);
  const site = c.unit.site(node);
  const inMemory = ref.root.kind === 'memory';
  const length: Length =
    e.count !== undefined
      ? { kind: 'fixed', count: e.count }
      : {
          kind: 'runtime',
          memory: ref.root.kind === 'memory' ? ref.root.memory : 0,
          offset: ref.offset,
          stride: e.stride,
        };
  return {
    ...at,
    type: e.type,
    indices: [...(ref.indices ?? []), site],
    pending: { index, length, stride: inMemory ? e.stride : e.slots, site },
  };
}

/** `ref` with its pending index added to the address. */
export function settled(c: Context, ref: Ref): Ref {
  const p = ref.pending;
  if (!p) return ref;
  const address = c.out.temporary();
  c.emit(indexOp(address, p.index, p.length, p.stride, ref.address, p.site), {
    d: [address],
    s: ref.address === undefined ? [p.index] : [p.index, ref.address],
  });
  const { pending: _, ...rest } = ref;
  return { ...rest, address };
}

const swizzleSets = ['xyzw', 'rgba'];
const swizzles = new Map<string, readonly number[] | undefined>();

/** The components that a swizzle names, or undefined when it names none. */
export function swizzle(name: string, size: number): readonly number[] | undefined {
  if (name.length > 4) return undefined;
  const key = name + size;
  if (!swizzles.has(key)) {
    const picks = swizzleSets.map((set) => [...name].map((letter) => set.indexOf(letter)));
    swizzles.set(
      key,
      picks.find((picked) => picked.every((i) => i >= 0 && i < size)),
    );
  }
  return swizzles.get(key);
}

/** A member, or a swizzle of one letter, of a reference. Undefined when it is neither. */
export function memberOf(ref: Ref, name: string): Ref | undefined {
  const t = ref.type;
  if (t.kind === 'struct') {
    const member = t.members.find((m) => m.name === name);
    if (!member) return undefined;
    return {
      ...ref,
      type: member.type,
      offset: ref.offset + (ref.root.kind === 'memory' ? member.offset : member.slot),
    };
  }
  if (t.kind !== 'vector' || name.length !== 1) return undefined;
  const picked = swizzle(name, t.size)?.[0];
  return picked === undefined ? undefined : elementAt(ref, picked);
}
