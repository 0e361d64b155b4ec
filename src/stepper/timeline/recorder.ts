// Writes down every step and every access of one workgroup, and marks findings on its time axis.

import { Checker } from '../analysis/checker.ts';
import type { Program } from '../compile/program.ts';
import type { AccessMode, Machine, Observer } from '../machine/machine.ts';
import type { MemoryView } from '../machine/memory.ts';
import type { RunReporter } from '../machine/runner.ts';
import type { AccessColumns, Mark, StepColumns } from '../recording.ts';
import { bytes, ints, shorts, words } from './columns.ts';

/** Accesses that one recording keeps; what comes later is counted but not listed. */
const MOST_ACCESSES = 8 << 20;
const MODES: readonly AccessMode[] = ['read', 'write', 'atomic'];

export class Recorder implements Observer, RunReporter {
  readonly checker: Checker;
  readonly marks: Mark[] = [];
  truncated = false;
  private readonly program: Program;
  private readonly subgroup = bytes();
  private readonly statements = ints();
  private readonly low = words();
  private readonly high = words();
  private readonly depth = bytes();
  /** First access of each step. */
  private readonly firstAccess = ints();
  private readonly memory = bytes();
  private readonly mode = bytes();
  private readonly lane = shorts();
  private readonly byte = ints();
  private readonly size = shorts();
  private readonly site = ints();

  constructor(program: Program, memories: readonly MemoryView[], workgroup: number) {
    this.program = program;
    this.checker = new Checker(program, memories);
    this.checker.begin(workgroup);
    this.checker.onFinding = (kind, finding) => this.mark(kind, finding);
  }

  get steps(): number {
    return this.statements.length;
  }

  get columns(): StepColumns {
    return {
      subgroup: this.subgroup.view(),
      statement: this.statements.view(),
      low: this.low.view(),
      high: this.high.view(),
      depth: this.depth.view(),
    };
  }

  /** One mark a kind, finding and step. */
  mark(kind: Mark['kind'], finding?: number): void {
    const step = Math.max(0, this.steps - 1);
    const last = this.marks.at(-1);
    if (last?.step === step && last.kind === kind && last.finding === finding) return;
    this.marks.push(finding === undefined ? { step, kind } : { step, kind, finding });
  }

  statement(m: Machine, statement: number): void {
    this.checker.statement(m, statement);
    this.subgroup.push(m.current.index);
    this.statements.push(statement);
    let low = 0;
    let high = 0;
    for (let j = 0; j < m.n; j++) {
      const l = m.L[j] as number;
      if (l < 32) low |= 1 << l;
      else high |= 1 << (l - 32);
    }
    this.low.push(low);
    this.high.push(high);
    this.depth.push(m.current.depth);
    this.firstAccess.push(this.byte.length);
  }

  access(
    m: Machine,
    memory: number,
    address: number,
    offset: number,
    size: number,
    mode: AccessMode,
    site: number,
  ): void {
    this.checker.access(m, memory, address, offset, size, mode, site);
    if (mode === 'write') this.nan(m, site);
    if (this.byte.length + m.n > MOST_ACCESSES) {
      this.truncated = true;
      return;
    }
    const first = m.current.index * m.width;
    const kind = MODES.indexOf(mode);
    for (let j = 0; j < m.n; j++) {
      const l = m.L[j] as number;
      this.memory.push(memory);
      this.mode.push(kind);
      this.lane.push(first + l);
      this.byte.push((m.I[m.off + address + l] as number) + offset);
      this.size.push(size);
      this.site.push(site);
    }
  }

  private nan(m: Machine, site: number): void {
    const { leaves = [], values = [] } = this.program.sites[site] ?? {};
    for (const [i, leaf] of leaves.entries()) {
      if (leaf.scalar !== 'f32' && leaf.scalar !== 'f16') continue;
      const at = m.off + (values[i] ?? 0);
      for (let j = 0; j < m.n; j++) {
        if (!Number.isNaN(m.F[at + (m.L[j] as number)] as number)) continue;
        this.mark('nan');
        return;
      }
    }
  }

