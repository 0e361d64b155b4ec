// Every row of the shape in view, with what was measured and checked. Versions that did not run stand by name, with why.

import type { ComponentChildren } from 'preact';
import type { ResultRow } from '../../measure/schema.ts';
import { isMeasured, type Measured, ours, rowKey, rowName } from '../../views/facts.ts';
import { exact, figure, percent, spoken, times } from '../../views/format.ts';
import { ratioText } from '../../views/ratios.tsx';
import { pages } from '../page.ts';
import { type Column, CopyButton, DataTable, InTurn, Panel, Term, tipOn } from '../ui/index.ts';
import { chosenKey, here, previewKey, source } from './here.ts';
import { exactText } from './ladder-panel.tsx';
import { tableMarkdown } from './markdown.ts';
import { verdictOf } from './verdicts.ts';
import { marks, stepLink } from './view.ts';

/** A column of measured rows alone. */
const measured = (
  head: Column<ResultRow>['head'],
  cell: (row: Measured) => ComponentChildren,
  tip: (row: Measured) => string | null | undefined = () => null,
): Column<ResultRow> => ({
  head,
  cell: (row) => isMeasured(row) && cell(row),
  td: (row) => (isMeasured(row) ? tipOn(tip(row) ?? undefined) : {}),
});

function against(baseline: Measured | null): Column<ResultRow> {
  const verdict = (row: ResultRow) =>
    baseline && isMeasured(row) && row !== baseline ? verdictOf(row, baseline) : undefined;
  return {
    head: `vs ${baseline ? spoken(baseline.version) : 'first'}`,
    cell: (row) => {
      if (!baseline || !isMeasured(row)) return '–';
      if (row === baseline) return '1×';
      const found = verdict(row);
      if (!found) return times(baseline.medianMs / row.medianMs);
      return found.verdict === 'no difference' ? 'no difference' : times(found.ratio);
    },
    td: (row) => {
      const found = verdict(row);
      if (!found) return {};
      const quiet = found.verdict === 'no difference' || found.verdict === 'unranked';
      return {
        class: quiet ? 'quiet-text' : '',
        ...tipOn(`${ratioText(found)}: ratio of the medians and its 95 % interval`),
      };
    },
  };
}

const cold = measured(
  <Term of="cold">cold</Term>,
  ({ cold: timing }) =>
    timing
      ? `${figure(timing.medianMs)} ms${timing.fractionOfCeiling === null ? '' : ` · ${percent(timing.fractionOfCeiling)}`}`
      : '–',
  ({ cold: timing, coldWhy }) =>
    timing
      ? `${exact(timing.medianMs)} ms (p10 ${exact(timing.p10Ms)}, p90 ${exact(timing.p90Ms)}, n = ${timing.n}), ${exact(timing.gbps)} GB/s`
      : coldWhy,
);

const tuned = measured(
  <Term of="tuned">tuned</Term>,
  ({ tuned: winner }) => (!winner ? '–' : winner.overDefault === null ? 'stored' : times(winner.overDefault)),
  ({ tuned: winner }) =>
    winner &&
    Object.entries(winner.params)
      .map(([name, value]) => `${name} ${value}`)
      .join(', '),
);

const accuracy = measured(<Term of="accuracy">accuracy</Term>, (row) =>
  row.accuracy === null ? '–' : figure(row.accuracy),
);

function Links({ row }: { readonly row: ResultRow }) {
  if (row.peer !== ours) return null;
  const name = spoken(rowName(row));
  return (
    <span class="row-links">
      {pages.has('step') && (
        <a
          class="button small"
          href={stepLink(row.op, row.version, row.dtype)}
          aria-label={`Step through ${name}`}
        >
          Step
        </a>
      )}
      <a class="button small" href={marks.link(row)} aria-label={`Source of ${name}`}>
        Source
      </a>
    </span>
  );
}

/** Accuracy, cold and tuned are there where a row has one. */
function columnsOf(rows: readonly ResultRow[], baseline: Measured | null): readonly Column<ResultRow>[] {
  const some = (has: (row: Measured) => unknown): boolean =>
    rows.filter(isMeasured).some((row) => has(row) !== null);
  return [
    {
      head: 'Version',
      always: true,
      cell: (row) => (
        <a
          class="row-name"
          href={marks.link(row)}
          aria-current={rowKey(row) === chosenKey.value ? 'true' : undefined}
        >
          {spoken(rowName(row))}
        </a>
      ),
    },
    measured(
      <>
        ms <span class="pm">p10–p90</span>
      </>,
      (row) => (
        <>
          {figure(row.medianMs)}{' '}
          <span class="pm">
            {figure(row.p10Ms)}–{figure(row.p90Ms)}
          </span>
        </>
      ),
      exactText,
    ),
    measured('GFLOP/s', (row) => figure(row.gflops)),
    measured('GB/s', (row) => figure(row.gbps)),
    measured(
      <>
        of <Term of="ceiling">ceiling</Term>
      </>,
      (row) => (row.fractionOfCeiling === null ? '–' : percent(row.fractionOfCeiling)),
    ),
    measured(<Term of="bound">bound</Term>, (row) => row.bound ?? '–'),
    measured(
      <Term of="max error">max error</Term>,
      (row) => (row.maxError === null ? '–' : figure(row.maxError)),
      (row) => (row.maxError === null ? null : `${exact(row.maxError)} of ${exact(row.tolerance)} allowed`),
    ),
    ...(some((row) => row.accuracy) ? [accuracy] : []),
    against(baseline),
    ...(some((row) => row.cold) ? [cold] : []),
    ...(some((row) => row.tuned) ? [tuned] : []),
    { head: <span class="offscreen">Open</span>, always: true, cell: (row) => <Links row={row} /> },
  ];
}

const stateOf = (row: ResultRow): string => {
  const key = rowKey(row);
  return key === chosenKey.value ? 'chosen' : key === previewKey.value ? 'previewed' : '';
};

export function TablePanel() {
  const { ladder, op, dtype, shape } = here.value;
  if (ladder.rows.length === 0) return null;
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
        <DataTable
          label={`Results of ${op} ${dtype} at ${shape}`}
          columns={columnsOf(ladder.rows, ladder.baseline)}
          rows={ladder.rows}
          keyOf={rowKey}
          why={(row) => (isMeasured(row) ? null : (row.why ?? 'no figure'))}
          whyClass="left quiet-text why"
          tr={(row) => ({
            class: stateOf(row),
            onPointerEnter: () => marks.preview(row),
            onPointerLeave: () => marks.preview(null),
            'data-row': rowName(row),
          })}
        />
      </Panel>
    </InTurn>
  );
}
