// Whole steps of a model over batch sizes: prefill and decode, awaited and flowing, beside the floors of the device.

import { signal } from '@preact/signals';
import { type ModelFile, type ModelRow, numericsRatios } from '../../../measure/model.ts';
import { presets } from '../../../model/presets.ts';
import { figure, percent } from '../../../views/format.ts';
import { type Line, LogChart } from '../../../views/log-chart.tsx';
import { describeSplit, SplitTable } from '../../../views/model/split-table.tsx';
import { worker } from '../../gpu.ts';
import { Badge, Caption, Chips, Measured, Panel, TableFrame, useKeys } from '../../ui/index.ts';
import { makeJob } from '../job.ts';
import { JobBar } from '../job-bar.tsx';
import { ResultHead } from '../result-head.tsx';
import type { BenchTab } from '../tabs.tsx';
import { bench, choices, kept } from '../view.ts';

const job = makeJob<ModelFile>();
const rows = signal<readonly ModelRow[]>([]);
const [context, prompt] = [128, 64];

const obstacle = (): string => {
  const v = bench.view.value;
  return [v.configs, v.weights, v.kv, v.batches, v.numerics].some((chosen) => chosen.length === 0)
    ? 'Choose at least one of each.'
    : '';
};

function run(): void {
  if (obstacle()) return;
  rows.value = [];
  const v = bench.view.value;
  const models = v.configs.flatMap((name) =>
    v.weights.flatMap((weights) =>
      v.kv.map((kv) => ({
        config: presets[name],
        options: { weights, kv, kernels: 'auto' } as const,
        seed: 1,
      })),
    ),
  );
  void job.start(async (tell) =>
    (await worker()).model(
      {
        models,
        numerics: v.numerics,
        split: 'by op',
        batches: v.batches.map(Number),
        context,
        prompt,
        samples: 9,
        command: `npm run bench -- model --config ${v.configs} --weights ${v.weights} --kv ${v.kv} --numerics ${v.numerics} --batch ${v.batches}`,
      },
      (event) => {
        if (event.type === 'progress') tell(event);
        else rows.value = [...rows.value, event.row];
      },
    ),
  );
}

const stored = (r: ModelRow): string => `${r.config} ${r.weights}, KV ${r.kv}, ${r.numerics}`;

/** Tokens a second over batch size, a line for each model and phase. */
function linesOf(all: readonly ModelRow[]): readonly Line[] {
  const lines = new Map<string, Line>();
  for (const row of all) {
    if (row.tokensPerSecond === null) continue;
    const name = `${stored(row)}, ${row.phase}`;
    const before = lines.get(name);
    const points = [...(before?.points ?? []), { x: row.batch, y: row.tokensPerSecond }];
    lines.set(name, {
      name,
      kind: 'measured',
      color: row.phase,
      dash: before?.dash ?? Math.floor(lines.size / 2),
      points: points.sort((a, b) => a.x - b.x),
    });
  }
  return [...lines.values()];
}

/** One sentence that reads the table. */
function reading(all: readonly ModelRow[]): string {
  const decodes = all.filter((r) => r.phase === 'decode' && r.tokensPerSecond !== null && r.stepMs !== null);
  const best = decodes.reduce<ModelRow | null>(
    (a, b) => (a === null || (b.tokensPerSecond ?? 0) > (a.tokensPerSecond ?? 0) ? b : a),
    null,
  );
  if (!best) return '';
  const bound = best.bound
    ? `; its highest floor is ${best.bound}, ${percent(best.fractionOfCeiling ?? 0)} of the step`
    : '';
  return `${best.config} with ${best.weights} weights (${best.numerics} numerics) decodes ${figure(best.tokensPerSecond ?? 0)} tokens/s with ${best.batch} in a step${bound}.`;
}

const cell = (value: number | null): string => (value === null ? '–' : figure(value));

function Rows({ of }: { readonly of: readonly ModelRow[] }) {
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
            'host ms',
            'dispatches',
            'floor: launch ms',
            'bandwidth ms',
            'compute ms',
            'of the highest',
            'bound',
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
                <td>{cell(r.hostMs)}</td>
                <td>{r.dispatches}</td>
                <td>{cell(r.floorsMs.launch)}</td>
                <td>{cell(r.floorsMs.bandwidth)}</td>
                <td>{cell(r.floorsMs.compute)}</td>
                <td>{r.fractionOfCeiling === null ? '–' : percent(r.fractionOfCeiling)}</td>
                <td>{r.bound ? <Badge>{r.bound}</Badge> : '–'}</td>
              </>
            ) : (
              <td class="left" colSpan={11}>
                {r.why}
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </TableFrame>
  );
}

