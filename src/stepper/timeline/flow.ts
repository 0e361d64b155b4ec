// Provenance: which loads fed a cell. The workgroup is run again up to the cell's last write with every
// instruction noted, then walked backwards from the write through registers and memory. Data flow only
// (with the indices of loads, so that a block table counts); conditions are not followed.

import { err, type Failure, failure, ok, type Result } from '../../core/result.ts';
import type { MemoryRef } from '../api.ts';
import type { OpInfo } from '../compile/emitter.ts';
import type { Program } from '../compile/program.ts';
import type { Machine } from '../machine/machine.ts';
import type { AccessColumns, Provenance } from '../recording.ts';
import { bytes, ints, words } from './columns.ts';
import type { Timeline } from './timeline.ts';

/** Instructions that one walk keeps. */
const MOST_INSTRUCTIONS = 6_000_000;

/** Every instruction executed: which, by whom, at which addresses. */
class Trace {
  readonly pc = ints();
  readonly subgroup = bytes();
  readonly low = words();
  readonly high = words();
  readonly step = ints();
  /** First row of `address` for the instruction. */
  readonly first = ints();
  readonly address = ints();
  private steps = 0;
  private readonly infos: readonly OpInfo[];
  private readonly statements: ReadonlySet<number>;

  constructor(program: Program) {
    this.infos = program.infos;
    this.statements = new Set(program.statementAt.values());
  }

  /** Called before the instruction at `pc` runs. */
  note(m: Machine, pc: number): void {
    if (this.statements.has(pc)) {
      if (m.left > 0) this.steps++;
      return;
    }
    const info = this.infos[pc];
    if (!info || (info.d.length === 0 && !info.touch)) return;
    let low = 0;
    let high = 0;
    for (let j = 0; j < m.n; j++) {
      const l = m.L[j] as number;
      if (l < 32) low |= 1 << l;
      else high |= 1 << (l - 32);
    }
    this.pc.push(pc);
    this.subgroup.push(m.current.index);
    this.low.push(low);
    this.high.push(high);
    this.step.push(this.steps - 1);
    this.first.push(this.address.length);
    const { touch } = info;
    if (!touch || touch.address === undefined) return;
    for (let j = 0; j < m.n; j++)
      this.address.push(m.I[m.off + touch.address + (m.L[j] as number)] as number);
  }
}

/** What is still looked for, walking backwards. */
class Wanted {
  readonly registers: Uint8Array;
  readonly cells: readonly Uint8Array[];
  readonly shift: number;
  count = 0;

  constructor(registers: number, memories: readonly { readonly size: number }[], shift: number) {
    this.registers = new Uint8Array(registers);
    this.cells = memories.map((m) => new Uint8Array((m.size >> shift) + 2));
    this.shift = shift;
  }

  want(at: number): void {
    if (this.registers[at] === 0) {
      this.registers[at] = 1;
      this.count++;
    }
  }

  /** Whether a register was wanted; it no longer is. */
  take(at: number): boolean {
    if (this.registers[at] === 0) return false;
    this.registers[at] = 0;
    this.count--;
    return true;
  }

  wantCell(memory: number, byte: number): void {
    const cells = this.cells[memory];
    if (cells?.[byte >> this.shift] !== 0) return;
    cells[byte >> this.shift] = 1;
    this.count++;
  }

  takeCell(memory: number, byte: number): boolean {
    const cells = this.cells[memory];
    if (cells?.[byte >> this.shift] !== 1) return false;
    cells[byte >> this.shift] = 0;
    this.count--;
    return true;
  }
}

interface Load {
  readonly memory: number;
  readonly byte: number;
  readonly lane: number;
  readonly step: number;
  readonly site: number;
}

/** Walks a trace backwards, collecting the loads that what is wanted depends on. */
class Walk {
  readonly loads: Load[] = [];
  private readonly trace: Trace;
  private readonly program: Program;
  private readonly machine: Machine;
  private readonly wanted: Wanted;

  constructor(trace: Trace, program: Program, machine: Machine, wanted: Wanted) {
    this.trace = trace;
    this.program = program;
    this.machine = machine;
    this.wanted = wanted;
  }

  run(): void {
    const { trace } = this;
    for (let k = trace.pc.length - 1; k >= 0 && this.wanted.count > 0; k--) {
      const info = this.program.infos[trace.pc.at(k)];
      if (!info) continue;
      const base = this.machine.subgroups[trace.subgroup.at(k)]?.base ?? 0;
      let row = trace.first.at(k);
      const lanes: number[] = [];
      for (let l = 0; l < this.machine.width; l++) {
        const word = l < 32 ? trace.low.at(k) : trace.high.at(k);
        if ((word & (1 << (l & 31))) !== 0) lanes.push(l);
      }
      if (info.cross) this.cross(info, base, lanes);
      else if (!info.touch) for (const l of lanes) this.plain(info, base + l);
      else {
        // later lanes overwrite earlier ones, so they are asked first
        const first = row;
        for (let j = lanes.length - 1; j >= 0; j--) {
          row = first + j;
          const address = info.touch.address === undefined ? 0 : trace.address.at(row);
          this.touch(info, base, lanes[j] as number, address, k);
        }
      }
    }
  }

  private plain(info: OpInfo, at: number): void {
    const { wanted } = this;
    if (info.each) {
      info.d.forEach((d, i) => {
        if (wanted.take(at + d)) wanted.want(at + (info.s[i] as number));
      });
      return;
    }
    let any = false;
    for (const d of info.d) any = wanted.take(at + d) || any;
    if (any) for (const s of info.s) wanted.want(at + s);
  }

