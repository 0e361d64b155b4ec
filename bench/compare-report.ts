// Compared result files as text: a column a file, the ratio with its interval, and what is in one file only.

import {
  type ComparedCell,
  type ComparedFiles,
  compareFiles,
  type NamedFile,
} from '../src/measure/compare.ts';
import { digits, markdownTable, plainTable, type Table } from './report.ts';

/** `2.31× (2.29–2.34)`, or "no difference". */
function ratioText(cell: ComparedCell): string {
  if (cell.kind === 'none') return '';
  if (!cell.against) return '–';
  const { ratio, low, high, verdict } = cell.against;
  const interval = verdict === 'unranked' ? '(too few samples to rank)' : `(${digits(low)}–${digits(high)})`;
  return verdict === 'no difference' ? `no difference ${interval}` : `${digits(ratio)}× ${interval}`;
}

export function compareTable(files: readonly NamedFile[], { rows }: ComparedFiles): Table {
  const others = files.slice(1);
  return {
    head: ['row', `${files[0]?.name ?? ''} ms`, ...others.flatMap(({ name }) => [`${name} ms`, 'speed'])],
    rows: rows.map(({ name, cells }) => [
      name,
      ...cells.flatMap((cell, i) => {
        const time = cell.kind === 'time' ? digits(cell.medianMs) : cell.why;
        return i === 0 ? [time] : [time, ratioText(cell)];
      }),
    ]),
  };
}

const meaning =
  'Speed: the first file’s time over this one’s, above 1× this one is faster, with its 95 % interval (Hodges–Lehmann, ' +
  'Mann–Whitney). The interval holds the spread within each run; what changed between the runs (temperature, clocks) is not in ' +
  'it: a difference is one between these runs. To compare versions, measure them in one run, where they take turns.';

/** The whole comparison; `markdown` or plain text. */
export function compareText(files: readonly NamedFile[], form: 'plain' | 'markdown'): string {
  const compared = compareFiles(files);
  const table = compareTable(files, compared);
  const bullet = form === 'markdown' ? '- ' : '  ';
  return [
    ...(compared.rows.length > 0
      ? [form === 'markdown' ? markdownTable(table) : plainTable(table), meaning]
      : ['These files share no row.']),
    ...(compared.notes.length > 0 ? [`Note:\n${compared.notes.map((n) => `${bullet}${n}`).join('\n')}`] : []),
    ...compared.only.map(
      ({ file, rows }) => `Only in ${file}:\n${rows.map((name) => `${bullet}${name}`).join('\n')}`,
    ),
  ].join('\n\n');
}
