// Whole steps of a model over batch sizes: prefill and decode, awaited and flowing, beside the floors of the device.

import { signal } from '@preact/signals';
import type { ModelFile, ModelRow } from '../../../measure/model.ts';
import { kvFormats, weightFormats } from '../../../model/formats.ts';
import { presets } from '../../../model/presets.ts';
import { figure, percent } from '../../../views/format.ts';
import { RateChart, type RateSeries } from '../../../views/model/rate-chart.tsx';
import { worker } from '../../gpu.ts';
import { Badge, Caption, Chips, Measured, Panel, TableFrame, useKeys } from '../../ui/index.ts';
import { makeJob } from '../job.ts';
import { JobBar } from '../job-bar.tsx';
import { ResultHead } from '../result-head.tsx';
import type { BenchTab } from '../tabs.tsx';

const job = makeJob<ModelFile>();
const rows = signal<readonly ModelRow[]>([]);
const configs = signal<readonly string[]>(['nano']);
const weights = signal<readonly string[]>(['f32', 'i8-row']);
const kvs = signal<readonly string[]>(['f32']);
const batches = signal<readonly string[]>(['1', '8', '64']);
const [context, prompt] = [128, 64];

const obstacle = (): string =>
  [configs, weights, kvs, batches].some((s) => s.value.length === 0) ? 'Choose at least one of each.' : '';

function run(): void {
  if (obstacle()) return;
  rows.value = [];
  const models = Object.values(presets)
    .filter((config) => configs.value.includes(config.name))
    .flatMap((config) =>
      weightFormats
        .filter((w) => weights.value.includes(w))
        .flatMap((w) =>
          kvFormats
            .filter((kv) => kvs.value.includes(kv))
            .map((kv) => ({ config, options: { weights: w, kv, kernels: 'auto' } as const, seed: 1 })),
        ),
    );
  const list = (s: { readonly value: readonly string[] }): string => s.value.join(',');
  void job.start(async (tell) =>
    (await worker()).model(
      {
        models,
        numerics: ['canonical'],
        split: 'by op',
        batches: batches.value.map(Number),
        context,
        prompt,
        samples: 9,
        command: `npm run bench -- model --config ${list(configs)} --weights ${list(weights)} --kv ${list(kvs)} --batch ${list(batches)}`,
      },
      (event) => {
        if (event.type === 'progress') tell(event);
        else rows.value = [...rows.value, event.row];
      },
    ),
  );
}

function seriesOf(all: readonly ModelRow[]): readonly RateSeries[] {
  const groups = new Map<string, RateSeries>();
  for (const row of all) {
    if (row.tokensPerSecond === null) continue;
    const name = `${row.config} ${row.weights} KV ${row.kv}, ${row.phase}`;
    const points = groups.get(name)?.points ?? [];
    groups.set(name, {
      name,
      kind: row.phase,
      points: [...points, { batch: row.batch, rate: row.tokensPerSecond }].sort((a, b) => a.batch - b.batch),
    });
  }
  return [...groups.values()];
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
  return `${best.config} with ${best.weights} weights decodes ${figure(best.tokensPerSecond ?? 0)} tokens/s with ${best.batch} in a step${bound}.`;
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
          <tr key={`${r.config} ${r.weights} ${r.kv} ${r.phase} ${r.batch}`}>
            <th scope="row">
              {r.config} {r.weights}, KV {r.kv}
            </th>
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

const options = (values: readonly string[]) => values.map((value) => ({ value, label: value }));

function Model() {
  useKeys('Whole model', [
    { key: 'r', label: 'run on this device', run },
    { key: 'Escape', label: 'cancel, keep what is done', run: job.stop },
  ]);
  const file = job.file.value;
  const shown = job.running.value || !file ? rows.value : file.results;
  const set = (s: { value: readonly string[] }) => (chosen: readonly string[]) => {
    s.value = chosen;
  };
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
          options={options(Object.keys(presets))}
          chosen={configs.value}
          onChange={set(configs)}
        />
        <Chips
          label="Weights"
          options={options(weightFormats)}
          chosen={weights.value}
          onChange={set(weights)}
        />
        <Chips label="KV pages" options={options(kvFormats)} chosen={kvs.value} onChange={set(kvs)} />
        <Chips
          label="Sequences in a step"
          options={options(['1', '2', '4', '8', '16', '32', '64'])}
          chosen={batches.value}
          onChange={set(batches)}
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
                <RateChart
                  label="Tokens a second over batch size; the table has the same figures"
                  series={seriesOf(shown)}
                  width={width}
                />
              )}
            </Measured>
          </Panel>
          <Panel flush title="Steps">
            <Rows of={shown} />
          </Panel>
        </>
      )}
      {shown.length === 0 && !job.running.value && <p class="empty">Nothing has been measured here yet.</p>}
    </>
  );
}

const tab: BenchTab = { id: 'model', component: Model };
export default tab;