  /** Subgroup operations: any lane's result may come from any lane. */
  private cross(info: OpInfo, base: number, lanes: readonly number[]): void {
    let any = false;
    for (const l of lanes) for (const d of info.d) any = this.wanted.take(base + l + d) || any;
    if (any) for (const l of lanes) for (const s of info.s) this.wanted.want(base + l + s);
  }

  private touch(info: OpInfo, base: number, lane: number, address: number, k: number): void {
    const { wanted } = this;
    const { touch } = info;
    if (!touch) return;
    const at = base + lane;
    if (touch.kind === 'registers') {
      const places = (touch.mode === 'read' ? info.d : info.s.slice(0, -1)).map(
        (_, i) => at + touch.base + (address + i) * this.machine.width,
      );
      places.forEach((place, i) => {
        if (touch.mode === 'read' ? wanted.take(at + (info.d[i] as number)) : wanted.take(place)) {
          wanted.want(touch.mode === 'read' ? place : at + (info.s[i] as number));
          wanted.want(at + touch.address);
        }
      });
      return;
    }
    touch.bytes.forEach((offset, i) => {
      const byte = address + offset;
      if (touch.mode === 'write') {
        if (!wanted.takeCell(touch.memory, byte)) return;
        wanted.want(at + (info.s[i] as number));
        return;
      }
      const result = info.d.some((d, n) => (touch.mode === 'atomic' || n === i) && wanted.take(at + d));
      const cell = touch.mode === 'atomic' && wanted.takeCell(touch.memory, byte);
      if (!result && !cell) return;
      this.loads.push({
        memory: touch.memory,
        byte,
        lane: this.trace.subgroup.at(k) * this.machine.width + lane,
        step: this.trace.step.at(k),
        site: touch.site,
      });
      if (this.changes(touch.memory)) wanted.wantCell(touch.memory, byte);
      // an atomic's new value comes from its operand; a load's from where its index points
      for (const s of info.s) wanted.want(at + s);
    });
  }

  private changes(memory: number): boolean {
    return memory === 0 || this.program.bindings[memory - 1]?.access === 'read_write';
  }
}

function columns(loads: readonly Load[], program: Program): AccessColumns {
  return {
    memory: Uint8Array.from(loads, (x) => x.memory),
    mode: new Uint8Array(loads.length),
    lane: Uint16Array.from(loads, (x) => x.lane),
    byte: Int32Array.from(loads, (x) => x.byte),
    bytes: Uint16Array.from(loads, () => (program.halves ? 2 : 4)),
    start: Int32Array.from(loads, (x) => program.sites[x.site]?.span.start ?? 0),
    end: Int32Array.from(loads, (x) => program.sites[x.site]?.span.end ?? 0),
  };
}

interface Write {
  readonly step: number;
  readonly lane: number;
}

/** The writes of a cell, one a step: the one that lasts. */
function writesOf(timeline: Timeline, ref: MemoryRef, byte: number): Write[] {
  const last = new Map<number, Write>();
  for (const mode of ['atomic', 'write'] as const) {
    const { steps, accesses } = timeline.touching(ref, byte, mode);
    for (const [i, step] of steps.entries()) last.set(step, { step, lane: accesses.lane[i] ?? 0 });
  }
  return [...last.values()].sort((a, b) => a.step - b.step);
}

/** Every load that feeds the cell at `byte` of a memory, as it stands at `time`; of a cell that is not written by
 * then, the loads that will feed it. Loads of uniform buffers are left out. The timeline keeps its position. */
export function provenance(
  timeline: Timeline,
  ref: MemoryRef,
  byte: number,
  time = timeline.length,
): Result<Provenance, Failure> {
  const { program } = timeline.runner;
  const writes = writesOf(timeline, ref, byte);
  const at = Math.max(
    0,
    writes.findLastIndex((w) => w.step < time),
  );
  const write = writes[at];
  if (!write)
    return ok({ loads: columns([], program), steps: new Int32Array(), holds: [0, timeline.length] });
  const { step, lane } = write;
  const holds = [at === 0 ? 0 : step + 1, writes[at + 1]?.step ?? timeline.length] as const;
  const trace = new Trace(program);
  const machine = timeline.runner.machine;
  timeline.again(
    step + 1,
    (pc) => trace.note(machine, pc),
    () => trace.pc.length < MOST_INSTRUCTIONS,
  );
  if (trace.pc.length >= MOST_INSTRUCTIONS) {
    return err(
      failure(
        'too-long',
        `This workgroup runs more than ${MOST_INSTRUCTIONS} instructions.`,
        'Use a smaller shape to see where a value came from.',
      ),
    );
  }
  const wanted = new Wanted(machine.I.length, machine.mem, program.halves ? 1 : 2);
  wanted.wantCell(ref.space === 'workgroup' ? 0 : ref.index + 1, byte & ~(program.halves ? 1 : 3));
  const walk = new Walk(trace, program, machine, wanted);
  walk.run();
  const loads = walk.loads
    .filter((x) => x.memory === 0 || program.bindings[x.memory - 1]?.space === 'storage')
    .reverse();
  return ok({
    writtenAt: { step, lane },
    holds,
    loads: columns(loads, program),
    steps: Int32Array.from(loads, (x) => x.step),
  });
}
