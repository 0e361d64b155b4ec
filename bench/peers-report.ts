// The two tables of a race between libraries, and the sentence that says who won.

import { compareTurns } from '../src/measure/rank.ts';
import { cpuAdapter, deviceLine, type ResultFile, type ResultRow } from '../src/measure/schema.ts';
import { ceilingLines, digits, groupRows, markdownTable, type Table, verdict } from './report.ts';

interface Timed extends ResultRow {
  readonly medianMs: number;
}
const isTimed = (row: ResultRow): row is Timed => row.verified && row.medianMs !== null;

const fastest = (rows: readonly ResultRow[]): Timed | undefined =>
  rows.filter(isTimed).sort((a, b) => a.medianMs - b.medianMs)[0];

/** The fastest of ours and the fastest peer, where there are both. */
export function leaders(rows: readonly ResultRow[]): { ours: Timed; peer: Timed } | null {
  const ours = fastest(rows.filter((r) => r.peer === 'lockstep'));
  const peer = fastest(rows.filter((r) => r.peer !== 'lockstep'));
  return ours && peer ? { ours, peer } : null;
}

/** Rows of one (op, shape), fastest first, with the ratio to our fastest. */
export function peerTable(rows: readonly ResultRow[]): Table {
  const ours = fastest(rows.filter((r) => r.peer === 'lockstep'));
  const timed = rows.filter(isTimed).sort((a, b) => a.medianMs - b.medianMs);
  const others = rows.filter((r) => !isTimed(r));
  return {
    head: ['', 'ms', 'p10–p90', 'n', 'GFLOP/s', 'of ceiling', 'max error', 'accuracy', 'our fastest is'],
    rows: [
      ...timed.map((r) => [
        `${r.peer} ${r.version}`,
        digits(r.medianMs),
        `${digits(r.p10Ms)}–${digits(r.p90Ms)}`,
        String(r.n),
        digits(r.gflops),
        r.fractionOfCeiling === null ? '–' : `${(100 * r.fractionOfCeiling).toFixed(0)} % ${r.ceiling ?? ''}`,
        digits(r.maxError),
        digits(r.accuracy),
        r === ours || !ours ? '–' : verdict(compareTurns(ours.samplesMs, r.samplesMs)),
      ]),
      ...others.map((r) => [`${r.peer} ${r.version}`, r.why ?? 'not measured']),
    ],
  };
}

/** `Ours (08_…) is 2.31× as fast as the best peer, jax (95 % interval 2.29–2.34).` */
export function raceSummary(rows: readonly ResultRow[]): string {
  const both = leaders(rows);
  if (!both) return 'No pair of ours and a peer could be measured.';
  const { ours, peer } = both;
  const c = compareTurns(ours.samplesMs, peer.samplesMs);
  if (c.verdict === 'unranked')
    return `Too few turns to rank ours (${ours.version}) and the best peer, ${peer.peer} (ratio ${digits(c.ratio)}).`;
  const interval = `95 % interval ${digits(c.low)}–${digits(c.high)}`;
  return c.verdict === 'no difference'
    ? `No difference between ours (${ours.version}) and the best peer, ${peer.peer} (ratio ${digits(c.ratio)}, ${interval}).`
    : `Ours (${ours.version}) is ${digits(c.ratio)}× as fast as the best peer, ${peer.peer} (${interval}).`;
}

/** What the two tables cover. */
export const covers: readonly string[] = [
  'Kernel against kernel: the dispatches of one call, recorded from the library as it encodes them, replayed in one compute pass and timed exactly like ours. Uploads, encoding and submits are not in it.',
  'Call against call: from the call to the end of the GPU’s work (`onSubmittedWorkDone`), encoding and submit included, inputs and output on the device, no readback; ours encodes one pass and submits it.',
  'GroupQueryAttention and PagedAttention append the K and V of the token itself in their call; ours find them appended (rope_kv_append is an op of its own).',
  'MatMulNBits with int8 activations gets floats and quantizes them in its call; our int8 products get them quantized (quantize_rows is an op of its own).',
];

export function peersMarkdown(file: ResultFile): string {
  const parts = [
    `**${deviceLine(file.device)}** · ${file.date.slice(0, 10)}${file.commit ? ` · ${file.commit.slice(0, 9)}` : ''} · \`${file.command}\``,
    ...(file.device.fallback
      ? [`**${cpuAdapter(file.device)} runs on the CPU: none of these is a figure of a GPU.**`]
      : []),
    ...file.invalid.map((why) => `**Invalid: ${why}.**`),
    [...ceilingLines(file), ...covers].map((line) => `- ${line}`).join('\n'),
  ];
  const calls = groupRows(file.calls ?? []);
  for (const [key, rows] of groupRows(file.results)) {
    parts.push(`### ${key}`, '**Kernel against kernel**', markdownTable(peerTable(rows)), raceSummary(rows));
    const called = calls.get(key);
    if (called) parts.push('**Call against call**', markdownTable(peerTable(called)), raceSummary(called));
  }
  return `${parts.join('\n\n')}\n`;
}
