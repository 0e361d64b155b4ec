// Runs workgroups: sets a workgroup up, lets subgroups take turns in the chosen order, opens barriers, stops
// runaways. Resumable after any statement, deterministic for a given order.

import { hashKeys } from '../../core/prng.ts';
import type { Order } from '../api.ts';
import type { InputName, Program } from '../compile/program.ts';
import { Machine, type Observer, type Reporter, type Subgroup } from './machine.ts';
import type { MemoryView } from './memory.ts';

/** What a run is told beside accesses. */
export interface RunReporter extends Reporter {
  /** A barrier opened although not all invocations stood at it. */
  divergentBarrier(m: Machine, site: number, arrived: number): void;
  /** All subgroups passed a barrier. */
  barrier?(m: Machine, site: number): void;
}

/** Registers kept free in every subgroup, for watch expressions. */
export const SCRATCH_SLOTS = 512;

export type Progress = 'more' | 'done' | 'runaway';

/** What of a runner's state is not in the machine; with the machine's it makes a checkpoint. */
export interface RunnerState {
  turn: number;
  quantum: number;
  phase: number;
  started: number;
}

const SILENT: RunReporter = { outOfBounds: () => {}, divergentBarrier: () => {} };

export class Runner {
  readonly machine: Machine;
  readonly program: Program;
  readonly order: Order;
  readonly budget: number;
  readonly grid: readonly [number, number, number];
  readonly state: RunnerState = { turn: 0, quantum: 0, phase: 0, started: 0 };
  /** Called before every instruction, when set. */
  hook: ((pc: number) => void) | undefined;
  private reporter: RunReporter;
  private readonly told: RunReporter;

  constructor(
    program: Program,
    memories: readonly MemoryView[],
    grid: readonly [number, number, number],
    order: Order,
    budget: number,
    reporter: RunReporter,
    observer?: Observer,
  ) {
    const [x, y, z] = program.workgroupSize;
    this.program = program;
    this.order = order;
    this.budget = budget;
    this.grid = grid;
    this.reporter = reporter;
    this.told = reporter;
    this.machine = new Machine(
      program.width,
      program.slots + SCRATCH_SLOTS,
      x * y * z,
      memories,
      reporter,
      observer,
    );
    this.constants();
  }

  /** While muted, nothing is reported: for going again where one has been. */
  mute(muted: boolean): void {
    this.reporter = muted ? SILENT : this.told;
    this.machine.reporter = this.reporter;
  }

  get workgroups(): number {
    return this.grid[0] * this.grid[1] * this.grid[2];
  }

  private constants(): void {
    const { I, subgroups, width } = this.machine;
    for (const s of subgroups) {
      for (const [register, bits] of this.program.constants)
        I.fill(bits, s.base + register, s.base + register + width);
    }
  }

  /** Puts everything in place for workgroup `index` (x fastest). */
  begin(index: number): void {
    const m = this.machine;
    m.workgroup = index;
    m.mem[0]?.bytes.fill(0);
    const [gx, gy] = this.grid;
    const id = [index % gx, Math.floor(index / gx) % gy, Math.floor(index / (gx * gy))];
    for (const s of m.subgroups) {
      s.count = s.lanes;
      for (let l = 0; l < s.lanes; l++) s.active[l] = l;
      s.pc = this.program.entry;
      s.status = 'ready';
      s.steps = 0;
      s.depth = 0;
      s.selects = [];
      s.pending = [];
      m.I.fill(0, s.base + this.program.finished, s.base + this.program.finished + m.width);
    }
    for (const [name, registers] of this.program.inputs) this.input(name, registers, id);
    Object.assign(this.state, { turn: 0, quantum: 0, phase: 0, started: 1 });
    this.state.turn = this.firstTurn();
  }

