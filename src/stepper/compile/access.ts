// Loads and stores of what a reference names; places.ts makes the references.

import { bytesOf, leavesOf, slotsOf } from '../front/layout.ts';
import type { Located } from '../front/parse.ts';
import { typeName } from '../front/types.ts';
import type { AccessMode } from '../machine/machine.ts';
import {
  assignOp,
  gatherOp,
  loadElementOp,
  loadHalfOp,
  loadOp,
  scatterOp,
  storeHalfOp,
  storeOp,
} from '../machine/ops-memory.ts';
import { type Context, LARGEST_VALUE } from './context.ts';
import { elements, indexed, settled } from './places.ts';
import { ERROR_VALUE, type Ref, registersValue, type Value } from './values.ts';

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
