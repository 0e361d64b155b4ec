// Watches every access of a run: finds races, reads of unwritten workgroup memory and what the runner
// reports, counts traffic (not of uniform buffers, which devices
// keep close), and counts the reads of every input cell.

import type { Finding } from '../api.ts';
import type { Program } from '../compile/program.ts';
import { f16OfBits } from '../front/numbers.ts';
import type { AccessMode, Machine, Observer } from '../machine/machine.ts';
import type { MemoryView } from '../machine/memory.ts';
import type { RunReporter } from '../machine/runner.ts';
import { TrafficCounters } from './counters.ts';
import { Findings } from './findings.ts';
import { laneOf, packInfo, Shadow, siteOf } from './shadow.ts';

/** Kinds of findings that happen at a step. */
export type MarkedKind = Exclude<Finding['kind'], 'runaway'>;

export class Checker implements Observer, RunReporter {
  readonly findings: Findings;
  readonly counters: TrafficCounters;
  /** Reads of each 4-byte cell of each memory, lanes counted one by one; memory 0 is left empty. */
  readonly reads: readonly Uint32Array[];
  readonly barriers: { count: number } = { count: 0 };
  /** Called with every finding that is new or repeated, for marks on a timeline. */
  onFinding: ((kind: MarkedKind, index: number) => void) | undefined;
  private readonly program: Program;
  private readonly shadows: readonly (Shadow | undefined)[];
  private clock = 0;
  private since = 0;
  private workgroupPhase = 0;
  private storagePhase = 0;
  private readonly starts: number[] = [];
  private readonly startIds: number[] = [];

  constructor(program: Program, memories: readonly MemoryView[]) {
    const shift = program.halves ? 1 : 2;
    this.program = program;
    this.findings = new Findings(program);
    this.counters = new TrafficCounters(
      program,
      memories.map((m) => m.size),
    );
    this.shadows = memories.map((m, i) =>
      i === 0 || program.bindings[i - 1]?.access === 'read_write' ? new Shadow(m.size, shift) : undefined,
    );
    this.reads = memories.map((m, i) => new Uint32Array(i === 0 ? 0 : (m.size >> 2) + 1));
  }

  /** Must be called when a workgroup begins. */
  begin(workgroup: number): void {
    this.clock++;
    this.since = this.clock;
    this.workgroupPhase = this.clock;
    this.storagePhase = this.clock;
    this.starts.push(this.clock);
    this.startIds.push(workgroup);
  }

  statement(m: Machine, statement: number): void {
    this.counters.statement(m, statement);
  }

  barrier(_m: Machine, site: number): void {
    this.barriers.count++;
    this.clock++;
    const kind = this.program.barriers.get(site);
    if (kind === 'workgroupBarrier') this.workgroupPhase = this.clock;
    if (kind === 'storageBarrier') this.storagePhase = this.clock;
  }

  access(
    m: Machine,
    memory: number,
    address: number,
    offset: number,
    bytes: number,
    mode: AccessMode,
    site: number,
  ): void {
    const statement = this.program.sites[site]?.statement ?? 0;
    if (memory === 0) this.counters.shared(m, address, offset, bytes, statement);
    else if (this.program.bindings[memory - 1]?.space === 'storage') {
      this.counters.buffer(m, memory, address, offset, bytes, mode !== 'read', statement);
      if (mode === 'read') this.countReads(m, memory, address, offset, bytes);
    }
    const shadow = this.shadows[memory];
    if (shadow) this.shadow(m, shadow, memory, address, offset, bytes, mode, site);
  }

  private countReads(m: Machine, memory: number, address: number, offset: number, bytes: number): void {
    const reads = this.reads[memory] as Uint32Array;
    const { I, L, n } = m;
    const at = m.off + address;
    for (let j = 0; j < n; j++) {
      const first = (I[at + (L[j] as number)] as number) + offset;
      for (let cell = first >> 2; cell <= (first + bytes - 1) >> 2; cell++)
        reads[cell] = (reads[cell] as number) + 1;
    }
  }

