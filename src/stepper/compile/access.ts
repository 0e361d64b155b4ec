// Places: indexing and members of references, loads and stores. Every computed index is checked where the
// address is formed; constant indices are checked here, while compiling.

import { bytesOf, columnStride, leavesOf, slotsOf, strideOf } from '../front/layout.ts';
import type { Located } from '../front/parse.ts';
import { type MatrixType, scalar, type Type, typeName, vector } from '../front/types.ts';
import type { AccessMode } from '../machine/machine.ts';
import {
  assignOp,
  gatherOp,
  indexOp,
  type Length,
  loadElementOp,
  loadHalfOp,
  loadOp,
  scatterOp,
  storeHalfOp,
  storeOp,
} from '../machine/ops-memory.ts';
import { type Context, LARGEST_VALUE } from './context.ts';
import { ERROR_VALUE, type Ref, registersValue, type Value } from './values.ts';

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

/** Tells the observer of an access, in traced programs. */
export function observe(
  c: Context,
  ref: Ref,
  mode: AccessMode,
  node: Located,
  values?: readonly number[],
): number {
  if (mode === 'atomic') for (const index of ref.indices ?? []) c.unit.indexModes.set(index, 'atomic');
  const site = c.unit.site(
    node,
    c.unit.traced ? { leaves: leavesOf(ref.type), ...(values ? { values } : {}) } : {},
  );
  if (!c.unit.traced || ref.root.kind !== 'memory') return site;
  const { memory } = ref.root;
  const { offset } = ref;
  const address = ref.address ?? c.integer(0);
  const bytes = bytesOf(ref.type);
  c.emit((m) => m.observer?.access(m, memory, address, offset, bytes, mode, site));
  return site;
}

/** Loads what a reference names. */
export function loadRef(c: Context, ref: Ref, node: Located, mode: 'read' | 'atomic' = 'read'): Value {
  const t = ref.type;
  if (t.kind === 'atomic') {
    return c.fail('type', node, `${typeName(t)} cannot be read directly.`, 'Read it with atomicLoad(&x).');
  }
  if (t.kind === 'array' && t.count === undefined) {
    return c.fail('type', node, 'A runtime-sized array is no value.', 'Read its elements one by one.');
  }
  if (slotsOf(t) > LARGEST_VALUE) {
    return c.fail(
      'limit',
      node,
      `A value of ${slotsOf(t)} scalars is too large to load.`,
      'Read its elements one by one.',
    );
  }
  if (ref.root.kind === 'registers') return loadRegisters(c, ref);
  const { memory } = ref.root;
  const leaves = leavesOf(t);
  const p = ref.pending;
  if (
    p &&
    ref.address === undefined &&
    !c.unit.traced &&
    leaves.length === 1 &&
    leaves[0]?.scalar !== 'f16'
  ) {
    const d = c.out.temporary();
    c.emit(loadElementOp(d, memory, p.index, p.length, p.stride, ref.offset, p.site), {
      d: [d],
      s: [p.index],
    });
    return registersValue(t, [d]);
  }
  const at = settled(c, ref);
  const site = observe(c, at, mode, node);
  const d = c.out.temporariesOf(leaves.length);
  const s = at.address === undefined ? [] : [at.address];
  const touch = (bytes: readonly number[]) =>
    ({ kind: 'memory', memory, address: at.address, bytes, mode: 'read', site }) as const;
  if (leaves.some((leaf) => leaf.scalar === 'f16')) {
    leaves.forEach((leaf, i) => {
      const byte = at.offset + leaf.byte;
      const to = d[i] as number;
      c.emit(
        leaf.scalar === 'f16'
          ? loadHalfOp(to, memory, at.address, byte)
          : loadOp([to], memory, at.address, [byte]),
        {
          d: [to],
          s,
          touch: touch([byte]),
        },
      );
    });
  } else {
    const bytes = leaves.map((leaf) => at.offset + leaf.byte);
    c.emit(loadOp(d, memory, at.address, bytes), { d, s, touch: touch(bytes) });
  }
  return registersValue(t, d);
}

