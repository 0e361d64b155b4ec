// What the commands print from reports: the race between libraries, and frames and long tasks of a page.

import { describe, expect, it, vi } from 'vitest';
import { frameTable, moveTable, offloadLines } from '../../../bench/offload-report.ts';
import { exitCode, kernelsExitCode } from '../../../bench/outcome.ts';
import { leaders, peersMarkdown, peerTable, raceSummary } from '../../../bench/peers-report.ts';
import { ceilingLines } from '../../../bench/report.ts';
import {
  armOf,
  busyMachine,
  frameStats,
  type OffloadReport,
  offloadSchema,
  offloadVersion,
} from '../../../src/measure/offload.ts';
import { compareTurns } from '../../../src/measure/rank.ts';
import { device, file, row } from '../views-rows.ts';

describe('a race between libraries', () => {
  const rows = [
    row({ version: '04_tile', ms: 2 }),
    row({ version: '01_naive', ms: 9 }),
    row({ version: '1.2 matMul', peer: 'other', ms: 5 }),
    row({ version: '3.4 MatMul', peer: 'another', ms: 4 }),
    row({
      version: '3.4 MatMulInteger',
      peer: 'another',
      verified: false,
      medianMs: null,
      why: 'it ran on the CPU',
    }),
  ];

  it('puts the fastest of ours against the fastest peer', () => {
    expect(leaders(rows)).toMatchObject({ ours: { version: '04_tile' }, peer: { peer: 'another' } });
    expect(raceSummary(rows)).toMatch(/^Ours \(04_tile\) is 2\.00× as fast as the best peer, another/);
  });

  it('says when it is no race', () => {
    expect(raceSummary(rows.filter((r) => r.peer === 'lockstep'))).toContain('No pair');
    const tie = [row({ version: 'a', ms: 4 }), row({ version: 'b', peer: 'other', ms: 4 })];
    expect(raceSummary(tie)).toContain('No difference');
    const few = rows.map((r) => ({ ...r, samplesMs: r.samplesMs.slice(0, 4) }));
    expect(raceSummary(few)).toMatch(/^Too few turns to rank ours/);
    expect(peerTable(few).rows[1]?.at(-1)).toBe('too few turns');
  });

  it('lists the fastest first and the reason of what has no figure last', () => {
    const table = peerTable(rows);
    expect(table.rows.map(([name]) => name)).toEqual([
      'lockstep 04_tile',
      'another 3.4 MatMul',
      'other 1.2 matMul',
      'lockstep 01_naive',
      'another 3.4 MatMulInteger',
    ]);
    expect(table.rows.at(-1)?.[1]).toBe('it ran on the CPU');
  });

  it('writes both tables into Markdown', () => {
    const text = peersMarkdown({ ...file(rows), calls: rows });
    expect(text).toContain('**Kernel against kernel**');
    expect(text).toContain('**Call against call**');
  });
});

describe('the exit code', () => {
  it('follows what became of the rows, not how it is told', () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const wordy = row({ version: 'a', status: 'refused', why: 'refused: the last one failed verification' });
    const good = row({ version: '01' });
    expect(kernelsExitCode([good, wordy], { invalid: [] })).toBe(0);
    const wrong = row({ version: '01', status: 'unverified', why: 'cells differ' });
    expect(kernelsExitCode([good, wrong], { invalid: [] })).toBe(1);
    expect(said).toHaveBeenLastCalledWith('FAILED matmul 01 512 f32: cells differ');
    expect(kernelsExitCode([good], { invalid: [], lost: true })).toBe(1);
    expect(kernelsExitCode([], { invalid: [] })).toBe(1);
    expect(said).toHaveBeenLastCalledWith('FAILED: nothing was measured.');
    said.mockRestore();
  });

  it('is the same rule for every command: something was measured, and nothing speaks against it', () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const refused = row({ version: 'a', status: 'refused', why: 'refused: no room' });
    expect(kernelsExitCode([refused], { invalid: [] })).toBe(1);
    expect(said).toHaveBeenLastCalledWith('FAILED: nothing was measured.');
    expect(exitCode({ measured: 0, invalid: [] })).toBe(1);
    expect(exitCode({ measured: 3, invalid: ['the clock drifted'] })).toBe(1);
    expect(exitCode({ measured: 3, invalid: [] })).toBe(0);
    said.mockRestore();
  });
});

