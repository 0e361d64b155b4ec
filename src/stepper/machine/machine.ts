// The lockstep machine's state: one workgroup's registers, its subgroups' control state and the memories it
// sees. An instruction is a closure over register numbers that runs over the active lanes of the current
// subgroup. Who runs next is scheduler.ts's business; what is recorded is the observer's.

import type { MemoryView } from './memory.ts';

/** One instruction. Registers are word offsets (slot × width) in the current subgroup's part of the file. */
export type Op = (m: Machine) => void;

export type AccessMode = 'read' | 'write' | 'atomic';

/** What a traced run is told. Site numbers index Program.sites, statements Program.statements. */
export interface Observer {
  /** Every active lane is about to touch `bytes` bytes at the byte address in register `address` plus `offset`. */
  access(
    m: Machine,
    memory: number,
    address: number,
    offset: number,
    bytes: number,
    mode: AccessMode,
    site: number,
  ): void;
  /** A subgroup begins a statement. */
  statement(m: Machine, statement: number): void;
}

/** What every run is told, because it costs nothing until it happens. */
export interface Reporter {
  outOfBounds(m: Machine, lane: number, index: number, length: number, site: number): void;
}

/** An out-of-bounds read inside an argument of `select`, which may yet discard it. */
export interface PendingRead {
  readonly lane: number;
  readonly index: number;
  readonly length: number;
  readonly site: number;
  /** How many selects are open, and whether the read is in the true value of the innermost. */
  readonly depth: number;
  readonly side: boolean;
}

export type SubgroupStatus = 'ready' | 'barrier' | 'done';

/** Control state of one subgroup; its registers are in the machine's file from `base` on. */
export interface Subgroup {
  readonly index: number;
  readonly base: number;
  /** Lanes that exist in it: the last subgroup of a workgroup may be partial. */
  readonly lanes: number;
  /** The active lanes, ascending, are active[0 … count). */
  readonly active: Int32Array;
  count: number;
  pc: number;
  status: SubgroupStatus;
  /** Barrier it waits at (a site), when status is barrier. */
  barrier: number;
  /** Statements executed in this workgroup. */
  steps: number;
  readonly returns: Int32Array;
  depth: number;
  /** Arguments of select being evaluated, innermost last: true for the true value. */
  selects: boolean[];
  pending: PendingRead[];
}

export class Machine {
  readonly I: Int32Array;
  readonly U: Uint32Array;
  readonly F: Float32Array;
  readonly subgroups: readonly Subgroup[];

  // The current subgroup's state, unpacked for the instructions.
  off = 0;
  n = 0;
  lo = 0;
  hi = 0;
  L: Int32Array;
  pc = 0;
  /** Statements left before the subgroup yields. */
  left = 0;
  running = false;
  current: Subgroup;

  /** Statements × active lanes, over the whole run. */
  laneStatements = 0;
  /** Reads out of bounds whose value a select discarded: harmless, and so no findings. */
  guarded = 0;
  workgroup = 0;

  readonly width: number;
  readonly slots: number;
  readonly lanes: number;
  /** Memory 0 is the workgroup's; memory 1 + i is binding i. */
  readonly mem: readonly MemoryView[];
  reporter: Reporter;
  observer: Observer | undefined;

  constructor(
    width: number,
    slots: number,
    lanes: number,
    mem: readonly MemoryView[],
    reporter: Reporter,
    observer?: Observer,
  ) {
    this.width = width;
    this.slots = slots;
    this.lanes = lanes;
    this.mem = mem;
    this.reporter = reporter;
    this.observer = observer;
    const count = Math.ceil(lanes / width);
    const file = new ArrayBuffer(count * slots * width * 4);
    this.I = new Int32Array(file);
    this.U = new Uint32Array(file);
    this.F = new Float32Array(file);
    this.subgroups = Array.from({ length: count }, (_, index) => ({
      index,
      base: index * slots * width,
      lanes: Math.min(width, lanes - index * width),
      active: new Int32Array(width),
      count: 0,
      pc: 0,
      status: 'ready' as SubgroupStatus,
      barrier: 0,
      steps: 0,
      returns: new Int32Array(256),
      depth: 0,
      selects: [],
      pending: [],
    }));
    const first = this.subgroups[0];
    if (!first) throw new RangeError('a workgroup has at least one invocation');
    this.current = first;
    this.L = first.active;
  }

  /** Makes `s` the current subgroup. */
  enter(s: Subgroup): void {
    this.current = s;
    this.off = s.base;
    this.L = s.active;
    this.n = s.count;
    this.pc = s.pc;
    this.bounds();
  }

  /** Reports an index that was clamped, or keeps it until the select around it has chosen. */
  outOfBounds(lane: number, index: number, length: number, site: number): void {
    const { selects, pending } = this.current;
    const side = selects.at(-1);
    if (side === undefined) this.reporter.outOfBounds(this, lane, index, length, site);
    else pending.push({ lane, index, length, site, depth: selects.length, side });
  }

  /** Writes the unpacked state back. */
  leave(): void {
    this.current.count = this.n;
    this.current.pc = this.pc;
  }

  /** Range of lanes that pure instructions compute: they may fill inactive lanes between active ones. */
  bounds(): void {
    if (this.n === 0) {
      this.lo = 0;
      this.hi = 0;
    } else {
      this.lo = this.L[0] as number;
      this.hi = (this.L[this.n - 1] as number) + 1;
    }
  }
}

/** Keeps the active lanes whose register `test` is not 0 (or is 0, when `negate`). */
export function narrow(m: Machine, test: number, negate: boolean): void {
  const { I, L, n } = m;
  const at = m.off + test;
  let kept = 0;
  for (let j = 0; j < n; j++) {
    const l = L[j] as number;
    if ((I[at + l] !== 0) !== negate) L[kept++] = l;
  }
  if (kept !== n) {
    m.n = kept;
    m.bounds();
  }
}

/** Writes the active lanes as a mask of 0 and 1 to a register. */
export function saveMask(m: Machine, to: number): void {
  const { I, L, n } = m;
  const at = m.off + to;
  I.fill(0, at, at + m.width);
  for (let j = 0; j < n; j++) I[at + (L[j] as number)] = 1;
}

/** Makes the lanes of a saved mask the active ones. */
export function loadMask(m: Machine, from: number): void {
  const { I, L, width } = m;
  const at = m.off + from;
  let n = 0;
  for (let l = 0; l < width; l++) if (I[at + l] !== 0) L[n++] = l;
  m.n = n;
  m.bounds();
}

/** Takes the active lanes out of a saved mask. */
export function clearMask(m: Machine, mask: number): void {
  const { I, L, n } = m;
  const at = m.off + mask;
  for (let j = 0; j < n; j++) I[at + (L[j] as number)] = 0;
}
