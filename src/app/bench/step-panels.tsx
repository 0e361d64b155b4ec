// What the tab Whole model says of steps: a table of all, one split by op, canonical against fast numerics.

import { formatRatios, type ModelFile, type ModelRow, numericsRatios } from '../../measure/model.ts';
import type { Comparison } from '../../measure/rank.ts';
import { figure, percent } from '../../views/format.ts';
import { describeSplit, SplitTable } from '../../views/model/split-table.tsx';
import { Badge, Panel, TableFrame } from '../ui/index.ts';
import { bench } from './view.ts';

/** The model of a row, as it is stored and computed. */
export const stored = (r: Pick<ModelRow, 'config' | 'weights' | 'activations' | 'kv' | 'numerics'>): string =>
  `${r.config} ${r.weights}${rounded(r)}, KV ${r.kv}, ${r.numerics}`;

/** `, activations i8` where they are rounded. */
const rounded = ({ activations }: Pick<ModelRow, 'activations'>): string =>
  activations === 'f32' ? '' : `, activations ${activations}`;

const cell = (value: number | null): string => (value === null ? '–' : figure(value));

export function Rows({ of }: { readonly of: readonly ModelRow[] }) {
  return (
    <TableFrame label="Whole steps of a model">
      <thead>
        <tr>
          {[
            'model',
            'phase',
            'batch',
            'tokens/s',
            'step ms, flowing',
            'p10–p90',
            'awaited ms',
            'readback ms',
            'host ms',
            'dispatches',
            'floor: launch ms',
            'bandwidth ms',
            'compute ms',
            'of the highest',
            'bound',
            'launch + bandwidth ms',
            'of their sum',
          ].map((head) => (
            <th key={head} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {of.map((r) => (
          <tr key={`${stored(r)} ${r.phase} ${r.batch}`}>
            <th scope="row">{stored(r)}</th>
            <td>{r.phase}</td>
            <td>{r.batch}</td>
            {r.why === null ? (
              <>
                <td>
                  <b>{cell(r.tokensPerSecond)}</b>
                </td>
                <td>{cell(r.stepMs)}</td>
                <td class="pm">
                  {cell(r.p10Ms)}–{cell(r.p90Ms)}
                </td>
                <td>{cell(r.awaitedMs)}</td>
                <td>{cell(r.readbackMs)}</td>
                <td>{cell(r.hostMs)}</td>
                <td>{r.dispatches}</td>
                <td>{cell(r.floorsMs.launch)}</td>
                <td>{cell(r.floorsMs.bandwidth)}</td>
                <td>{cell(r.floorsMs.compute)}</td>
                <td>{r.fractionOfCeiling === null ? '–' : percent(r.fractionOfCeiling)}</td>
                <td>{r.bound ? <Badge>{r.bound}</Badge> : '–'}</td>
                <td>{cell(r.launchPlusBandwidthMs)}</td>
                <td>
                  {r.fractionOfLaunchPlusBandwidth === null ? '–' : percent(r.fractionOfLaunchPlusBandwidth)}
                </td>
              </>
            ) : (
              <td class="left" colSpan={14}>
                {r.why}
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </TableFrame>
  );
}

const standings = {
  kept: 'good',
  'fell back': 'warn',
  'still differs': 'bad',
  'not promised': 'warn',
} as const;

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
          <Badge kind={standings[f.standing]}>{f.numerics}</Badge> {f.config} {f.weights}
          {rounded(f)}, KV {f.kv}: {f.found}
        </p>
      ))}
      {ratios.length > 0 && (
        <TableFrame label="Speed over fast numerics">
          <thead>
            <tr>
              {['model', 'phase', 'batch', 'numerics', 'speed over fast', '95 %'].map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {ratios.map(({ of: r, numerics, speed }) => (
              <tr key={`${r.config} ${r.weights} ${r.activations} ${r.kv} ${r.phase} ${r.batch} ${numerics}`}>
                <th scope="row">
                  {r.config} {r.weights}
                  {rounded(r)}, KV {r.kv}
                </th>
                <td>{r.phase}</td>
                <td>{r.batch}</td>
                <td>{numerics}</td>
                <SpeedCells of={speed} />
              </tr>
            ))}
          </tbody>
        </TableFrame>
      )}
    </Panel>
  );
}

/** What int8 weights bring over float ones, where both ran. */
export function FormatsPanel({ of }: { readonly of: readonly ModelRow[] }) {
  const ratios = formatRatios(of);
  if (ratios.length === 0) return null;
  return (
    <Panel flush title="Int8 weights against float ones">
      <TableFrame label="Speed of int8 weights over float ones">
        <thead>
          <tr>
            {['model', 'phase', 'batch', 'over weights of', 'speed', '95 %', 'samples'].map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {ratios.map(({ of: r, over, interleaved, speed }) => (
            <tr key={`${stored(r)} ${r.phase} ${r.batch} ${over}`}>
              <th scope="row">{stored(r)}</th>
              <td>{r.phase}</td>
              <td>{r.batch}</td>
              <td>{over}</td>
              <SpeedCells of={speed} />
              <td>{interleaved ? 'in turns' : 'one after the other'}</td>
            </tr>
          ))}
        </tbody>
      </TableFrame>
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

/** A speed over another's, and its interval. */
const SpeedCells = ({ of }: { readonly of: Comparison }) => (
  <>
    <td>
      <b>{percent(of.ratio)}</b>
      {of.verdict === 'no difference' && ' (no difference)'}
    </td>
    <td>{Number.isFinite(of.high) ? `${percent(of.low)}–${percent(of.high)}` : 'too few samples'}</td>
  </>
);
