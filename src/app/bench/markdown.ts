// A run's rows as a Markdown table, with the device, the date and the command above it. Pure.

import { deviceLine, type ResultFile, type ResultRow } from '../../measure/schema.ts';
import { isMeasured, rowName } from '../../views/facts.ts';
import { figure, percent } from '../../views/format.ts';

const header = ['version', 'shape', 'ms (p10–p90)', 'GFLOP/s', 'GB/s', 'of ceiling', 'bound', 'max error'];

function cells(row: ResultRow): readonly string[] {
  const name = `${row.op} ${rowName(row)} ${row.dtype}`;
  if (!isMeasured(row)) return [name, row.shape, row.why ?? 'no figure', '', '', '', '', ''];
  return [
    name,
    row.shape,
    `${figure(row.medianMs)} (${figure(row.p10Ms)}–${figure(row.p90Ms)})`,
    figure(row.gflops),
    figure(row.gbps),
    row.fractionOfCeiling === null ? '' : `${percent(row.fractionOfCeiling)} of ${row.ceiling ?? ''}`,
    row.bound ?? '',
    row.maxError === null ? '' : figure(row.maxError),
  ];
}

const line = (texts: readonly string[]): string =>
  `| ${texts.map((t) => t.replaceAll('|', '\\|')).join(' | ')} |`;

export function tableMarkdown(rows: readonly ResultRow[], file?: ResultFile): string {
  const about = file
    ? [
        `${deviceLine(file.device)}, ${file.date.slice(0, 10)}, \`${file.command}\``,
        ...file.invalid.map((why) => `**Not to be trusted: ${why}**`),
        '',
      ]
    : [];
  const rule = header.map((_, i) => (i < 2 ? '---' : '---:'));
  return [...about, line(header), line(rule), ...rows.map((row) => line(cells(row))), ''].join('\n');
}
