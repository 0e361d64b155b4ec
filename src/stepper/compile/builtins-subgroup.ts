// Calls of subgroup and quad built-ins (WGSL §17.12, §17.13); `enable subgroups;` is asked for by name.

import { concreteType } from '../front/constants.ts';
import { roundF16 } from '../front/numbers.ts';
import type { Located } from '../front/parse.ts';
import { BOOL, I32, type Scalar, scalarKind, U32, vector } from '../front/types.ts';
import { ballotOp, broadcastFirstOp, electOp, reduceOp, shuffleOp, voteOp } from '../machine/ops-subgroup.ts';
import type { Context } from './context.ts';
import { ERROR_VALUE, type Value } from './values.ts';

interface Reduction {
  readonly mode: 'all' | 'inclusive' | 'exclusive';
  readonly identity: (s: Scalar) => number;
  readonly f: (a: number, b: number, s: Scalar) => number;
}

const add = (a: number, b: number, s: Scalar): number =>
  s === 'f32' ? Math.fround(a + b) : s === 'f16' ? roundF16(a + b) : (a + b) | 0;
const multiply = (a: number, b: number, s: Scalar): number =>
  s === 'f32' ? Math.fround(a * b) : s === 'f16' ? roundF16(a * b) : Math.imul(a, b);
const lowest = (s: Scalar): number =>
  s === 'i32' ? -2147483648 : s === 'u32' ? 0 : Number.NEGATIVE_INFINITY;
const highest = (s: Scalar): number =>
  s === 'i32' ? 2147483647 : s === 'u32' ? 4294967295 : Number.POSITIVE_INFINITY;

const reductions: Readonly<Record<string, Reduction>> = {
  subgroupAdd: { mode: 'all', identity: () => 0, f: add },
  subgroupInclusiveAdd: { mode: 'inclusive', identity: () => 0, f: add },
  subgroupExclusiveAdd: { mode: 'exclusive', identity: () => 0, f: add },
  subgroupMul: { mode: 'all', identity: () => 1, f: multiply },
  subgroupInclusiveMul: { mode: 'inclusive', identity: () => 1, f: multiply },
  subgroupExclusiveMul: { mode: 'exclusive', identity: () => 1, f: multiply },
  subgroupMax: { mode: 'all', identity: lowest, f: (a, b) => Math.max(a, b) },
  subgroupMin: { mode: 'all', identity: highest, f: (a, b) => Math.min(a, b) },
  subgroupAnd: { mode: 'all', identity: () => -1, f: (a, b) => a & b },
  subgroupOr: { mode: 'all', identity: () => 0, f: (a, b) => a | b },
  subgroupXor: { mode: 'all', identity: () => 0, f: (a, b) => a ^ b },
};

const shuffles: Readonly<Record<string, (lane: number, x: number) => number>> = {
  subgroupBroadcast: (_, x) => x,
  subgroupShuffle: (_, x) => x,
  subgroupShuffleUp: (lane, x) => lane - (x >>> 0),
  subgroupShuffleDown: (lane, x) => lane + (x >>> 0),
  subgroupShuffleXor: (lane, x) => lane ^ x,
  quadBroadcast: (lane, x) => (lane & ~3) + (x & 3),
};
const swaps: Readonly<Record<string, number>> = { quadSwapX: 1, quadSwapY: 2, quadSwapDiagonal: 3 };

/** The call of a subgroup built-in; undefined when `name` is none. */
export function subgroupCall(
  c: Context,
  name: string,
  args: readonly Value[],
  node: Located,
): Value | undefined {
  if (!/^(subgroup|quad)[A-Z]/.test(name)) return undefined;
  if (args.some((a) => a.kind === 'error')) return ERROR_VALUE;
  if (!c.unit.extensions.has('subgroups')) {
    return c.fail(
      'type',
      node,
      `${name} is used, but subgroups are not enabled.`,
      'Write "enable subgroups;" as the first line.',
    );
  }
  if (name === 'subgroupElect') {
    const d = c.out.temporary();
    c.emit(electOp(d), { d: [d], s: [] });
    return c.result(BOOL, [d]);
  }
  const [first, second] = args;
  if (!first) return c.fail('type', node, `${name} takes an argument.`, 'Give it a value.');
  const type = concreteType(first.type);
  const s = scalarKind(type);
  const from = c.registers(first, node, type);
  if (!from || !s) return ERROR_VALUE;
  const d = c.out.temporariesOf(from.length);
  const each = (emit: (d: number, s: number) => void): Value => {
    d.forEach((to, i) => {
      emit(to, from[i] as number);
    });
    return c.result(type, d);
  };
  const reduction = reductions[name];
  if (reduction) {
    const view = s === 'f32' || s === 'f16' ? 'F' : s === 'u32' ? 'U' : 'I';
    return each((to, of) => {
      c.emit(
        reduceOp(to, of, view, reduction.mode, reduction.identity(s), (a, b) => reduction.f(a, b, s)),
        { d: [to], s: [of], cross: true },
      );
      c.cost(s, 1);
    });
  }
  const source =
    shuffles[name] ?? (swaps[name] === undefined ? undefined : (lane: number, x: number) => lane ^ x);
  if (source) {
    const operand =
      swaps[name] === undefined ? shuffleOperand(c, name, second, node) : c.integer(swaps[name]);
    if (operand === undefined) return ERROR_VALUE;
    return each((to, of) =>
      c.emit(shuffleOp(to, of, operand, source), { d: [to], s: [of, operand], cross: true }),
    );
  }
  if (name === 'subgroupBroadcastFirst')
    return each((to, of) => c.emit(broadcastFirstOp(to, of), { d: [to], s: [of], cross: true }));
  if (s !== 'bool')
    return c.fail('type', node, `There is no ${name} of this type.`, 'Check its name and argument.');
  if (name === 'subgroupBallot') {
    const words = c.out.temporariesOf(4);
    c.emit(ballotOp(words, from[0] as number), { d: words, s: from, cross: true });
    return c.result(vector('u32', 4), words);
  }
  if (name === 'subgroupAll' || name === 'subgroupAny') {
    return each((to, of) =>
      c.emit(voteOp(to, of, name === 'subgroupAll'), { d: [to], s: [of], cross: true }),
    );
  }
  return c.fail('name', node, `There is no built-in ${name}.`, 'Check its name.');
}

function shuffleOperand(c: Context, name: string, v: Value | undefined, node: Located): number | undefined {
  if (!v) {
    c.fail('type', node, `${name} takes a value and a lane.`, 'Give it two arguments.');
    return undefined;
  }
  const t = scalarKind(v.type) === 'i32' ? I32 : U32;
  return c.registers(v, node, t)?.[0];
}
