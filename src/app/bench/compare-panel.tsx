// Runs side by side: each row's time, and its ratio to the first run with the 95 % interval. Nothing is called
// faster inside the noise.

import { signal } from '@preact/signals';
import type { Comparison } from '../../measure/rank.ts';
import type { ResultRow } from '../../measure/schema.ts';
import { isMeasured, type Measured, rowKey, rowName } from '../../views/facts.ts';
import { figure, spoken } from '../../views/format.ts';
import { RatioMark, ratioText } from '../../views/ratios.tsx';
import { Panel, Segmented, TableFrame, Term } from '../ui/index.ts';
import { shortDevice } from './badge.tsx';
import { here } from './here.ts';
import { compared, runs as known, type Run } from './runs.ts';
import { verdictAcross } from './verdicts.ts';
import { bench } from './view.ts';

interface Line {
  readonly name: string;
  /** The row in each run, in the order of the runs. */
  readonly rows: readonly (ResultRow | undefined)[];
}

const scopes = ['shape', 'op'] as const;
const scope = signal<(typeof scopes)[number]>('shape');

/** Rows of the op (and shape) in view that at least two runs have. */
function linesOf(runs: readonly Run[], op: string, shape: string | null): readonly Line[] {
  const maps = runs.map(
    (run) =>
      new Map(
        run.file.results
          .filter((row) => row.op === op && (shape === null || row.shape === shape))
          .map((row) => [rowKey(row), row]),
      ),
  );
  const keys = new Set(maps.flatMap((map) => [...map.keys()]));
  return [...keys].flatMap((key) => {
    const rows = maps.map((map) => map.get(key));
    const [some] = rows.filter((row) => row !== undefined);
    if (!some || rows.filter((row) => row && isMeasured(row)).length < 2) return [];
    return [{ name: `${spoken(rowName(some))} · ${some.shape} ${some.dtype}`, rows }];
  });
}

const measuredOr = (row: ResultRow | undefined): Measured | null => (row && isMeasured(row) ? row : null);

function Cell({
  row,
  base,
  limit,
}: {
  readonly row: ResultRow | undefined;
  readonly base: Measured | null;
  readonly limit: number;
}) {
  const own = measuredOr(row);
  if (!own) return <td class="quiet-text">{row?.why ?? 'not in this run'}</td>;
  const comparison: Comparison | undefined = base && base !== own ? verdictAcross(own, base) : undefined;
  return (
    <td>
      <div class="ratio-cell">
        <span>{figure(own.medianMs)} ms</span>
        {comparison && (
          <>
            <RatioMark comparison={comparison} limit={limit} width={120} />
            <span class={`ratio-text ${comparison.verdict.replace(' ', '-')}`}>{ratioText(comparison)}</span>
          </>
        )}
      </div>
    </td>
  );
}

/** The power of two that holds every ratio of the table, so that all cells share one axis. */
function limitOf(lines: readonly Line[]): number {
  let most = 1.2;
  for (const { rows } of lines) {
    const [first, ...rest] = rows.map(measuredOr);
    for (const row of rest)
      if (first && row) most = Math.max(most, first.medianMs / row.medianMs, row.medianMs / first.medianMs);
  }
  return 2 ** Math.ceil(Math.log2(most));
}

/** Shown when at least two runs are ticked. */
export function ComparePanel() {
  const runs = compared.value.flatMap((id) => known.value.find((run) => run.id === id) ?? []);
  if (runs.length < 2) return null;
  const { op } = bench.view.value;
  const { shape } = here.value;
  const lines = linesOf(runs, op, scope.value === 'shape' ? shape : null);
  const limit = limitOf(lines);
  return (
    <Panel
      flush
      title={`${op}, side by side`}
      note={
        <>
          speed relative to the first run, <Term of="interval">95 % interval</Term>; above 1× is faster; axis
          1/{limit} to {limit}
        </>
      }
    >
      <div class="pad">
        <Segmented
          small
          label="Rows to compare"
          value={scope.value}
          options={[
            { value: 'shape', label: `at ${shape}` },
            { value: 'op', label: 'all shapes' },
          ]}
          onChange={(value) => {
            scope.value = value;
          }}
        />
      </div>
      {lines.length === 0 ? (
        <p class="empty pad">
          These runs share no measured row of {op}
          {scope.value === 'shape'
            ? ` at ${shape}: all shapes may have some.`
            : ': run the shapes of one on the other’s device.'}
        </p>
      ) : (
        <TableFrame label={`${op} in ${runs.length} runs`} class="compare">
          <thead>
            <tr>
              <th scope="col">Row</th>
              {runs.map((run, i) => (
                <th key={run.id} scope="col">
                  {shortDevice(run)}
                  <br />
                  <span class="pm">
                    {run.file.date.slice(0, 16).replace('T', ' ')}
                    {i === 0 ? ' · first' : ''}
                  </span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <tr key={line.name}>
                <th scope="row">{line.name}</th>
                {line.rows.map((row, i) => (
                  <Cell
                    key={runs[i]?.id}
                    row={row}
                    base={i === 0 ? null : measuredOr(line.rows[0])}
                    limit={limit}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </TableFrame>
      )}
    </Panel>
  );
}
