// What is wrong with a run, each kind at each pair of places once, with the first case in detail and a count.

import type { Finding, MemoryRef, Site } from '../api.ts';
import type { Program } from '../compile/program.ts';
import type { AccessMode } from '../machine/machine.ts';

export class Findings {
  private readonly byKey = new Map<
    string,
    { readonly finding: Finding; readonly index: number; count: number }
  >();
  private readonly program: Program;

  constructor(program: Program) {
    this.program = program;
  }

  get list(): readonly Finding[] {
    return [...this.byKey.values()].map(({ finding, count }) => ({ ...finding, count }));
  }

  site(site: number, access: AccessMode, lane: number, workgroup: number): Site {
    const info = this.program.sites[site];
    if (!info) throw new RangeError(`site ${site} does not exist`);
    return { span: info.span, access, lane, workgroup };
  }

  /** Counts a repeat of `key`, or adds what `make` makes. Its index in `list`. */
  private note(key: string, make: () => Finding): number {
    const known = this.byKey.get(key);
    if (known) {
      known.count++;
      return known.index;
    }
    const index = this.byKey.size;
    this.byKey.set(key, { finding: make(), index, count: 1 });
    return index;
  }

  private memoryName(memory: number, byteOffset: number): string {
    if (memory > 0) return this.program.bindings[memory - 1]?.name ?? `binding ${memory - 1}`;
    const owner = this.program.workgroupVars.find(
      (v) => byteOffset >= v.offset && byteOffset < v.offset + v.bytes,
    );
    return owner?.name ?? 'workgroup memory';
  }

  race(memory: number, byteOffset: number, first: Site, second: Site, before: number, after: number): number {
    const [a, b] = [first.span.start, second.span.start].sort((x, y) => x - y);
    const ref: MemoryRef = memory === 0 ? { space: 'workgroup' } : { space: 'binding', index: memory - 1 };
    const same = first.workgroup === second.workgroup;
    return this.note(`race:${memory}:${a}:${b}:${same}`, () => ({
      kind: 'race',
      memory: ref,
      byteOffset,
      first,
      second,
      before,
      after,
      count: 1,
      message:
        `Race on ${this.memoryName(memory, byteOffset)} at byte ${byteOffset}: ` +
        `${described(first, !same)} and ${described(second, !same)}, with no barrier between them` +
        `${second.access === 'write' && first.access === 'write' && before === after ? ' (both write the same value)' : ''}.`,
    }));
  }

  outOfBounds(site: Site, index: number, length: number): number {
    return this.note(`oob:${site.span.start}`, () => ({
      kind: 'out-of-bounds',
      site,
      index,
      length,
      count: 1,
      message: `Index ${index} of ${length} elements on line ${site.span.line}, lane ${site.lane} of workgroup ${site.workgroup}: clamped to ${length - 1}.`,
    }));
  }

  uninitialized(site: Site, byteOffset: number): number {
    const variable = this.memoryName(0, byteOffset);
    return this.note(`uninit:${site.span.start}`, () => ({
      kind: 'uninitialized-read',
      site,
      byteOffset,
      variable,
      count: 1,
      message: `${variable} is read on line ${site.span.line} before anything was written to byte ${byteOffset} (lane ${site.lane}, workgroup ${site.workgroup}).`,
    }));
  }

  divergentBarrier(site: number, workgroup: number, arrived: number, expected: number): number {
    const span = this.site(site, 'read', 0, workgroup).span;
    return this.note(`barrier:${span.start}`, () => ({
      kind: 'divergent-barrier',
      span,
      workgroup,
      arrived,
      expected,
      count: 1,
      message: `The barrier on line ${span.line} is reached by ${arrived} of ${expected} invocations of workgroup ${workgroup}.`,
    }));
  }

  runaway(statement: number, workgroup: number, statements: number): number {
    const span = this.program.statements[statement]?.span ?? { start: 0, end: 0, line: 1, column: 1 };
    return this.note('runaway', () => ({
      kind: 'runaway',
      span,
      workgroup,
      statements,
      count: 1,
      message: `Workgroup ${workgroup} was stopped on line ${span.line} after ${statements} statements of one subgroup: its loop may not end.`,
    }));
  }
}

const described = (s: Site, withWorkgroup: boolean): string =>
  `${s.access === 'read' ? 'a read' : s.access === 'write' ? 'a write' : 'an atomic'} on line ${s.span.line} by lane ${s.lane}` +
  `${withWorkgroup ? ` of workgroup ${s.workgroup}` : ''}`;
