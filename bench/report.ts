// Result rows as tables: on the terminal and in Markdown.

import { type Comparison, compareTurns } from '../src/measure/rank.ts';
import {
  ceilingNames,
  cpuAdapter,
  deviceLine,
  gapText,
  type ResultFile,
  type ResultRow,
} from '../src/measure/schema.ts';

/** Three significant digits; whole from a thousand on. */
export function digits(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString('en');
  if (size < 1e-3) return value.toExponential(1);
  return value.toPrecision(3);
}

const percent = (fraction: number | null): string =>
  fraction === null ? '–' : `${(100 * fraction).toFixed(0)} %`;

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Rows of one (op, shape, dtype), with the ratio to the first measured version. */
export function kernelTable(rows: readonly ResultRow[]): Table {
  const base = rows.find((r) => r.medianMs !== null);
  return {
    head: [
      'version',
      'ms',
      'p10–p90',
      'GFLOP/s',
      'GB/s',
      'of ceiling',
      'bound',
      'max error',
      'accuracy',
      `vs ${base?.version ?? 'first'}`,
      'cold ms',
      'tuned',
    ],
    rows: rows.map((r) => {
      if (r.medianMs === null) return [r.version, r.why ?? 'not measured'];
      const ratio = base ? compareTurns(r.samplesMs, base.samplesMs) : null;
      return [
        r.peer === 'lockstep' ? r.version : `${r.peer} ${r.version}`,
        digits(r.medianMs),
        `${digits(r.p10Ms)}–${digits(r.p90Ms)}`,
        digits(r.gflops),
        digits(r.gbps),
        `${percent(r.fractionOfCeiling)}${r.ceiling ? ` ${r.ceiling}` : ''}`,
        r.bound ?? '–',
        digits(r.maxError),
        digits(r.accuracy),
        r === base || !ratio ? '1' : verdict(ratio),
        r.cold ? `${digits(r.cold.medianMs)} (${percent(r.cold.fractionOfCeiling)})` : '–',
        r.tuned ? `${r.tuned.overDefault === null ? 'stored' : `${r.tuned.overDefault.toFixed(2)}×`}` : '–',
      ];
    }),
  };
}

/** `3.10×`, or "no difference", or that nothing can be told. */
export function verdict(c: Comparison): string {
  if (c.verdict === 'unranked') return 'too few turns';
  return c.verdict === 'no difference' ? 'no difference' : `${c.ratio.toPrecision(3)}×`;
}

/** Groups rows that are compared with each other. */
export function groupRows(rows: readonly ResultRow[]): Map<string, ResultRow[]> {
  const groups = new Map<string, ResultRow[]>();
  for (const row of rows) {
    const key = `${row.op} ${row.shape} ${row.dtype}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return groups;
}

/** A line a ceiling: what was measured, or why it was not. */
export function ceilingLines({
  ceilings,
  missingCeilings = {},
}: Pick<ResultFile, 'ceilings' | 'missingCeilings'>): string[] {
  return ceilingNames.map((name) => {
    const c = ceilings[name];
    return c
      ? `${name}: ${digits(c.value)} ${c.unit} (p10–p90 ${digits(c.p10)}–${digits(c.p90)}, n ${c.n}; ${c.how})`
      : `${name}: ${gapText(missingCeilings[name])}`;
  });
}

export function plainTable(table: Table): string {
  const all = [table.head, ...table.rows];
  const full = table.rows.filter((r) => r.length === table.head.length);
  const widths = table.head.map((h, i) =>
    Math.max(
      h.length,
      ...full.map((r) => r[i]?.length ?? 0),
      i === 0 ? Math.max(...all.map((r) => r[0]?.length ?? 0)) : 0,
    ),
  );
  return all
    .map((row) =>
      row
        .map((cell, i) =>
          row.length < table.head.length && i > 0
            ? cell
            : i === 0
              ? cell.padEnd(widths[i] ?? 0)
              : cell.padStart(widths[i] ?? 0),
        )
        .join('  '),
    )
    .join('\n');
}

export function markdownTable(table: Table): string {
  const line = (cells: readonly string[]): string =>
    `| ${table.head.map((_, i) => cells[i] ?? '').join(' | ')} |`;
  return [
    line(table.head),
    `|${table.head.map((_, i) => (i === 0 ? ' --- ' : ' ---: ')).join('|')}|`,
    ...table.rows.map(line),
  ].join('\n');
}

/** The whole file as Markdown: device, ceilings, a table a group, what makes it invalid. */
export function markdown(file: ResultFile): string {
  const parts = [
    `**${deviceLine(file.device)}** · ${file.date.slice(0, 10)}${file.commit ? ` · ${file.commit.slice(0, 9)}` : ''} · \`${file.command}\``,
    ...(file.device.fallback
      ? [`**${cpuAdapter(file.device)} runs on the CPU: none of these is a figure of a GPU.**`]
      : []),
    ...file.invalid.map((why) => `**Invalid: ${why}.**`),
    ceilingLines(file)
      .map((l) => `- ${l}`)
      .join('\n'),
  ];
  for (const [key, rows] of groupRows(file.results))
    parts.push(`### ${key}\n\n${markdownTable(kernelTable(rows))}`);
  return `${parts.join('\n\n')}\n`;
}
