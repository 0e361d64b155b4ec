// Who touched each cell last, and in which phase between barriers: enough to find every pair of conflicting
// accesses of one phase, and of two workgroups. A cell is 4 bytes, or 2 where f16 exists.

/** Lane and site of an access in one number: lanes take the low ten bits. */
export const packInfo = (lane: number, site: number): number => (site << 10) | lane;
export const laneOf = (info: number): number => info & 1023;
export const siteOf = (info: number): number => info >>> 10;

/** Phases are numbered through the whole run, so nothing is cleared between workgroups; 0 means never. */
export class Shadow {
  readonly shift: number;
  readonly writePhase: Int32Array;
  readonly writer: Int32Array;
  readonly readPhase: Int32Array;
  readonly reader: Int32Array;
  /** A second reader of the same phase, from another lane; 0 when there is none (stored plus one). */
  readonly second: Int32Array;
  /** A reader of an earlier workgroup (stored plus one). */
  readonly foreign: Int32Array;
  private readonly foreignPhase: Int32Array;
  /** What the conflict that `read` or `write` returned last was with, and its phase. */
  kind: 'read' | 'write' = 'write';
  phase = 0;

  constructor(bytes: number, shift: number) {
    const cells = Math.ceil(bytes / (1 << shift)) + 1;
    this.shift = shift;
    this.writePhase = new Int32Array(cells);
    this.writer = new Int32Array(cells);
    this.readPhase = new Int32Array(cells);
    this.reader = new Int32Array(cells);
    this.second = new Int32Array(cells);
    this.foreign = new Int32Array(cells);
    this.foreignPhase = new Int32Array(cells);
  }

  /** Notes a read; the packed info (plus one) of a conflicting write, or 0. */
  read(cell: number, info: number, phase: number, since: number, shared: boolean): number {
    const written = this.writePhase[cell] as number;
    if (this.readPhase[cell] !== phase) {
      const before = this.readPhase[cell] as number;
      if (before !== 0 && before < since) {
        this.foreign[cell] = (this.reader[cell] as number) + 1;
        this.foreignPhase[cell] = before;
      }
      this.readPhase[cell] = phase;
      this.reader[cell] = info;
      this.second[cell] = 0;
    } else if (((this.reader[cell] as number) & 1023) !== (info & 1023)) this.second[cell] = info + 1;
    if (written === 0) return 0;
    this.kind = 'write';
    this.phase = written;
    const other = this.writer[cell] as number;
    if (written === phase ? (other & 1023) !== (info & 1023) : written < since && !shared) return other + 1;
    return 0;
  }

  /** Notes a write; the packed info (plus one) of a conflicting access, or 0. */
  write(cell: number, info: number, phase: number, since: number, shared: boolean): number {
    const lane = info & 1023;
    let conflict = 0;
    this.kind = 'write';
    const written = this.writePhase[cell] as number;
    this.phase = written;
    if (written !== 0) {
      const other = this.writer[cell] as number;
      if (written === phase ? (other & 1023) !== lane : written < since && !shared) conflict = other + 1;
    }
    if (conflict === 0) conflict = this.readConflict(cell, lane, phase, since, shared);
    this.writePhase[cell] = phase;
    this.writer[cell] = info;
    return conflict;
  }

  private readConflict(cell: number, lane: number, phase: number, since: number, shared: boolean): number {
    const seen = this.readPhase[cell] as number;
    if (seen === 0) return 0;
    this.kind = 'read';
    this.phase = seen;
    if (seen === phase) {
      const first = this.reader[cell] as number;
      if ((first & 1023) !== lane) return first + 1;
      const second = this.second[cell] as number;
      if (second !== 0 && ((second - 1) & 1023) !== lane) return second;
    }
    if (shared) return 0;
    if (seen < since) return (this.reader[cell] as number) + 1;
    this.phase = this.foreignPhase[cell] as number;
    return this.foreign[cell] as number;
  }

  /** Marks a cell as written, without looking for conflicts (atomics). */
  touch(cell: number, info: number, phase: number): void {
    this.writePhase[cell] = phase;
    this.writer[cell] = info;
  }
}