describe('the lines of ceilings', () => {
  it('say why one is missing', () => {
    const { ceilings } = file([]);
    const lines = ceilingLines({ ceilings, missingCeilings: { f16: 'unsupported', dispatch: 'noise' } });
    expect(lines).toContain('f16: this device cannot run it');
    expect(lines).toContain('dispatch: too noisy to be measured');
    // files from before do not say
    expect(ceilingLines({ ceilings })).toContain('f16: not measured');
  });
});

describe('samples taken in turns', () => {
  it('are told apart where drift hides it from samples compared as a whole', () => {
    const drift = Array.from({ length: 15 }, (_, i) => 1 + (i % 5));
    const a = drift.map((d, i) => d * (1 + 0.001 * (i % 3)));
    const b = drift.map((d) => d * 1.1);
    expect(compareTurns(a, b)).toMatchObject({ verdict: 'faster' });
    expect(compareTurns(a, a).verdict).toBe('no difference');
    expect(compareTurns(a.slice(0, 2), b.slice(0, 2)).verdict).toBe('unranked');
  });
});

describe('frames of a page', () => {
  it('counts what the display would have shown', () => {
    const idle = frameStats([16.7, 16.6, 16.7, 16.7], []);
    expect(idle).toMatchObject({ frames: 4, dropped: 0, longTasks: 0, longestTaskMs: 0 });
    // 50 ms is three intervals: two frames were not shown; 17 ms is one
    const busy = frameStats([16.7, 50.1, 17, 16.7], [52, 64], idle.medianMs);
    expect(busy).toMatchObject({ dropped: 2, longestMs: 50.1, longTasks: 2, longestTaskMs: 64 });
  });

  it('tells a machine that is busy with something else', () => {
    expect(busyMachine(frameStats([16.7, 16.7], []))).toBeNull();
    expect(busyMachine(frameStats([16.7, 16.7, 16.7, 83], []))).toContain('dropped 4 of 8 frames');
    expect(busyMachine(frameStats([16.7, 16.7], [60]))).not.toBeNull();
  });

  it('is empty without frames', () => {
    expect(frameStats([], [])).toMatchObject({ frames: 0, dropped: 0, longestMs: 0 });
  });
});

describe('the offload report', () => {
  const work = { side: 256, steps: 10, dispatches: 5 };
  const frames = frameStats([16.7, 16.7], []);
  const rounds = (ms: number) =>
    Array.from({ length: 4 }, () => ({ prepareMs: ms / 2, driveMs: ms / 4, checkMs: ms / 4 }));
  const spread = { median: 1, p10: 1, p90: 1, n: 9 };
  const cost = { roundTripMs: spread, heldMs: spread };
  const report: OffloadReport = {
    schema: offloadSchema,
    version: offloadVersion,
    date: '2026-01-02T03:04:05.000Z',
    commit: null,
    command: 'a test',
    device,
    work,
    idle: frames,
    main: armOf(work, frames, rounds(100)),
    worker: armOf(work, frames, rounds(50)),
    call: { idle: spread, busy: spread },
    moves: [{ bytes: 1024, copy: cost, transfer: cost }],
    invalid: [],
  };

  it('derives the rate from whole rounds', () => {
    expect(report.main.dispatchesPerSecond).toBe(500);
    expect(report.worker.dispatchesPerSecond).toBe(1000);
  });

  it('prints every arm and every size', () => {
    expect(frameTable(report).rows.map(([name]) => name)).toEqual(['nothing runs', 'the page', 'the worker']);
    expect(moveTable(report).rows[0]?.[0]).toBe('1 KiB');
    expect(offloadLines(report)[1]).toContain('2.00');
  });
});
