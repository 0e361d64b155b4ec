// Code and registers of one function: instructions with what they read and write, temporaries that live for
// one statement, values that live for a block.

import type { AccessMode, Op } from '../machine/machine.ts';
import type { Label } from '../machine/ops-control.ts';

/** Where an instruction goes by a computed address, for data flow. */
export type Touch =
  | {
      readonly kind: 'memory';
      readonly memory: number;
      readonly address: number | undefined;
      /** Byte past the address, for each register of d (loads) or s (stores). */
      readonly bytes: readonly number[];
      readonly mode: AccessMode;
      readonly site: number;
    }
  | {
      readonly kind: 'registers';
      readonly base: number;
      readonly address: number;
      readonly mode: 'read' | 'write';
    };

/** What an instruction reads and writes, one entry a register. With `each`, d[i] depends on s[i] alone. */
export interface OpInfo {
  readonly d: readonly number[];
  readonly s: readonly number[];
  readonly each?: boolean;
  /** A lane's result may come from other lanes. */
  readonly cross?: boolean;
  readonly touch?: Touch;
}

const NOTHING: OpInfo = { d: [], s: [] };

/** Registers of the whole program, handed out once; constants are registers that never change. */
export class Registers {
  readonly width: number;
  private next = 0;
  private readonly constants = new Map<number, number>();
  private readonly rows = new Map<string, { readonly base: number; readonly bits: readonly number[] }>();

  /** Registers begin at slot `first`; those below are used by the caller. */
  constructor(width: number, first = 0) {
    this.width = width;
    this.next = first;
  }

  get slots(): number {
    return this.next;
  }

  /** `count` slots in a row; the first one's register. */
  block(count: number): number {
    const at = this.next * this.width;
    this.next += count;
    return at;
  }

  /** The register that holds these 32 bits in every lane. */
  constant(bits: number): number {
    const known = this.constants.get(bits | 0);
    if (known !== undefined) return known;
    const at = this.block(1);
    this.constants.set(bits | 0, at);
    return at;
  }

  /** Registers in a row that hold these words in every lane. */
  row(bits: readonly number[]): readonly number[] {
    const key = bits.join();
    const known = this.rows.get(key);
    const base = known?.base ?? this.block(bits.length);
    if (!known) this.rows.set(key, { base, bits });
    return bits.map((_, i) => base + i * this.width);
  }

  constantImage(): readonly (readonly [number, number])[] {
    const rows = [...this.rows.values()].flatMap(({ base, bits }) =>
      bits.map((x, i) => [base + i * this.width, x] as const),
    );
    return [...[...this.constants].map(([bits, register]) => [register, bits] as const), ...rows];
  }
}

export class Emitter {
  readonly ops: Op[] = [];
  readonly infos: OpInfo[] = [];
  private readonly labels: Label[] = [];
  private readonly free: number[] = [];
  private temporaries: number[] = [];
  private readonly registers: Registers;

  constructor(registers: Registers) {
    this.registers = registers;
  }

  emit(op: Op, info: OpInfo = NOTHING): void {
    this.ops.push(op);
    this.infos.push(info);
  }

  /** Marks here as the label's place (relative to this function until `link`). */
  place(label: Label): void {
    label.pc = this.ops.length;
    this.labels.push(label);
  }

  placeAt(label: Label, pc: number): void {
    label.pc = pc;
    this.labels.push(label);
  }

  /** Moves the labels to where the function lies in the program. */
  link(base: number): void {
    for (const label of this.labels) label.pc += base;
  }

  /** A temporary register of this statement. */
  temporary(): number {
    const r = this.free.pop() ?? this.registers.block(1);
    this.temporaries.push(r);
    return r;
  }

  temporariesOf(count: number): number[] {
    const out: number[] = [];
    for (let i = 0; i < count; i++) out.push(this.temporary());
    return out;
  }

  /** The temporaries of the statements since `begin`; they outlive it when given to `keep`. */
  begin(): number[] {
    const outer = this.temporaries;
    this.temporaries = [];
    return outer;
  }

  /** Ends what `begin` began: all its temporaries but the kept ones are free again. */
  end(outer: number[], keep: readonly number[] = []): void {
    for (const r of this.temporaries) {
      if (keep.includes(r)) outer.push(r);
      else this.free.push(r);
    }
    this.temporaries = outer;
  }
}
