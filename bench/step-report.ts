// What `npm run step` says of a run: counters and findings of every pass, and the outputs against their reference.

import type { Verdict } from '../src/kernels/verify.ts';
import { type Counters, type Finding, flopsPerByte, type LineCounters } from '../src/stepper/index.ts';

/** One pass as it is printed. */
export interface PassReport {
  readonly entry: string;
  readonly workgroups: readonly number[];
  readonly subgroupSize: number;
  readonly laneStatements: number;
  readonly guardedReads: number;
  readonly totals: Counters;
  readonly lines: readonly LineCounters[];
  readonly findings: readonly Finding[];
}

export interface StepReport {
  readonly kernel: string;
  readonly passes: readonly PassReport[];
  /** Compiling, running and checking. */
  readonly milliseconds: number;
  /** Of all passes together. */
  readonly totals: Counters;
  readonly verdicts: Readonly<Record<string, Verdict>>;
}

const whole = (x: number): string => Math.round(x).toLocaleString('en');
const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;

function printCounters(t: Counters): void {
  console.log(`  lanes active       ${percent(t.laneEfficiency)}`);
  console.log(`  buffer reads       ${whole(t.bytesRead)} bytes`);
  console.log(`  buffer writes      ${whole(t.bytesWritten)} bytes`);
  console.log(`  32-byte sectors    ${whole(t.sectors)} (ideal ${whole(t.idealSectors)})`);
  console.log(
    `  workgroup memory   ${whole(t.sharedBytes)} bytes, ${whole(t.bankPasses)} bank passes for ${whole(t.sharedAccesses)} groups of lanes served together`,
  );
  console.log(
    `  arithmetic         ${whole(t.flops)} float, ${whole(t.intOps)} integer, ${flopsPerByte(t).toFixed(2)} FLOP a byte asked for`,
  );
}

/** `lines`: the counters of every source line, too. */
export function printReport(report: StepReport, lines: boolean): void {
  console.log(`${report.kernel}`);
  for (const p of report.passes) {
    console.log(
      `\n${p.entry}: ${p.workgroups.join('×')} workgroups, simulated subgroups of ${p.subgroupSize}, ` +
        `${whole(p.laneStatements)} lane-statements`,
    );
    printCounters(p.totals);
    if (p.guardedReads > 0)
      console.log(`  guarded reads      ${whole(p.guardedReads)} out of bounds, discarded by select`);
    if (lines) {
      console.table(
        p.lines.map((l) => ({
          line: l.line,
          hits: l.hits,
          lanes: percent(l.laneEfficiency),
          read: l.bytesRead,
          written: l.bytesWritten,
          sectors: l.sectors,
          ideal: l.idealSectors,
          passes: l.bankPasses,
          groups: l.sharedAccesses,
          flops: l.flops,
        })),
      );
    }
    for (const f of p.findings)
      console.log(`  ✗ ${f.message}${f.count > 1 ? ` (${whole(f.count)} times)` : ''}`);
    if (p.findings.length === 0) console.log('  ✓ no findings');
  }
  if (report.passes.length > 1) {
    console.log(`\nall ${report.passes.length} passes`);
    printCounters(report.totals);
  }
  console.log(`checked in ${whole(report.milliseconds)} ms`);
  for (const [name, v] of Object.entries(report.verdicts)) {
    const worst = v.worst ? ` worst at cell ${v.worst.index}: ${v.worst.got} for ${v.worst.want}` : '';
    console.log(
      `${v.verified ? '✓' : '✗'} ${name}: ${v.cells} cells against the reference.${v.verified ? '' : worst}`,
    );
  }
}