  outOfBounds(m: Machine, lane: number, index: number, length: number, site: number): void {
    this.checker.outOfBounds(m, lane, index, length, site);
  }

  divergentBarrier(m: Machine, site: number, arrived: number): void {
    this.checker.divergentBarrier(m, site, arrived);
  }

  barrier(m: Machine, site: number): void {
    this.checker.barrier(m, site);
    this.mark('barrier');
  }

  /** Rows [from, to) of the accesses of a step. */
  range(step: number): readonly [number, number] {
    if (step < 0 || step >= this.steps) return [0, 0];
    return [
      this.firstAccess.at(step),
      step + 1 < this.steps ? this.firstAccess.at(step + 1) : this.byte.length,
    ];
  }

  /** The accesses in the rows [from, to). */
  accesses(from: number, to: number): AccessColumns {
    const rows = Array.from({ length: to - from }, (_, i) => from + i);
    return this.rows(rows);
  }

  /** The accesses in the given rows. */
  rows(rows: readonly number[]): AccessColumns {
    const span = (row: number) => this.program.sites[this.site.at(row)]?.span;
    return {
      memory: Uint8Array.from(rows, (r) => this.memory.at(r)),
      mode: Uint8Array.from(rows, (r) => this.mode.at(r)),
      lane: Uint16Array.from(rows, (r) => this.lane.at(r)),
      byte: Int32Array.from(rows, (r) => this.byte.at(r)),
      bytes: Uint16Array.from(rows, (r) => this.size.at(r)),
      start: Int32Array.from(rows, (r) => span(r)?.start ?? 0),
      end: Int32Array.from(rows, (r) => span(r)?.end ?? 0),
    };
  }

  /** Accesses recorded so far, a row a lane. */
  get rowCount(): number {
    return this.byte.length;
  }

  /** By memory of `sizes` bytes: the step that first writes each 4-byte word, or `never`. */
  firstWrites(sizes: readonly number[], never: number): Int32Array[] {
    const first = sizes.map((size) => new Int32Array(Math.ceil(size / 4)).fill(never));
    for (let step = 0; step < this.steps; step++) {
      const [from, to] = this.range(step);
      for (let row = from; row < to; row++) {
        const words = this.mode.at(row) === 0 ? undefined : first[this.memory.at(row)];
        if (!words) continue;
        const last = (this.byte.at(row) + this.size.at(row) - 1) >> 2;
        for (let word = this.byte.at(row) >> 2; word <= last; word++) {
          if (words[word] === never) words[word] = step;
        }
      }
    }
    return first;
  }

  /** The first `most` steps that touch one of the memories at or after a byte of it. */
  stepsTouching(memories: ReadonlySet<number>, byte: number, most: number): number[] {
    const found: number[] = [];
    for (let step = 0; step < this.steps && found.length < most; step++) {
      const [from, to] = this.range(step);
      for (let row = from; row < to; row++) {
        if (!memories.has(this.memory.at(row)) || this.byte.at(row) < byte) continue;
        found.push(step);
        break;
      }
    }
    return found;
  }

  /** Rows that touch a byte of a memory, with their steps. */
  touching(
    memory: number,
    byte: number,
    mode: AccessMode,
  ): { readonly rows: number[]; readonly steps: number[] } {
    const rows: number[] = [];
    const steps: number[] = [];
    const kind = MODES.indexOf(mode);
    let step = 0;
    for (let r = 0; r < this.byte.length; r++) {
      while (step + 1 < this.steps && this.firstAccess.at(step + 1) <= r) step++;
      const at = this.byte.at(r);
      if (
        this.memory.at(r) !== memory ||
        this.mode.at(r) !== kind ||
        byte < at ||
        byte >= at + this.size.at(r)
      )
        continue;
      rows.push(r);
      steps.push(step);
    }
    return { rows, steps };
  }
}
