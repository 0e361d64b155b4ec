// What the tab Whole model says of steps: a table of all, one split by op, canonical against fast numerics.

import {
  type FormatRatio,
  formatRatios,
  type ModelFile,
  type ModelRow,
  type NumericsRatio,
  numericsRatios,
} from '../../measure/model.ts';
import type { Comparison } from '../../measure/rank.ts';
import { storedAs } from '../../measure/stored.ts';
import { figure, percent } from '../../views/format.ts';
import { describeSplit, SplitTable } from '../../views/model/split-table.tsx';
import { standingBadges } from '../standing-badges.ts';
import { Badge, type Column, DataTable, Panel } from '../ui/index.ts';
import { bench } from './view.ts';

/** The model of a row, as it is stored and computed. */
export const stored = (r: Pick<ModelRow, 'config' | 'weights' | 'activations' | 'kv' | 'numerics'>): string =>
  `${r.config} ${storedAs(r)}, ${r.numerics}`;

const cell = (value: number | null): string => (value === null ? '–' : figure(value));

const fraction = (value: number | null): string => (value === null ? '–' : percent(value));

const columns: readonly Column<ModelRow>[] = [
  { head: 'model', always: true, cell: stored },
  { head: 'phase', always: true, cell: (r) => r.phase },
  { head: 'batch', always: true, cell: (r) => r.batch },
  { head: 'tokens/s', cell: (r) => <b>{cell(r.tokensPerSecond)}</b> },
  { head: 'step ms, flowing', cell: (r) => cell(r.stepMs) },
  {
    head: 'p10–p90',
    td: () => ({ class: 'pm' }),
    cell: (r) => `${cell(r.p10Ms)}–${cell(r.p90Ms)}`,
  },
  { head: 'awaited ms', cell: (r) => cell(r.awaitedMs) },
  { head: 'readback ms', cell: (r) => cell(r.readbackMs) },
  { head: 'host ms', cell: (r) => cell(r.hostMs) },
  { head: 'dispatches', cell: (r) => r.dispatches },
  { head: 'floor: launch ms', cell: (r) => cell(r.floorsMs.launch) },
  { head: 'bandwidth ms', cell: (r) => cell(r.floorsMs.bandwidth) },
  { head: 'compute ms', cell: (r) => cell(r.floorsMs.compute) },
  { head: '% of highest floor', cell: (r) => fraction(r.fractionOfCeiling) },
  { head: 'bound', cell: (r) => (r.bound ? <Badge>{r.bound}</Badge> : '–') },
  { head: 'launch + bandwidth ms', cell: (r) => cell(r.launchPlusBandwidthMs) },
  { head: '% of launch + bandwidth', cell: (r) => fraction(r.fractionOfLaunchPlusBandwidth) },
];

export const Rows = ({ of }: { readonly of: readonly ModelRow[] }) => (
  <DataTable
    label="Whole steps of a model"
    columns={columns}
    rows={of}
    keyOf={(r) => `${stored(r)} ${r.phase} ${r.batch}`}
    why={(r) => r.why}
  />
);

/** A speed over another's, and its interval. */
const speedColumns = (head: string): readonly Column<{ readonly speed: Comparison }>[] => [
  {
    head,
    cell: ({ speed }) => (
      <>
        <b>{percent(speed.ratio)}</b>
        {speed.verdict === 'no difference' && ' (no difference)'}
      </>
    ),
  },
  {
    head: '95 %',
    cell: ({ speed: { low, high } }) =>
      Number.isFinite(high) ? `${percent(low)}–${percent(high)}` : 'too few samples',
  },
];

const numericsColumns: readonly Column<NumericsRatio>[] = [
  { head: 'model', cell: ({ of: r }) => `${r.config} ${storedAs(r)}` },
  { head: 'phase', cell: ({ of: r }) => r.phase },
  { head: 'batch', cell: ({ of: r }) => r.batch },
  { head: 'numerics', cell: ({ numerics }) => numerics },
  ...speedColumns('speed over fast'),
];

/** The others against fast where both ran, and what the probe of invariance found. */
export function NumericsPanel({
  of,
  found,
}: {
  readonly of: readonly ModelRow[];
  readonly found: ModelFile['invariance'];
}) {
  const ratios = numericsRatios(of);
  if (ratios.length === 0 && found.length === 0) return null;
  return (
    <Panel title="The same numerics whatever the batch" class="numerics-panel">
      {found.map((f) => (
        <p key={`${f.config} ${f.weights} ${f.activations} ${f.kv} ${f.asked}`} class="small-text">
          <Badge kind={standingBadges[f.standing]}>{f.numerics}</Badge> {f.config} {storedAs(f)}: {f.found}
        </p>
      ))}
      {ratios.length > 0 && (
        <DataTable
          label="Speed over fast numerics"
          columns={numericsColumns}
          rows={ratios}
          keyOf={({ of: r, numerics }) =>
            `${r.config} ${r.weights} ${r.activations} ${r.kv} ${r.phase} ${r.batch} ${numerics}`
          }
        />
      )}
    </Panel>
  );
}

const formatColumns: readonly Column<FormatRatio>[] = [
  { head: 'model', cell: ({ of: r }) => stored(r) },
  { head: 'phase', cell: ({ of: r }) => r.phase },
  { head: 'batch', cell: ({ of: r }) => r.batch },
  { head: 'over weights of', cell: ({ over }) => over },
  ...speedColumns('speed'),
  { head: 'samples', cell: ({ interleaved }) => (interleaved ? 'in turns' : 'one after the other') },
];

/** What int8 weights bring over float ones, where both ran. */
export function FormatsPanel({ of }: { readonly of: readonly ModelRow[] }) {
  const ratios = formatRatios(of);
  if (ratios.length === 0) return null;
  return (
    <Panel flush title="Int8 weights against float ones">
      <DataTable
        label="Speed of int8 weights over float ones"
        columns={formatColumns}
        rows={ratios}
        keyOf={({ of: r, over }) => `${stored(r)} ${r.phase} ${r.batch} ${over}`}
      />
    </Panel>
  );
}

/** One row's time on the device by op. */
export function SplitPanel({ of }: { readonly of: readonly ModelRow[] }) {
  const known = of.filter((r) => r.split !== null || r.splitWhy !== null);
  const name = (r: ModelRow): string => `${stored(r)}, ${r.phase} of ${r.batch}`;
  const shown = known.find((r) => name(r) === bench.view.value.chart) ?? known[0];
  if (!shown) return null;
  return (
    <Panel title="A step by op, estimated" class="split-panel">
      {known.length > 1 && (
        <label>
          <span class="field-label">Which step</span>
          <select
            value={name(shown)}
            onChange={(event) => bench.adjust({ chart: event.currentTarget.value })}
          >
            {known.map((r) => (
              <option key={name(r)}>{name(r)}</option>
            ))}
          </select>
        </label>
      )}
      {shown.split ? (
        <>
          <SplitTable split={shown.split} />
          <p class="quiet-text small-text">{describeSplit(shown.split)}</p>
        </>
      ) : (
        <p class="run-failure">{shown.splitWhy}</p>
      )}
    </Panel>
  );
}
