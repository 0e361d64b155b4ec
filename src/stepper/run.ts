// One dispatch, all workgroups: for its results alone, or with every access checked. Advances in pieces, so
// that a worker stays responsive and a run can be given up by not advancing it.

import { type Failure, ok, type Result } from '../core/result.ts';
import { Checker } from './analysis/checker.ts';
import { Findings } from './analysis/findings.ts';
import type { BufferInput, Counters, Dispatch, Finding, LineCounters } from './api.ts';
import type { Kernel } from './kernel.ts';
import { bindMemories } from './machine/memories.ts';
import type { MemoryView } from './machine/memory.ts';
import { Runner, type RunReporter } from './machine/runner.ts';

/** Bytes that copies of the written buffers may take in all. */
const SNAPSHOT_BYTES = 96 << 20;
export const DEFAULT_BUDGET = 2_000_000;

export interface Report {
  readonly findings: readonly Finding[];
  readonly totals: Counters;
  /** By source line, ascending. */
  readonly lines: readonly LineCounters[];
  readonly laneStatements: number;
  readonly workgroups: number;
  /** Barriers that opened, over all workgroups. */
  readonly barriers: number;
  /** Reads out of bounds whose value a `select` discarded, lanes counted one by one: harmless, no findings. */
  readonly guardedReads: number;
}

interface Snapshot {
  readonly workgroup: number;
  readonly buffers: ReadonlyMap<number, Uint8Array>;
}

/** What a finished part of a run was like; `fraction` is of workgroups. */
export interface RunProgress {
  readonly done: boolean;
  readonly workgroup: number;
  readonly fraction: number;
}

export class Run {
  readonly kernel: Kernel;
  readonly dispatch: Dispatch;
  readonly memories: readonly MemoryView[];
  /** Present in checked runs. */
  readonly checker: Checker | undefined;
  private readonly findings: Findings;
  private readonly runner: Runner;
  private workgroup = 0;
  private begun = false;
  private stopped = false;
  private snapshots: Snapshot[] = [];
  private snapshotEvery = 1;

  private constructor(kernel: Kernel, dispatch: Dispatch, memories: readonly MemoryView[], checked: boolean) {
    this.kernel = kernel;
    this.dispatch = dispatch;
    this.memories = memories;
    const program = checked ? kernel.observed.program : kernel.fast;
    this.checker = checked ? new Checker(program, memories) : undefined;
    const findings = this.checker?.findings ?? new Findings(program);
    this.findings = findings;
    const reporter: RunReporter = this.checker ?? {
      outOfBounds: (m, lane, index, length, site) =>
        findings.outOfBounds(
          findings.site(
            site,
            program.indexModes.get(site) ?? 'read',
            m.current.index * m.width + lane,
            m.workgroup,
          ),
          index,
          length,
        ),
      divergentBarrier: (m, site, arrived) => findings.divergentBarrier(site, m.workgroup, arrived, m.lanes),
    };
    const order = dispatch.order ?? { kind: 'round-robin' };
    const budget = dispatch.statementBudget ?? DEFAULT_BUDGET;
    this.runner = new Runner(program, memories, dispatch.workgroups, order, budget, reporter, this.checker);
  }

  /** Binds the buffers. `checks` finds races and measures; `results` only computes (bounds and barriers are
   * checked in both). Fails when a buffer is missing or too small. */
  static start(kernel: Kernel, dispatch: Dispatch, mode: 'results' | 'checks'): Result<Run, Failure> {
    const memories = bindMemories(kernel.fast, dispatch.buffers);
    return memories.ok ? ok(new Run(kernel, dispatch, memories.value, mode === 'checks')) : memories;
  }

  get workgroups(): number {
    return this.runner.workgroups;
  }

  get done(): boolean {
    return this.stopped || this.workgroup >= this.workgroups;
  }

  /** Runs up to about `statements` statements of subgroups (10⁵ take a few milliseconds). */
  advance(statements: number): RunProgress {
    let left = statements;
    while (left > 0 && !this.done) {
      if (!this.begun) this.begin();
      const { progress, steps } = this.runner.advance(left);
      left -= steps;
      if (progress === 'more') continue;
      if (progress === 'runaway') this.runaway();
      this.begun = false;
      this.workgroup++;
    }
    return {
      done: this.done,
      workgroup: this.workgroup,
      fraction: this.done ? 1 : this.workgroup / this.workgroups,
    };
  }

