// Calls of built-ins that touch memory or synchronize: atomics, arrayLength, barriers, workgroupUniformLoad.

import { strideOf, structType } from '../front/layout.ts';
import type { ExpressionElem, Located } from '../front/parse.ts';
import { scalar, U32 } from '../front/types.ts';
import { type AtomicName, atomicOp, compareExchangeOp } from '../machine/ops-atomic.ts';
import { barrierOp } from '../machine/ops-control.ts';
import { arrayLengthOp } from '../machine/ops-memory.ts';
import { loadRef, observe } from './access.ts';
import type { Context } from './context.ts';
import { settled } from './places.ts';
import { ERROR_VALUE, type Ref, type Value, VOID_VALUE } from './values.ts';

const BARRIERS = ['workgroupBarrier', 'storageBarrier', 'textureBarrier'] as const;
export type BarrierName = (typeof BARRIERS)[number];
const ATOMICS: readonly string[] = [
  'atomicAdd',
  'atomicSub',
  'atomicMax',
  'atomicMin',
  'atomicAnd',
  'atomicOr',
  'atomicXor',
  'atomicExchange',
  'atomicStore',
];
const isAtomic = (name: string): name is AtomicName => ATOMICS.includes(name);
const isBarrier = (name: string): name is BarrierName => BARRIERS.some((b) => b === name);

function pointerArgument(
  c: Context,
  name: string,
  node: ExpressionElem | undefined,
  at: Located,
): Ref | undefined {
  const v = node && c.expression(node);
  if (v?.kind === 'pointer') return v.ref;
  if (v?.kind !== 'error') c.fail('type', at, `${name} takes a pointer.`, 'Put & before the variable.');
  return undefined;
}

export function barrier(c: Context, name: BarrierName, node: Located): void {
  const site = c.unit.site(node);
  c.unit.barriers.set(site, name);
  c.emit(barrierOp(site));
}

function atomic(c: Context, name: AtomicName, args: readonly ExpressionElem[], node: Located): Value {
  const ref = pointerArgument(c, name, args[0], node);
  if (!ref) return ERROR_VALUE;
  if (ref.type.kind !== 'atomic' || ref.root.kind !== 'memory') {
    return c.fail(
      'type',
      node,
      `${name} takes a pointer to an atomic.`,
      'Declare the variable atomic<u32> or atomic<i32>.',
    );
  }
  const type = scalar(ref.type.scalar);
  const at = settled(c, ref);
  const operand = args[1];
  if (!operand || args.length !== 2)
    return c.fail('type', node, `${name} takes a pointer and a value.`, 'Give it both.');
  const value = c.registers(c.value(operand), operand, type)?.[0];
  if (value === undefined) return ERROR_VALUE;
  const site = observe(c, at, 'atomic', node);
  const d = c.out.temporary();
  const { address, offset } = at;
  const { memory } = ref.root;
  c.emit(atomicOp(name, d, memory, address, offset, value, ref.type.scalar === 'u32'), {
    d: [d],
    s: address === undefined ? [value] : [value, address],
    touch: { kind: 'memory', memory, address, bytes: [offset], mode: 'atomic', site },
  });
  c.cost(ref.type.scalar, 1);
  return name === 'atomicStore' ? VOID_VALUE : c.result(type, [d]);
}

function atomicLoad(c: Context, args: readonly ExpressionElem[], node: Located): Value {
  const ref = pointerArgument(c, 'atomicLoad', args[0], node);
  if (!ref) return ERROR_VALUE;
  if (ref.type.kind !== 'atomic') {
    return c.fail(
      'type',
      node,
      'atomicLoad takes a pointer to an atomic.',
      'Declare the variable atomic<u32> or atomic<i32>.',
    );
  }
  const type = scalar(ref.type.scalar);
  const at = settled(c, ref);
  return loadRef(c, { ...at, type }, node, 'atomic');
}