  private shadow(
    m: Machine,
    shadow: Shadow,
    memory: number,
    address: number,
    offset: number,
    bytes: number,
    mode: AccessMode,
    site: number,
  ): void {
    const { I, L, n } = m;
    const { shift } = shadow;
    const { since } = this;
    const own = memory === 0;
    const phase = own ? this.workgroupPhase : this.storagePhase;
    const firstLane = m.current.index * m.width;
    const cells = bytes >> shift || 1;
    const at = m.off + address;
    for (let j = 0; j < n; j++) {
      const l = L[j] as number;
      const info = packInfo(firstLane + l, site);
      const from = ((I[at + l] as number) + offset) >> shift;
      for (let cell = from; cell < from + cells; cell++) {
        if (mode === 'atomic') {
          // the type system keeps atomics and plain accesses apart, so they cannot race; they initialize
          if (own) shadow.touch(cell, info, phase);
          continue;
        }
        if (mode === 'read') {
          if (own && (shadow.writePhase[cell] as number) < since)
            this.unwritten(m, firstLane + l, cell << shift, site);
          const other = shadow.read(cell, info, phase, since, own);
          if (other !== 0) this.race(m, shadow, memory, cell, other - 1, info, 'write', 'read', cell - from);
        } else {
          const other = shadow.write(cell, info, phase, since, own);
          if (other !== 0)
            this.race(m, shadow, memory, cell, other - 1, info, shadow.kind, 'write', cell - from);
        }
      }
    }
  }

  private race(
    m: Machine,
    shadow: Shadow,
    memory: number,
    cell: number,
    first: number,
    second: number,
    firstMode: 'read' | 'write',
    secondMode: 'read' | 'write',
    within: number,
  ): void {
    const byteOffset = cell << shadow.shift;
    const before = this.before(m, shadow, memory, byteOffset, first, second, within);
    const after =
      secondMode === 'write'
        ? this.stored(m, laneOf(second), siteOf(second), within << shadow.shift)
        : before;
    const f = this.findings;
    const firstSite = f.site(siteOf(first), firstMode, laneOf(first), this.workgroupOf(shadow.phase));
    const secondSite = f.site(siteOf(second), secondMode, laneOf(second), m.workgroup);
    const index = f.race(memory, byteOffset, firstSite, secondSite, before, after);
    this.onFinding?.('race', index);
  }

  /** What a lane of the current subgroup is about to store at `byte` of what a site stores. */
  private stored(m: Machine, lane: number, site: number, byte: number): number {
    const { leaves = [], values = [] } = this.program.sites[site] ?? {};
    const i = leaves.findIndex((leaf) => leaf.byte === byte);
    const at = m.off + (values[i] ?? 0) + (lane % m.width);
    const kind = leaves[i]?.scalar;
    return (kind === 'f32' || kind === 'f16' ? m.F[at] : kind === 'i32' ? m.I[at] : m.U[at]) ?? 0;
  }

  /** What lies in memory before the second access; a first write of the same instruction has not landed yet. */
  private before(
    m: Machine,
    shadow: Shadow,
    memory: number,
    byteOffset: number,
    first: number,
    second: number,
    within: number,
  ): number {
    const together =
      shadow.kind === 'write' &&
      siteOf(first) === siteOf(second) &&
      shadow.phase >= this.since &&
      Math.floor(laneOf(first) / m.width) === m.current.index;
    if (together) return this.stored(m, laneOf(first), siteOf(first), within << shadow.shift);
    const view = m.mem[memory];
    const kind = this.program.sites[siteOf(second)]?.leaves?.find(
      (leaf) => leaf.byte === within << shadow.shift,
    )?.scalar;
    if (kind === 'f16') return f16OfBits(view?.H[byteOffset >> 1] ?? 0);
    const word = byteOffset >> 2;
    return (kind === 'f32' ? view?.F[word] : kind === 'i32' ? view?.I[word] : view?.U[word]) ?? 0;
  }

  /** The workgroup that a phase belongs to. */
  private workgroupOf(phase: number): number {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] ?? 0) <= phase) low = middle;
      else high = middle - 1;
    }
    return this.startIds[low] ?? 0;
  }

  private unwritten(m: Machine, lane: number, byteOffset: number, site: number): void {
    const at = this.findings.site(site, 'read', lane, m.workgroup);
    const index = this.findings.uninitialized(at, byteOffset);
    this.onFinding?.('uninitialized-read', index);
  }

  outOfBounds(m: Machine, lane: number, index: number, length: number, site: number): void {
    const local = m.current.index * m.width + lane;
    const at = this.findings.site(site, this.program.indexModes.get(site) ?? 'read', local, m.workgroup);
    const finding = this.findings.outOfBounds(at, index, length);
    this.onFinding?.('out-of-bounds', finding);
  }

  divergentBarrier(m: Machine, site: number, arrived: number): void {
    const index = this.findings.divergentBarrier(site, m.workgroup, arrived, m.lanes);
    this.onFinding?.('divergent-barrier', index);
  }
}
