// The report of `bench -- offload` as tables.

import { type Arm, type FrameStats, type OffloadReport, roundMs } from '../src/measure/offload.ts';
import { compare } from '../src/measure/rank.ts';
import { deviceLine } from '../src/measure/schema.ts';
import { digits, markdownTable, plainTable, type Table, verdict } from './report.ts';

function frameLine(name: string, f: FrameStats, arm?: Arm): string[] {
  return [
    name,
    digits(f.medianMs),
    digits(f.p99Ms),
    digits(f.longestMs),
    `${f.dropped} of ${f.frames + f.dropped}`,
    f.longTasks > 0 ? digits(f.longestTaskMs) : 'none over 50',
    arm ? digits(arm.dispatchesPerSecond) : '–',
  ];
}

export function frameTable({ idle, main, worker }: OffloadReport): Table {
  return {
    head: ['driven from', 'frame ms', 'p99', 'longest', 'dropped', 'longest task ms', 'dispatches/s'],
    rows: [
      frameLine('nothing runs', idle),
      frameLine('the page', main.frames, main),
      frameLine('the worker', worker.frames, worker),
    ],
  };
}

export function moveTable({ moves }: OffloadReport): Table {
  return {
    head: [
      'bytes',
      'copy, round trip ms',
      'page held ms',
      'transfer, round trip ms',
      'page held ms',
      'copy / transfer',
    ],
    rows: moves.map(({ bytes, copy, transfer }) => [
      bytes >= 2 ** 20 ? `${bytes / 2 ** 20} MiB` : `${bytes / 2 ** 10} KiB`,
      digits(copy.roundTripMs.median),
      digits(copy.heldMs.median),
      digits(transfer.roundTripMs.median),
      digits(transfer.heldMs.median),
      transfer.roundTripMs.median > 0
        ? `${digits(copy.roundTripMs.median / transfer.roundTripMs.median)}×`
        : '–',
    ]),
  };
}

/** Sentences that read the tables. */
export function offloadLines(report: OffloadReport): string[] {
  const { main, worker, call, work } = report;
  const speed = compare(worker.rounds.map(roundMs), main.rounds.map(roundMs));
  return [
    `A round: inputs and reference of a ${work.side}³ product, ${work.steps} submits of ${work.dispatches} dispatches, each waited for, readback and check; ${main.rounds.length} rounds a thread, in turns.`,
    speed.verdict === 'no difference'
      ? `No difference in throughput: a round takes as long from either thread (ratio ${digits(speed.ratio)}, ${digits(speed.low)}–${digits(speed.high)}).`
      : `A round from the worker is ${verdict(speed)} as fast as from the page (95 % interval ${digits(speed.low)}–${digits(speed.high)}).`,
    `A call: ${digits(call.idle.median)} ms (p10–p90 ${digits(call.idle.p10)}–${digits(call.idle.p90)}, n ${call.idle.n}); while the worker drives the GPU ${digits(call.busy.median)} ms (p90 ${digits(call.busy.p90)}, n ${call.busy.n}).`,
  ];
}

export function offloadText(report: OffloadReport): string {
  return [
    deviceLine(report.device),
    plainTable(frameTable(report)),
    offloadLines(report).join('\n'),
    plainTable(moveTable(report)),
    ...report.invalid.map((why) => `INVALID: ${why}`),
  ].join('\n\n');
}

export function offloadMarkdown(report: OffloadReport): string {
  return `${[
    `**${deviceLine(report.device)}** · ${report.date.slice(0, 10)}${report.commit ? ` · ${report.commit.slice(0, 9)}` : ''} · \`${report.command}\``,
    ...report.invalid.map((why) => `**Invalid: ${why}.**`),
    markdownTable(frameTable(report)),
    offloadLines(report)
      .map((line) => `- ${line}`)
      .join('\n'),
    markdownTable(moveTable(report)),
  ].join('\n\n')}\n`;
}