  /** Advances to the end. For tests and commands; pages advance in pieces. */
  finish(): this {
    while (!this.done) this.advance(1 << 20);
    return this;
  }

  private begin(): void {
    if (this.workgroup % this.snapshotEvery === 0) this.snapshot();
    this.runner.begin(this.workgroup);
    this.checker?.begin(this.workgroup);
    this.begun = true;
  }

  private runaway(): void {
    const m = this.runner.machine;
    const stuck = m.subgroups.find((s) => s.steps >= this.runner.budget) ?? m.current;
    const { program } = this.runner;
    let statement = 0;
    let nearest = -1;
    for (const [id, at] of program.statementAt) {
      if (at <= stuck.pc && at > nearest) {
        nearest = at;
        statement = id;
      }
    }
    this.findings.runaway(statement, this.workgroup, stuck.steps);
    this.stopped = true;
  }

  private written(): number[] {
    return this.kernel.bindings.flatMap((b, i) => (b.access === 'read_write' ? [i] : []));
  }

  private snapshot(): void {
    const buffers = new Map(
      this.written().map((i) => [i, this.memories[i + 1]?.bytes.slice() ?? new Uint8Array()]),
    );
    this.snapshots.push({ workgroup: this.workgroup, buffers });
    const bytes = [...buffers.values()].reduce((n, b) => n + b.length, 1);
    while (this.snapshots.length > 1 && this.snapshots.length * bytes > SNAPSHOT_BYTES) {
      this.snapshotEvery *= 2;
      this.snapshots = this.snapshots.filter((s) => s.workgroup % this.snapshotEvery === 0);
      if (this.snapshots.length === 1) break;
    }
  }

  /** Memories as they are when `workgroup` begins: from the nearest copy, the rest computed again. A run that
   * has not come so far is advanced up to there first. */
  memoriesBefore(workgroup: number): MemoryView[] {
    while (!this.done && this.workgroup <= workgroup && !(this.workgroup === workgroup && this.begun))
      this.advance(1 << 16);
    const near = this.snapshots.findLast((s) => s.workgroup <= workgroup);
    const bound = bindMemories(this.kernel.fast, this.dispatch.buffers);
    if (!bound.ok) throw new Error(bound.error.message);
    for (const [i, bytes] of near?.buffers ?? []) bound.value[i + 1]?.bytes.set(bytes);
    const { order, budget } = this.runner;
    const silent: RunReporter = { outOfBounds: () => {}, divergentBarrier: () => {} };
    const runner = new Runner(this.kernel.fast, bound.value, this.dispatch.workgroups, order, budget, silent);
    for (let w = near?.workgroup ?? 0; w < workgroup; w++) {
      runner.begin(w);
      while (runner.advance(1 << 20).progress === 'more');
    }
    return bound.value;
  }

  /** The written buffers' content. */
  outputs(): BufferInput[] {
    return this.written().map((i) => {
      const { group, binding } = this.kernel.bindings[i] ?? { group: 0, binding: i };
      return { group, binding, bytes: this.memories[i + 1]?.content() ?? new Uint8Array() };
    });
  }

  /** How often each 4-byte cell of a binding was read, over all lanes. Empty unless the run checks. */
  reads(binding: number): Uint32Array {
    return this.checker?.reads[binding + 1] ?? new Uint32Array();
  }

  /** Findings so far (also of runs for results). */
  found(): readonly Finding[] {
    return this.findings.list;
  }

  /** Findings and measures of what has run so far; undefined when the run does not check. */
  report(): Report | undefined {
    if (!this.checker) return undefined;
    const { counters, findings, barriers } = this.checker;
    return {
      findings: findings.list,
      totals: counters.totals(),
      lines: counters.perLine(),
      laneStatements: this.runner.machine.laneStatements,
      workgroups: this.workgroup,
      barriers: barriers.count,
      guardedReads: this.runner.machine.guarded,
    };
  }

  get laneStatements(): number {
    return this.runner.machine.laneStatements;
  }
}
