// One workgroup, recorded: every statement of it is reachable in both directions, because a run is
// deterministic and checkpoints are never more than a few milliseconds of replay apart.

import type { BufferInput, Finding, MemoryRef } from '../api.ts';
import type { MemoryView } from '../machine/memory.ts';
import { Runner } from '../machine/runner.ts';
import type { AccessColumns, Mark, StepColumns, TimelineState } from '../recording.ts';
import type { Run } from '../run.ts';
import { DEFAULT_BUDGET } from '../run.ts';
import { bytesOfCheckpoint, type Checkpoint, restore, save } from './checkpoint.ts';
import { Recorder } from './recorder.ts';
import { stateOf } from './state.ts';

/** Steps between checkpoints at first: a few milliseconds of replay. */
const FIRST_INTERVAL = 4096;
const CHECKPOINT_BYTES = 128 << 20;

export class Timeline {
  readonly run: Run;
  readonly workgroup: number;
  /** The machine in its state at `position`; watches and flow read it. */
  readonly runner: Runner;
  readonly recorder: Recorder;
  private readonly memories: readonly MemoryView[];
  private readonly writtenMemories: readonly number[];
  private checkpoints: Checkpoint[] = [];
  private interval = FIRST_INTERVAL;
  private time = 0;
  private recorded = false;

  private constructor(run: Run, workgroup: number) {
    const { kernel, dispatch } = run;
    const { program } = kernel.observed;
    this.run = run;
    this.workgroup = workgroup;
    this.memories = run.memoriesBefore(workgroup);
    this.recorder = new Recorder(program, this.memories, workgroup);
    const order = dispatch.order ?? { kind: 'round-robin' };
    const budget = dispatch.statementBudget ?? DEFAULT_BUDGET;
    this.runner = new Runner(
      program,
      this.memories,
      dispatch.workgroups,
      order,
      budget,
      this.recorder,
      this.recorder,
    );
    this.writtenMemories = [
      0,
      ...program.bindings.flatMap((b, i) => (b.access === 'read_write' ? [i + 1] : [])),
    ];
    this.runner.begin(workgroup);
    this.checkpoints.push(save(this.runner, 0, this.writtenMemories));
  }

  /** Opens workgroup `workgroup` (x fastest) of a run, whose state before it is computed first. The timeline is
   * usable at once, and grows with `record`. */
  static open(run: Run, workgroup: number): Timeline {
    if (!Number.isInteger(workgroup) || workgroup < 0 || workgroup >= run.workgroups) {
      throw new RangeError(`workgroup ${workgroup} is outside of the dispatch's ${run.workgroups}`);
    }
    return new Timeline(run, workgroup);
  }

  /** Records up to `steps` more steps; true when the workgroup is finished. Moves the position to the end of
   * what is recorded. */
  record(steps: number): boolean {
    if (this.recorded) return true;
    if (this.time !== this.recorder.steps) this.seek(this.recorder.steps);
    let left = steps;
    this.runner.machine.observer = this.recorder;
    while (left > 0 && !this.recorded) {
      const until = this.interval - (this.recorder.steps % this.interval);
      const { progress, steps: ran } = this.runner.advance(Math.min(left, until));
      left -= ran;
      if (progress === 'runaway') this.recorder.mark('runaway');
      if (progress !== 'more') this.recorded = true;
      else if (this.recorder.steps % this.interval === 0) this.checkpoint();
    }
    this.runner.machine.observer = undefined;
    this.time = this.recorder.steps;
    return this.recorded;
  }

  /** Records to the end and goes back to the start. */
  finish(): this {
    while (!this.record(1 << 16));
    this.seek(0);
    return this;
  }

  private checkpoint(): void {
    const c = save(this.runner, this.recorder.steps, this.writtenMemories);
    this.checkpoints.push(c);
    if (this.checkpoints.length * bytesOfCheckpoint(c) < CHECKPOINT_BYTES) return;
    this.interval *= 2;
    this.checkpoints = this.checkpoints.filter((x) => x.step % this.interval === 0);
  }

  /** Steps recorded so far; the end of the time axis once `complete`. */
  get length(): number {
    return this.recorder.steps;
  }
  get complete(): boolean {
    return this.recorded;
  }
  /** Time now: how many steps have been executed. */
  get position(): number {
    return this.time;
  }
  /** Steps as columns. Views of the recording: copy before transferring. */
  get steps(): StepColumns {
    return this.recorder.columns;
  }
  /** Barriers, findings and NaN stores on the time axis, ascending. */
  get marks(): readonly Mark[] {
    return this.recorder.marks;
  }
  /** Findings of this workgroup by itself. */
  get findings(): readonly Finding[] {
    return this.recorder.checker.findings.list;
  }
  /** True when there were more accesses than a recording keeps. */
  get truncated(): boolean {
    return this.recorder.truncated;
  }

  /** Goes to a time, clamped to [0, length]. */
  seek(time: number): void {
    const target = Math.max(0, Math.min(this.length, Math.floor(time)));
    const near = this.checkpoints.findLast((c) => c.step <= target);
    if (near && (target < this.time || near.step > this.time)) {
      restore(this.runner, near);
      this.time = near.step;
    }
    if (target > this.time) this.replay(target - this.time);
    this.time = target;
  }

  /** Runs again from the start up to time `until`, calling `hook` before every instruction while `goOn` says
   * so. The position is where it was afterwards. */
  again(until: number, hook: (pc: number) => void, goOn: () => boolean): void {
    const home = this.time;
    this.seek(0);
    this.runner.hook = hook;
    while (this.time < until && goOn()) {
      const steps = Math.min(1024, until - this.time);
      this.replay(steps);
      this.time += steps;
    }
    this.runner.hook = undefined;
    this.seek(0);
    this.seek(home);
  }

  private replay(steps: number): void {
    const m = this.runner.machine;
    m.observer = undefined;
    this.quiet(() => {
      let left = steps;
      while (left > 0) {
        const { steps: ran } = this.runner.advance(left);
        if (ran === 0) break;
        left -= ran;
      }
    });
  }

  /** Runs `f` without telling the recorder of what was told before. */
  quiet<T>(f: () => T): T {
    this.runner.mute(true);
    try {
      return f();
    } finally {
      this.runner.mute(false);
    }
  }

  /** Where every subgroup and lane stands now. */
  state(): TimelineState {
    return stateOf(this.runner, this.time);
  }

  /** The content of a memory now, as a copy. */
  memory(ref: MemoryRef): Uint8Array {
    return this.memories[ref.space === 'workgroup' ? 0 : ref.index + 1]?.content() ?? new Uint8Array();
  }

  /** Buffers that the kernel writes, now. */
  outputs(): BufferInput[] {
    return this.run.kernel.bindings.flatMap((b, index) =>
      b.access === 'read_write'
        ? [{ group: b.group, binding: b.binding, bytes: this.memory({ space: 'binding', index }) }]
        : [],
    );
  }

  /** Memory accesses of a step. */
  accesses(step: number): AccessColumns {
    const [from, to] = this.recorder.range(step);
    return this.recorder.accesses(from, to);
  }

  /** Every access of this kind to a byte of a memory, with its step: who reads an input cell, how often. */
  touching(
    ref: MemoryRef,
    byte: number,
    mode: 'read' | 'write' | 'atomic',
  ): { readonly steps: Int32Array; readonly accesses: AccessColumns } {
    const { rows, steps } = this.recorder.touching(ref.space === 'workgroup' ? 0 : ref.index + 1, byte, mode);
    return { steps: Int32Array.from(steps), accesses: this.recorder.rows(rows) };
  }
}