  private input(name: InputName, registers: readonly number[], id: readonly number[]): void {
    const { I, subgroups, width } = this.machine;
    const [sx, sy] = this.program.workgroupSize;
    for (const s of subgroups) {
      for (let l = 0; l < s.lanes; l++) {
        const index = s.index * width + l;
        const local = [index % sx, Math.floor(index / sx) % sy, Math.floor(index / (sx * sy))];
        const values: Readonly<Record<InputName, readonly number[]>> = {
          local_invocation_id: local,
          local_invocation_index: [index],
          global_invocation_id: local.map((x, i) => x + (id[i] ?? 0) * (this.program.workgroupSize[i] ?? 1)),
          workgroup_id: id,
          num_workgroups: this.grid,
          subgroup_size: [width],
          subgroup_invocation_id: [l],
          subgroup_id: [s.index],
          num_subgroups: [subgroups.length],
        };
        registers.forEach((r, i) => {
          I[s.base + r + l] = values[name][i] ?? 0;
        });
      }
    }
  }

  /** Executes up to `limit` statements of subgroups in the current workgroup. */
  advance(limit: number): { progress: Progress; steps: number } {
    const m = this.machine;
    let left = limit;
    while (left > 0) {
      const s = this.next();
      if (!s) return { progress: 'done', steps: limit - left };
      if (s.steps >= this.budget) return { progress: 'runaway', steps: limit - left };
      const turns = Math.min(left, this.state.quantum, this.budget - s.steps);
      const ran = this.turn(m, s, turns);
      left -= ran;
      this.state.quantum -= ran;
      // a subgroup that could not use its turns stands at a barrier or at its end
      if (ran < turns || s.status !== 'ready') this.state.quantum = 0;
      if (this.state.quantum === 0 && this.order.kind === 'round-robin')
        this.state.turn = (s.index + 1) % m.subgroups.length;
    }
    return { progress: this.finished() ? 'done' : 'more', steps: limit - left };
  }

  /** One subgroup, up to `turns` statements, then up to the next statement's beginning. */
  private turn(m: Machine, s: Subgroup, turns: number): number {
    const { ops } = this.program;
    m.enter(s);
    m.left = turns;
    m.running = true;
    const { hook } = this;
    if (hook) {
      while (m.running) {
        const pc = m.pc++;
        hook(pc);
        (ops[pc] as (m: Machine) => void)(m);
      }
    } else {
      while (m.running) (ops[m.pc++] as (m: Machine) => void)(m);
    }
    m.leave();
    return turns - m.left;
  }

  private finished(): boolean {
    return this.machine.subgroups.every((s) => s.status === 'done');
  }

  /** The subgroup whose turn it is, opening the barrier when all wait. Undefined at the end. */
  private next(): Subgroup | undefined {
    const { subgroups } = this.machine;
    const { state } = this;
    const current = subgroups[state.turn];
    if (state.quantum > 0 && current?.status === 'ready') return current;
    if (!subgroups.some((s) => s.status === 'ready')) {
      if (this.finished()) return undefined;
      this.open();
    }
    const count = subgroups.length;
    const down = this.order.kind === 'adversarial' && state.phase % 2 === 0;
    let at =
      this.order.kind === 'seeded'
        ? hashKeys(this.order.seed, this.machine.workgroup, state.started++) % count
        : state.turn;
    for (let tries = 0; tries < count; tries++) {
      const s = subgroups[at];
      if (s?.status === 'ready') {
        state.turn = at;
        state.quantum = this.quantum();
        return s;
      }
      at = (at + (down ? count - 1 : 1)) % count;
    }
    return undefined;
  }

  private quantum(): number {
    switch (this.order.kind) {
      case 'round-robin':
        return 1;
      case 'seeded':
        return 1 + (hashKeys(this.order.seed, this.state.started) % 16);
      case 'sequential':
      case 'adversarial':
        return this.budget;
    }
  }

  private firstTurn(): number {
    return this.order.kind === 'adversarial' && this.state.phase % 2 === 0
      ? this.machine.subgroups.length - 1
      : 0;
  }

  /** Lets everyone who waits go on; says so when someone is missing. */
  private open(): void {
    const m = this.machine;
    const waiting = m.subgroups.filter((s) => s.status === 'barrier');
    const site = waiting[0]?.barrier ?? 0;
    const same = waiting.filter((s) => s.barrier === site);
    const arrived = same.reduce((n, s) => n + s.count, 0);
    if (arrived !== m.lanes) this.reporter.divergentBarrier(m, site, arrived);
    for (const s of waiting) s.status = 'ready';
    this.state.phase++;
    this.state.quantum = 0;
    this.state.turn = this.firstTurn();
    this.reporter.barrier?.(m, site);
  }
}