function compareExchange(c: Context, args: readonly ExpressionElem[], node: Located): Value {
  const ref = pointerArgument(c, 'atomicCompareExchangeWeak', args[0], node);
  if (!ref) return ERROR_VALUE;
  if (ref.type.kind !== 'atomic' || ref.root.kind !== 'memory') {
    return c.fail(
      'type',
      node,
      'atomicCompareExchangeWeak takes a pointer to an atomic.',
      'Declare it atomic<u32>.',
    );
  }
  const type = scalar(ref.type.scalar);
  const at = settled(c, ref);
  const [, a, b] = args;
  if (!a || !b)
    return c.fail(
      'type',
      node,
      'atomicCompareExchangeWeak takes three arguments.',
      'Give pointer, comparand and value.',
    );
  const compare = c.owned(c.value(a), a, type)?.[0];
  const value = c.registers(c.value(b), b, type)?.[0];
  if (compare === undefined || value === undefined) return ERROR_VALUE;
  const site = observe(c, at, 'atomic', node);
  const d = c.out.temporariesOf(2);
  const [old = 0, exchanged = 0] = d;
  const { address, offset } = at;
  const { memory } = ref.root;
  c.emit(compareExchangeOp(old, exchanged, memory, address, offset, compare, value), {
    d,
    s: address === undefined ? [compare, value] : [compare, value, address],
    touch: { kind: 'memory', memory, address, bytes: [offset], mode: 'atomic', site },
  });
  const result = structType(`__atomic_compare_exchange_result_${ref.type.scalar}`, [
    { name: 'old_value', type },
    { name: 'exchanged', type: scalar('bool') },
  ]);
  return c.result(result, d);
}

function arrayLength(c: Context, args: readonly ExpressionElem[], node: Located): Value {
  const ref = pointerArgument(c, 'arrayLength', args[0], node);
  if (!ref) return ERROR_VALUE;
  const t = ref.type;
  if (t.kind !== 'array' || t.count !== undefined || ref.root.kind !== 'memory') {
    return c.fail(
      'type',
      node,
      'arrayLength takes a pointer to a runtime-sized array.',
      'The size of other arrays is in their type.',
    );
  }
  const d = c.out.temporary();
  const length = {
    kind: 'runtime',
    memory: ref.root.memory,
    offset: ref.offset,
    stride: strideOf(t.element),
  } as const;
  c.emit(arrayLengthOp(d, length), { d: [d], s: [] });
  return c.result(U32, [d]);
}

function uniformLoad(c: Context, args: readonly ExpressionElem[], node: Located): Value {
  const ref = pointerArgument(c, 'workgroupUniformLoad', args[0], node);
  if (!ref) return ERROR_VALUE;
  if (ref.root.space !== 'workgroup') {
    return c.fail(
      'type',
      node,
      'workgroupUniformLoad takes a pointer to a workgroup variable.',
      'Use it on var<workgroup>.',
    );
  }
  const at = settled(c, ref);
  barrier(c, 'workgroupBarrier', node);
  const value =
    at.type.kind === 'atomic'
      ? loadRef(c, { ...at, type: scalar(at.type.scalar) }, node)
      : loadRef(c, at, node);
  barrier(c, 'workgroupBarrier', node);
  return value;
}

/** The call of a memory or synchronization built-in; undefined when `name` is none. */
export function memoryCall(
  c: Context,
  name: string,
  args: readonly ExpressionElem[],
  node: Located,
): Value | undefined {
  if (isAtomic(name)) return atomic(c, name, args, node);
  if (isBarrier(name)) {
    barrier(c, name, node);
    return VOID_VALUE;
  }
  switch (name) {
    case 'atomicLoad':
      return atomicLoad(c, args, node);
    case 'atomicCompareExchangeWeak':
      return compareExchange(c, args, node);
    case 'arrayLength':
      return arrayLength(c, args, node);
    case 'workgroupUniformLoad':
      return uniformLoad(c, args, node);
    default:
      return undefined;
  }
}
