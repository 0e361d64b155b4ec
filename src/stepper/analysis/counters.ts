// Measures of memory traffic, per statement: bytes, 32-byte sectors, 128-byte lines, bank passes. A model of
// a GPU's memory, its rules stated here, not a measurement:
// - one access of a subgroup costs the distinct sectors (lines) that its active lanes touch;
// - workgroup memory has the banks that banks.ts describes: 32 lanes are served together, fewer when each asks for more
//   than a word, and each further distinct word in a bank costs them one more pass.

import type { Counters, LineCounters } from '../api.ts';
import type { Program } from '../compile/program.ts';
import type { Machine } from '../machine/machine.ts';
import { lanesTogether, WIDEST } from './banks.ts';

const COLUMNS = [
  'bytesRead',
  'bytesWritten',
  'sectors',
  'idealSectors',
  'lines',
  'sharedBytes',
  'sharedAccesses',
  'bankPasses',
] as const;
type Column = (typeof COLUMNS)[number];

export class TrafficCounters {
  readonly hits: Float64Array;
  readonly laneStatements: Float64Array;
  private readonly columns: Readonly<Record<Column, Float64Array>>;
  private readonly program: Program;
  private readonly sectorStamp: readonly Int32Array[];
  private readonly lineStamp: readonly Int32Array[];
  private readonly wordStamp: Int32Array;
  private readonly bankStamp = new Int32Array(32);
  private readonly bankCount = new Int32Array(32);
  private stamp = 0;

  constructor(program: Program, sizes: readonly number[]) {
    const n = program.statements.length;
    const column = (): Float64Array => new Float64Array(n);
    this.program = program;
    this.hits = column();
    this.laneStatements = column();
    this.columns = {
      bytesRead: column(),
      bytesWritten: column(),
      sectors: column(),
      idealSectors: column(),
      lines: column(),
      sharedBytes: column(),
      sharedAccesses: column(),
      bankPasses: column(),
    };
    this.sectorStamp = sizes.map((bytes, i) => new Int32Array(i === 0 ? 0 : (bytes >> 5) + 2));
    this.lineStamp = sizes.map((bytes, i) => new Int32Array(i === 0 ? 0 : (bytes >> 7) + 2));
    this.wordStamp = new Int32Array(((sizes[0] ?? 0) >> 2) + 2);
  }

  statement(m: Machine, statement: number): void {
    this.hits[statement] = (this.hits[statement] as number) + 1;
    this.laneStatements[statement] = (this.laneStatements[statement] as number) + m.n;
  }

  private add(column: Column, statement: number, x: number): void {
    const c = this.columns[column];
    c[statement] = (c[statement] as number) + x;
  }

  /** A subgroup's access to a bound buffer. */
  buffer(
    m: Machine,
    memory: number,
    address: number,
    offset: number,
    bytes: number,
    write: boolean,
    statement: number,
  ): void {
    const sectorStamp = this.sectorStamp[memory] as Int32Array;
    const lineStamp = this.lineStamp[memory] as Int32Array;
    const id = ++this.stamp;
    const { I, L, n } = m;
    const at = m.off + address;
    let sectors = 0;
    let lines = 0;
    for (let j = 0; j < n; j++) {
      const first = (I[at + (L[j] as number)] as number) + offset;
      const last = first + bytes - 1;
      for (let s = first >> 5; s <= last >> 5; s++) {
        if (sectorStamp[s] === id) continue;
        sectorStamp[s] = id;
        sectors++;
        if (lineStamp[s >> 2] !== id) {
          lineStamp[s >> 2] = id;
          lines++;
        }
      }
    }
    this.add(write ? 'bytesWritten' : 'bytesRead', statement, n * bytes);
    this.add('sectors', statement, sectors);
    // lanes that share a word need less than their bytes
    this.add('idealSectors', statement, Math.min(sectors, Math.ceil((n * bytes) / 32)));
    this.add('lines', statement, lines);
  }