/** The registers at a constant place of a register variable. */
export function registersAt(c: Context, ref: Ref): readonly number[] {
  const base = ref.root.kind === 'registers' ? ref.root.base : 0;
  const width = c.unit.width;
  const out: number[] = [];
  for (let i = 0, count = slotsOf(ref.type); i < count; i++) out.push(base + (ref.offset + i) * width);
  return out;
}

function loadRegisters(c: Context, ref: Ref): Value {
  const at = settled(c, ref);
  const from = registersAt(c, at);
  if (at.address === undefined) {
    return c.copies ? registersValue(ref.type, c.copy(from)) : registersValue(ref.type, from, true);
  }
  const d = c.out.temporariesOf(from.length);
  const { address } = at;
  const base = from[0] ?? 0;
  c.emit(gatherOp(d, base, address), {
    d,
    s: [address],
    touch: { kind: 'registers', base, address, mode: 'read' },
  });
  return registersValue(ref.type, d);
}

/** Stores registers of the reference's own type. */
export function storeRef(c: Context, ref: Ref, from: readonly number[], node: Located): void {
  if (ref.access === 'read') {
    c.fail(
      'type',
      node,
      `${ref.root.name} is read-only.`,
      'Declare it var<storage, read_write> to write it.',
    );
    return;
  }
  for (const site of ref.indices ?? []) c.unit.indexModes.set(site, 'write');
  const at = settled(c, ref);
  const leaves = leavesOf(at.type);
  const address = at.address;
  if (at.root.kind === 'registers') {
    const d = registersAt(c, at);
    if (address === undefined) c.emit(assignOp(d, from), { d, s: from, each: true });
    else {
      const base = d[0] ?? 0;
      c.emit(scatterOp(from, base, address), {
        d: [],
        s: [...from, address],
        touch: { kind: 'registers', base, address, mode: 'write' },
      });
    }
    return;
  }
  const { memory } = at.root;
  const site = observe(c, at, 'write', node, from);
  const touch = (bytes: readonly number[]) =>
    ({ kind: 'memory', memory, address, bytes, mode: 'write', site }) as const;
  const rest = address === undefined ? [] : [address];
  if (leaves.some((leaf) => leaf.scalar === 'f16')) {
    leaves.forEach((leaf, i) => {
      const s = from[i] as number;
      const byte = at.offset + leaf.byte;
      c.emit(
        leaf.scalar === 'f16' ? storeHalfOp(s, memory, address, byte) : storeOp([s], memory, address, [byte]),
        {
          d: [],
          s: [s, ...rest],
          touch: touch([byte]),
        },
      );
    });
    return;
  }
  const bytes = leaves.map((leaf) => at.offset + leaf.byte);
  c.emit(storeOp(from, memory, address, bytes), { d: [], s: [...from, ...rest], touch: touch(bytes) });
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

/** A value's element at a computed index: gathered from its registers, which are copied in a row if need be. */
export function gatherValue(
  c: Context,
  v: Value & { kind: 'registers' },
  index: number,
  node: Located,
): Value {
  const e = elements(v.type);
  if (!e || e.count === undefined) return ERROR_VALUE;
  const width = c.unit.width;
  const first = v.registers[0] ?? 0;
  const inRow = v.registers.every((r, i) => r === first + i * width);
  const base = inRow ? first : c.unit.registers.block(v.registers.length);
  if (!inRow) {
    const row = v.registers.map((_, i) => base + i * width);
    c.emit(assignOp(row, v.registers), { d: row, s: v.registers, each: true });
  }
  const ref: Ref = {
    root: { kind: 'registers', name: 'value', space: 'function', base },
    type: v.type,
    access: 'read_write',
    offset: 0,
  };
  const at = settled(c, indexed(c, ref, index, node));
  const d = c.out.temporariesOf(e.slots);
  const address = at.address ?? c.integer(0);
  c.emit(gatherOp(d, base, address), {
    d,
    s: [address],
    touch: { kind: 'registers', base, address, mode: 'read' },
  });
  return registersValue(e.type, d);
}