/** Canonical against fast where both ran, and what the probe of invariance found. */
function NumericsPanel({
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
        <p key={`${f.config} ${f.weights} ${f.kv} ${f.numerics}`} class="small-text">
          <Badge kind={f.identical ? 'good' : 'warn'}>{f.numerics}</Badge> {f.config} {f.weights}, KV {f.kv}:{' '}
          {f.found}
        </p>
      ))}
      {ratios.length > 0 && (
        <TableFrame label="Speed of canonical over fast numerics">
          <thead>
            <tr>
              {['model', 'phase', 'batch', 'speed of canonical over fast', '95 %'].map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {ratios.map(({ of: r, speed }) => (
              <tr key={`${r.config} ${r.weights} ${r.kv} ${r.phase} ${r.batch}`}>
                <th scope="row">
                  {r.config} {r.weights}, KV {r.kv}
                </th>
                <td>{r.phase}</td>
                <td>{r.batch}</td>
                <td>
                  <b>{percent(speed.ratio)}</b>
                  {speed.verdict === 'no difference' && ' (no difference)'}
                </td>
                <td>
                  {Number.isFinite(speed.high)
                    ? `${percent(speed.low)}–${percent(speed.high)}`
                    : 'too few samples'}
                </td>
              </tr>
            ))}
          </tbody>
        </TableFrame>
      )}
    </Panel>
  );
}

/** One row's time on the device by op. */
function SplitPanel({ of }: { readonly of: readonly ModelRow[] }) {
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

const options = <T extends string>(values: readonly T[]) => values.map((value) => ({ value, label: value }));

const numerics = [
  {
    value: 'canonical',
    label: 'canonical',
    about: 'One order of summation: a token’s logits do not depend on the batch.',
  },
  { value: 'fast', label: 'fast', about: 'The quickest kernel for each shape: logits depend on the batch.' },
];

function Model() {
  useKeys('Whole model', [
    { key: 'r', label: 'run on this device', run },
    { key: 'Escape', label: 'cancel, keep what is done', run: job.stop },
  ]);
  const file = job.file.value;
  const shown = job.running.value || !file ? rows.value : file.results;
  const v = bench.view.value;
  return (
    <>
      <p class="lead">
        A whole step is one submit. Flowing: two steps in flight, the next takes its tokens on the GPU;
        awaited: each step waits for its ids. Floors are what this device’s measured ceilings allow at best.
        Weights come from a seed.
      </p>
      <Panel title="Which models, at which batch sizes" class="tab-choose">
        <Chips
          label="Shapes"
          options={options(choices.configs)}
          chosen={v.configs}
          onChange={(to) => bench.adjust({ configs: kept(choices.configs, to) })}
        />
        <Chips
          label="Weights"
          options={options(choices.weights)}
          chosen={v.weights}
          onChange={(to) => bench.adjust({ weights: kept(choices.weights, to) })}
        />
        <Chips
          label="KV pages"
          options={options(choices.kv)}
          chosen={v.kv}
          onChange={(to) => bench.adjust({ kv: kept(choices.kv, to) })}
        />
        <Chips
          label="Numerics"
          options={numerics}
          chosen={v.numerics}
          onChange={(to) => bench.adjust({ numerics: kept(choices.numerics, to) })}
        />
        <Chips
          label="Sequences in a step"
          options={options(choices.batches)}
          chosen={v.batches}
          onChange={(to) => bench.adjust({ batches: kept(choices.batches, to) })}
        />
        <JobBar
          job={job}
          label="Whole steps"
          obstacle={obstacle()}
          onRun={run}
          note={`each decoding sequence has ${context} tokens of context; prompts have ${prompt}. What does not fit this device is refused by name.`}
        />
      </Panel>
      {file && !job.running.value && <ResultHead file={file} name="model" />}
      {shown.length > 0 && (
        <>
          {reading(shown) && <Caption>{reading(shown)}</Caption>}
          <Panel title="Tokens a second" note="flowing steps, medians; both axes logarithmic">
            <Measured>
              {(width) => (
                <LogChart
                  label="Tokens a second over batch size; the table has the same figures"
                  lines={linesOf(shown)}
                  width={width}
                  yTitle="tokens/s"
                  xTitle="sequences in a step"
                />
              )}
            </Measured>
          </Panel>
          <Panel flush title="Steps">
            <Rows of={shown} />
          </Panel>
          <SplitPanel of={shown} />
          <NumericsPanel of={shown} found={job.running.value ? [] : (file?.invariance ?? [])} />
        </>
      )}
      {shown.length === 0 && !job.running.value && <p class="empty">Nothing has been measured here yet.</p>}
    </>
  );
}

const tab: BenchTab = { id: 'model', component: Model };
export default tab;