  /** A subgroup's access to workgroup memory. */
  shared(m: Machine, address: number, offset: number, bytes: number, statement: number): void {
    const { I, L, n } = m;
    const at = m.off + address;
    let passes = 0;
    let accesses = 0;
    for (let part = 0; part < bytes; part += WIDEST) {
      const size = Math.min(WIDEST, bytes - part);
      const together = lanesTogether(size);
      for (let from = 0; from < n; ) {
        const end = (Math.floor((L[from] as number) / together) + 1) * together;
        const id = ++this.stamp;
        let worst = 0;
        for (; from < n && (L[from] as number) < end; from++) {
          const first = (I[at + (L[from] as number)] as number) + offset + part;
          for (let word = first >> 2; word <= (first + size - 1) >> 2; word++) {
            const count = this.countWord(word, id);
            if (count > worst) worst = count;
          }
        }
        passes += worst;
        accesses++;
      }
    }
    this.add('sharedBytes', statement, n * bytes);
    this.add('sharedAccesses', statement, accesses);
    this.add('bankPasses', statement, passes);
  }

  /** Distinct words asked of this word's bank under `id`, 0 when the word was asked for before. */
  private countWord(word: number, id: number): number {
    if (this.wordStamp[word] === id) return 0;
    this.wordStamp[word] = id;
    const bank = word & 31;
    const count = this.bankStamp[bank] === id ? (this.bankCount[bank] as number) + 1 : 1;
    this.bankStamp[bank] = id;
    this.bankCount[bank] = count;
    return count;
  }

  private sum(statements: readonly number[]): Counters {
    const total = (column: Float64Array): number => statements.reduce((t, s) => t + (column[s] as number), 0);
    const cost = (kind: 'flops' | 'intOps'): number =>
      statements.reduce(
        (t, s) => t + (this.laneStatements[s] as number) * (this.program.costs[s]?.[kind] ?? 0),
        0,
      );
    const hits = total(this.hits);
    const laneStatements = total(this.laneStatements);
    const [x, y, z] = this.program.workgroupSize;
    const lanes = Math.min(this.program.width, x * y * z);
    return {
      hits,
      laneStatements,
      laneEfficiency: hits === 0 ? 1 : laneStatements / (hits * lanes),
      bytesRead: total(this.columns.bytesRead),
      bytesWritten: total(this.columns.bytesWritten),
      sectors: total(this.columns.sectors),
      idealSectors: total(this.columns.idealSectors),
      lines: total(this.columns.lines),
      sharedBytes: total(this.columns.sharedBytes),
      sharedAccesses: total(this.columns.sharedAccesses),
      bankPasses: total(this.columns.bankPasses),
      flops: cost('flops'),
      intOps: cost('intOps'),
    };
  }

  totals(): Counters {
    return this.sum(this.program.statements.map((s) => s.id));
  }

  /** One entry for each source line on which a statement begins, ascending. */
  perLine(): LineCounters[] {
    const lines = new Map<number, number[]>();
    for (const s of this.program.statements) {
      if (this.hits[s.id] === 0 && !this.program.statementAt.has(s.id)) continue;
      const list = lines.get(s.span.line) ?? [];
      list.push(s.id);
      lines.set(s.span.line, list);
    }
    return [...lines].sort(([a], [b]) => a - b).map(([line, ids]) => ({ line, ...this.sum(ids) }));
  }
}

/** Counters of several runs together, the passes of one op for example. Their subgroups have one size. */
export function sumOf(list: readonly Counters[]): Counters {
  const total = (key: keyof Counters): number => list.reduce((t, c) => t + c[key], 0);
  const hits = total('hits');
  const efficient = list.reduce((t, c) => t + c.hits * c.laneEfficiency, 0);
  return {
    hits,
    laneStatements: total('laneStatements'),
    laneEfficiency: hits === 0 ? 1 : efficient / hits,
    bytesRead: total('bytesRead'),
    bytesWritten: total('bytesWritten'),
    sectors: total('sectors'),
    idealSectors: total('idealSectors'),
    lines: total('lines'),
    sharedBytes: total('sharedBytes'),
    sharedAccesses: total('sharedAccesses'),
    bankPasses: total('bankPasses'),
    flops: total('flops'),
    intOps: total('intOps'),
  };
}

/** Arithmetic intensity: FLOPs for each byte that lanes ask of storage buffers. */
export const flopsPerByte = (c: Counters): number => c.flops / Math.max(1, c.bytesRead + c.bytesWritten);
