// Everything that decides how a workgroup goes on: registers, control state, memories that are written.

import type { Machine, PendingRead } from '../machine/machine.ts';
import type { Runner, RunnerState } from '../machine/runner.ts';

export interface Checkpoint {
  readonly step: number;
  readonly registers: Int32Array;
  readonly control: readonly {
    readonly active: Int32Array;
    readonly count: number;
    readonly pc: number;
    readonly status: 'ready' | 'barrier' | 'done';
    readonly barrier: number;
    readonly steps: number;
    readonly returns: Int32Array;
    readonly depth: number;
    readonly selects: readonly boolean[];
    readonly pending: readonly PendingRead[];
  }[];
  readonly memories: readonly (readonly [number, Uint8Array])[];
  readonly runner: RunnerState;
}

/** `written` are the numbers of the memories that the kernel can change. */
export function save(runner: Runner, step: number, written: readonly number[]): Checkpoint {
  const m: Machine = runner.machine;
  return {
    step,
    registers: m.I.slice(),
    control: m.subgroups.map((s) => ({
      active: s.active.slice(),
      count: s.count,
      pc: s.pc,
      status: s.status,
      barrier: s.barrier,
      steps: s.steps,
      returns: s.returns.slice(0, s.depth),
      depth: s.depth,
      selects: [...s.selects],
      pending: [...s.pending],
    })),
    memories: written.map((i) => [i, m.mem[i]?.bytes.slice() ?? new Uint8Array()] as const),
    runner: { ...runner.state },
  };
}

export function restore(runner: Runner, c: Checkpoint): void {
  const m = runner.machine;
  m.I.set(c.registers);
  for (const [i, s] of m.subgroups.entries()) {
    const from = c.control[i];
    if (!from) continue;
    s.active.set(from.active);
    s.count = from.count;
    s.pc = from.pc;
    s.status = from.status;
    s.barrier = from.barrier;
    s.steps = from.steps;
    s.returns.set(from.returns);
    s.depth = from.depth;
    s.selects = [...from.selects];
    s.pending = [...from.pending];
  }
  for (const [i, bytes] of c.memories) m.mem[i]?.bytes.set(bytes);
  Object.assign(runner.state, c.runner);
}

export const bytesOfCheckpoint = (c: Checkpoint): number =>
  c.registers.byteLength + c.memories.reduce((n, [, b]) => n + b.length, 0);
