// The ladder of the shape in view, with the sentence that reads it and the exact figures of the row under the pointer.

import type { ComponentChildren } from 'preact';
import type { CeilingName, ResultRow } from '../../measure/schema.ts';
import {
  ceilingTitle,
  isMeasured,
  type Ladder,
  type Measured,
  metrics,
  metricUnit,
  rowName,
  tiedWithBest,
} from '../../views/facts.ts';
import { exact, percent, spoken, times } from '../../views/format.ts';
import { LadderChart } from '../../views/ladder.tsx';
import { ratioText } from '../../views/ratios.tsx';
import { InTurn, Panel, Segmented, Measured as Sized, Term } from '../ui/index.ts';
import { chosenKey, here, pending, previewKey, shapesInView, source } from './here.ts';
import { verdictOf } from './verdicts.ts';
import { bench, marks, previewed } from './view.ts';

/** `19.6× (19.2–20.1) as fast as 01 naive`, or that the two cannot be told apart, or that nothing can be told yet. */
function against(best: Measured, other: Measured, name: string): ComponentChildren {
  const verdict = verdictOf(best, other);
  if (!verdict) return `${times(other.medianMs / best.medianMs)} as fast as ${name}`;
  if (verdict.verdict !== 'no difference') return `${ratioText(verdict)} as fast as ${name}`;
  return (
    <>
      within the <Term of="noise">noise</Term> of {name}
    </>
  );
}

/** What 100 % would be, in words. */
const allowed = (ceiling: CeilingName): string =>
  ceiling === 'dispatch'
    ? 'what the measured cost of a dispatch allows'
    : `the measured ${ceilingTitle[ceiling]}`;

/** The sentence under the ladder: who is best, by how much, how near its ceiling, and who cannot be told from it. */
function Reading({ ladder }: { readonly ladder: Ladder }) {
  const { best, baseline, bestPeer } = ladder;
  if (!best) return null;
  const clauses: ComponentChildren[] = [];
  if (baseline && baseline !== best) clauses.push(against(best, baseline, spoken(baseline.version)));
  if (bestPeer) clauses.push(against(best, bestPeer, bestPeer.peer));
  if (best.fractionOfCeiling !== null && best.ceiling)
    clauses.push(`at ${percent(best.fractionOfCeiling)} of ${allowed(best.ceiling)}`);
  const tied = tiedWithBest(ladder, verdictOf).map((row) => spoken(row.version));
  const gain = best.tuned?.overDefault;
  return (
    <p>
      <b>{spoken(best.version)}</b> is{' '}
      {clauses.map((clause, i) => [i === 0 ? '' : i === clauses.length - 1 ? ' and ' : ', ', clause])}
      {clauses.length === 0 && 'the fastest'}.{' '}
      {tied.length > 0 && `${tied.join(', ')} cannot be told from it: no difference beyond the noise. `}
      {typeof gain === 'number' && `Tuning brought ${times(gain)} over its defaults.`}
    </p>
  );
}

/** Everything measured about one row, exactly, with its formula. */
export function exactText(row: ResultRow): string {
  if (!isMeasured(row)) return `${spoken(rowName(row))}: ${row.why ?? 'no figure'}`;
  return [
    `${spoken(rowName(row))} at ${row.shape}: ${exact(row.medianMs)} ms (p10 ${exact(row.p10Ms)}, p90 ${exact(row.p90Ms)}, n = ${row.n}, ${row.clock} clock)`,
    `${exact(row.gflops)} GFLOP/s, ${exact(row.gbps)} GB/s`,
    ...(row.fractionOfCeiling !== null && row.ceiling
      ? [`${exact(row.fractionOfCeiling * 100)} % = ${ceilingTitle[row.ceiling]} floor ÷ median`]
      : []),
    ...(row.coldWhy ? [row.coldWhy] : []),
  ].join(' · ');
}

export function LadderPanel() {
  const { ladder, metric, shape } = here.value;
  const speaking = previewed.value ?? here.value.chosen;
  const shapes = shapesInView.value;
  const unit = bench.view.value.unit;
  return (
    <Panel
      title="Ladder"
      class="ladder-panel"
      note={
        <>
          median, whiskers <Term of="p10–p90">p10–p90</Term>, line: measured <Term of="ceiling">ceiling</Term>
        </>
      }
      actions={
        <Segmented
          small
          label="Unit"
          value={unit === 'auto' ? metric : unit}
          options={metrics.map((value) => ({ value, label: metricUnit[value] }))}
          onChange={(value) => bench.go({ unit: value })}
        />
      }
      footer={<Reading ladder={ladder} />}
    >
      {shapes.length > 1 && (
        <Segmented
          small
          label="Shape in view"
          value={shape}
          options={shapes.map((value) => ({ value, label: value }))}
          onChange={(show) => bench.go({ show })}
        />
      )}
      {ladder.rows.length + pending.value.length === 0 ? (
        <Empty />
      ) : (
        <InTurn>
          <Sized>
            {(width) => (
              <LadderChart
                ladder={ladder}
                metric={metric}
                width={width}
                pending={pending.value}
                preview={previewKey.value}
                chosen={chosenKey.value}
                on={marks}
              />
            )}
          </Sized>
        </InTurn>
      )}
      {speaking && <p class="exact">{exactText(speaking)}</p>}
    </Panel>
  );
}

function Empty() {
  const { op, dtype } = bench.view.value;
  return (
    <p class="empty">
      {source.value?.live
        ? 'The first rows come once the ceilings are measured.'
        : `This run has no rows of ${op} ${dtype}. Run it here, or choose another run below.`}
    </p>
  );
}
