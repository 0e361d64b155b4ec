// Every row of the shape in view, with what was measured and checked. Versions that did not run stand by name, with why.

import type { ResultRow, Timing } from '../../measure/schema.ts';
import { isMeasured, type Measured, ours, rowKey, rowName } from '../../views/facts.ts';
import { exact, figure, percent, spoken, times } from '../../views/format.ts';
import { ratioText } from '../../views/ratios.tsx';
import { pages } from '../page.ts';
import { CopyButton, InTurn, Panel, TableFrame, Term, tipOn } from '../ui/index.ts';
import { chosenKey, here, previewKey, source } from './here.ts';
import { exactText } from './ladder-panel.tsx';
import { tableMarkdown } from './markdown.ts';
import { verdictOf } from './verdicts.ts';
import { marks, stepLink } from './view.ts';

/** Columns that only some runs fill. */
interface Columns {
  readonly accuracy: boolean;
  readonly cold: boolean;
  readonly tuned: boolean;
}

function AgainstCell({ row, baseline }: { readonly row: Measured; readonly baseline: Measured | null }) {
  if (!baseline) return <td>–</td>;
  if (row === baseline) return <td>1×</td>;
  const verdict = verdictOf(row, baseline);
  if (!verdict) return <td>{times(baseline.medianMs / row.medianMs)}</td>;
  const same = verdict.verdict === 'no difference';
  const quiet = same || verdict.verdict === 'unranked';
  return (
    <td
      class={quiet ? 'quiet-text' : ''}
      {...tipOn(`${ratioText(verdict)}: ratio of the medians and its 95 % interval`)}
    >
      {same ? 'no difference' : times(verdict.ratio)}
    </td>
  );
}

function Figures({
  row,
  columns,
  baseline,
}: {
  readonly row: Measured;
  readonly columns: Columns;
  readonly baseline: Measured | null;
}) {
  return (
    <>
      <td {...tipOn(exactText(row))}>
        {figure(row.medianMs)}{' '}
        <span class="pm">
          {figure(row.p10Ms)}–{figure(row.p90Ms)}
        </span>
      </td>
      <td>{figure(row.gflops)}</td>
      <td>{figure(row.gbps)}</td>
      <td>{row.fractionOfCeiling === null ? '–' : percent(row.fractionOfCeiling)}</td>
      <td>{row.bound ?? '–'}</td>
      <td
        {...tipOn(
          row.maxError === null ? undefined : `${exact(row.maxError)} of ${exact(row.tolerance)} allowed`,
        )}
      >
        {row.maxError === null ? '–' : figure(row.maxError)}
      </td>
      {columns.accuracy && <td>{row.accuracy === null ? '–' : figure(row.accuracy)}</td>}
      <AgainstCell row={row} baseline={baseline} />
      {columns.cold && <ColdCell timing={row.cold} why={row.coldWhy} />}
      {columns.tuned && <TunedCell row={row} />}
    </>
  );
}

function ColdCell({ timing, why }: { readonly timing: Timing | null; readonly why: string | undefined }) {
  if (!timing) return <td {...tipOn(why)}>–</td>;
  const { medianMs, p10Ms, p90Ms, n, gbps, fractionOfCeiling } = timing;
  const all = `${exact(medianMs)} ms (p10 ${exact(p10Ms)}, p90 ${exact(p90Ms)}, n = ${n}), ${exact(gbps)} GB/s`;
  return (
    <td {...tipOn(all)}>
      {figure(medianMs)} ms{fractionOfCeiling !== null && ` · ${percent(fractionOfCeiling)}`}
    </td>
  );
}

function TunedCell({ row: { tuned } }: { readonly row: Measured }) {
  if (!tuned) return <td>–</td>;
  const params = Object.entries(tuned.params).map(([name, value]) => `${name} ${value}`);
  return (
    <td {...tipOn(params.join(', '))}>{tuned.overDefault === null ? 'stored' : times(tuned.overDefault)}</td>
  );
}

function Row({
  row,
  columns,
  baseline,
}: {
  readonly row: ResultRow;
  readonly columns: Columns;
  readonly baseline: Measured | null;
}) {
  const key = rowKey(row);
  const span = 7 + Number(columns.accuracy) + Number(columns.cold) + Number(columns.tuned);
  const state = key === chosenKey.value ? 'chosen' : key === previewKey.value ? 'previewed' : '';
  const name = rowName(row);
  return (
    <tr
      class={state}
      onPointerEnter={() => marks.preview(row)}
      onPointerLeave={() => marks.preview(null)}
      data-row={name}
    >
      <th scope="row">
        <a class="row-name" href={marks.link(row)} aria-current={state === 'chosen' ? 'true' : undefined}>
          {spoken(name)}
        </a>
      </th>
      {isMeasured(row) ? (
        <Figures row={row} columns={columns} baseline={baseline} />
      ) : (
        <td class="left quiet-text why" colSpan={span}>
          {row.why ?? 'no figure'}
        </td>
      )}
      <td>
        {row.peer === ours && (
          <span class="row-links">
            {pages.has('step') && (
              <a
                class="button small"
                href={stepLink(row.op, row.version, row.dtype)}
                aria-label={`Step through ${spoken(name)}`}
              >
                Step
              </a>
            )}
            <a class="button small" href={marks.link(row)} aria-label={`Source of ${spoken(name)}`}>
              Source
            </a>
          </span>
        )}
      </td>
    </tr>
  );
}

export function TablePanel() {
  const { ladder, op, dtype, shape } = here.value;
  if (ladder.rows.length === 0) return null;
  const measured = ladder.rows.filter(isMeasured);
  const columns: Columns = {
    accuracy: measured.some((row) => row.accuracy !== null),
    cold: measured.some((row) => row.cold !== null),
    tuned: measured.some((row) => row.tuned !== null),
  };
  const from = source.value;
  return (
    <InTurn>
      <Panel
        flush
        class="table-panel"
        title={`${op} ${dtype} at ${shape}`}
        actions={
          from?.run && (
            <CopyButton
              class="small"
              label="Copy as Markdown"
              what="the table as Markdown"
              text={() => tableMarkdown(ladder.rows, from.run?.file)}
            />
          )
        }
      >
        <TableFrame label={`Results of ${op} ${dtype} at ${shape}`}>
          <thead>
            <tr>
              <th scope="col">Version</th>
              <th scope="col">
                ms <span class="pm">p10–p90</span>
              </th>
              <th scope="col">GFLOP/s</th>
              <th scope="col">GB/s</th>
              <th scope="col">
                of <Term of="ceiling">ceiling</Term>
              </th>
              <th scope="col">
                <Term of="bound">bound</Term>
              </th>
              <th scope="col">
                <Term of="max error">max error</Term>
              </th>
              {columns.accuracy && (
                <th scope="col">
                  <Term of="accuracy">accuracy</Term>
                </th>
              )}
              <th scope="col">vs {ladder.baseline ? spoken(ladder.baseline.version) : 'first'}</th>
              {columns.cold && (
                <th scope="col">
                  <Term of="cold">cold</Term>
                </th>
              )}
              {columns.tuned && (
                <th scope="col">
                  <Term of="tuned">tuned</Term>
                </th>
              )}
              <th scope="col">
                <span class="offscreen">Open</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {ladder.rows.map((row) => (
              <Row key={rowKey(row)} row={row} columns={columns} baseline={ladder.baseline} />
            ))}
          </tbody>
        </TableFrame>
      </Panel>
    </InTurn>
  );
}
