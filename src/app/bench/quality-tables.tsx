// The tables of the Quality tab: a way of storing a row, and a task a row.

import { perplexity, type QualityRow, type Share, totalBytes } from '../../measure/quality.ts';
import { storedAs } from '../../measure/stored.ts';
import { bytes, figure, percent } from '../../views/format.ts';
import { type Column, DataTable } from '../ui/index.ts';
import { above, within } from './quality-words.ts';

const rate = (of: QualityRow['decode']): string => (of ? figure(of.tokensPerSecond) : '–');

const fromF32 = (
  head: string,
  of: (divergence: NonNullable<QualityRow['fromF32']>) => number,
): Column<QualityRow> => ({ head, cell: (r) => (r.fromF32 ? figure(of(r.fromF32)) : '–') });

const waysColumns = (window: number): readonly Column<QualityRow>[] => [
  { head: 'stored', always: true, cell: storedAs },
  { head: 'weights', cell: (r) => bytes(r.weightBytes) },
  { head: 'KV a token', cell: (r) => bytes(r.kvBytesPerToken) },
  { head: `with ${window} tokens`, cell: (r) => bytes(totalBytes(r, window)) },
  { head: 'perplexity', cell: (r) => <b>{perplexity(r)?.toFixed(4)}</b> },
  { head: 'over f32', cell: above },
  { head: '95 %', td: () => ({ class: 'pm' }), cell: within },
  {
    head: 'same first choice',
    cell: (r) => (r.agreement === null ? '–' : `${(100 * r.agreement).toFixed(2)} %`),
  },
  fromF32('logit error, RMS', (d) => d.logitRms),
  fromF32('largest', (d) => d.logitMax),
  fromF32('KL, nats', (d) => d.klMean),
  fromF32('KL, 99th percentile', (d) => d.klP99),
  { head: 'prefill tokens/s', cell: (r) => rate(r.prefill) },
  { head: 'decode tokens/s', cell: (r) => rate(r.decode) },
];

export const WaysTable = ({
  of,
  window,
}: {
  readonly of: readonly QualityRow[];
  readonly window: number;
}) => (
  <DataTable
    label="Ways of storing the model"
    columns={waysColumns(window)}
    rows={of}
    keyOf={storedAs}
    why={(r) => r.why}
  />
);

const share = (of: Share | undefined): string =>
  of ? `${percent(of.right / of.asked)} of ${of.asked}` : '–';

/** Where the lengths of a task's row begin: `recall ≤ 128`, `recall 129–512`, `recall > 512`; a whole task stands before them. */
const bandOf = (kind: string): number => (kind.includes('≤') ? 0 : Number(/\d+/.exec(kind)?.[0] ?? -1));
const taskOf = (kind: string): string => kind.split(' ')[0] ?? kind;
const byTask = (a: string, b: string): number => {
  const [x, y] = [taskOf(a), taskOf(b)];
  return x < y ? -1 : x > y ? 1 : bandOf(a) - bandOf(b);
};

export function TasksTable({ of }: { readonly of: readonly QualityRow[] }) {
  const scored = of.filter((r) => r.why === null);
  const kinds = Object.keys(scored[0]?.scores ?? {}).sort(byTask);
  return (
    <DataTable
      label="Answers that are right, by task"
      columns={[
        { head: 'task', cell: (kind: string) => kind },
        ...scored.map((r) => ({ head: storedAs(r), cell: (kind: string) => share(r.scores[kind]) })),
      ]}
      rows={kinds}
      keyOf={(kind) => kind}
    />
  );
}
