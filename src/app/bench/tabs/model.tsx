// Whole steps of a model over batch sizes: prefill and decode, awaited and flowing, beside the floors of the device.

import { signal } from '@preact/signals';
import type { ModelFile, ModelRow } from '../../../measure/model.ts';
import type { Numerics } from '../../../model/numerics.ts';
import { presets } from '../../../model/presets.ts';
import { figure, percent } from '../../../views/format.ts';
import { type Line, LogChart } from '../../../views/log-chart.tsx';
import { activationOptions, kvOptions, weightOptions } from '../../formats.ts';
import { Caption, Measured, type Option, Panel } from '../../ui/index.ts';
import { CeilingTable } from '../ceiling-table.tsx';
import { ChoiceChips, named } from '../choice-chips.tsx';
import { makeJob } from '../job.ts';
import { JobTab } from '../job-tab.tsx';
import { FormatsPanel, NumericsPanel, Rows, SplitPanel, stored } from '../step-panels.tsx';
import type { BenchTab } from '../tabs.tsx';
import { bench, choices } from '../view.ts';

const job = makeJob<ModelFile>('model');
const rows = signal<readonly ModelRow[]>([]);
const [context, prompt] = [128, 64];

const obstacle = (): string => {
  const v = bench.view.value;
  return [v.configs, v.weights, v.activations, v.kv, v.batches, v.numerics].some(
    (chosen) => chosen.length === 0,
  )
    ? 'Choose at least one of each.'
    : '';
};

function run(): void {
  if (obstacle()) return;
  rows.value = [];
  const v = bench.view.value;
  const models = v.configs.flatMap((name) =>
    v.weights.flatMap((weights) =>
      v.activations.flatMap((activations) =>
        v.kv.map((kv) => ({
          config: presets[name],
          options: { weights, kv, kernels: 'auto', activations } as const,
          seed: 1,
        })),
      ),
    ),
  );
  void job.start((client, tell) =>
    client.model(
      {
        models,
        phases: ['prefill', 'decode'],
        numerics: v.numerics,
        split: 'by op',
        batches: v.batches.map(Number),
        context,
        prompt,
        samples: 9,
        command: `npm run bench -- model --config ${v.configs} --weights ${v.weights} --activations ${v.activations} --kv ${v.kv} --numerics ${v.numerics} --batch ${v.batches}`,
      },
      (event) => {
        if (event.type === 'progress') tell(event);
        else rows.value = [...rows.value, event.row];
      },
    ),
  );
}

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
  return `${best.config} with ${best.weights} weights${best.activations === 'f32' ? '' : `, ${best.activations} activations`} (${best.numerics} numerics) decodes ${figure(best.tokensPerSecond ?? 0)} tokens/s with ${best.batch} in a step${bound}.`;
}

const numerics: readonly Option<Numerics>[] = [
  {
    value: 'canonical',
    label: 'canonical',
    about: 'One order of summation: a token’s logits do not depend on the batch.',
  },
  {
    value: 'one-version',
    label: 'one version',
    about: 'One kernel an op for every row count: what serves where canonical numerics fail the probe.',
  },
  { value: 'fast', label: 'fast', about: 'The quickest kernel for each shape: logits depend on the batch.' },
];

function Model() {
  const file = job.file.value;
  const shown = job.running.value || !file ? rows.value : file.results;
  return (
    <JobTab
      job={job}
      lead={
        <>
          A whole step is one submit. Flowing: two steps in flight, the next takes its tokens on the GPU;
          awaited: each step waits for its ids. Floors are what this device’s measured ceilings allow at best.
          Weights come from a seed.
        </>
      }
      title="Which models, at which batch sizes"
      choices={
        <>
          <ChoiceChips field="configs" label="Shapes" options={named(choices.configs)} />
          <ChoiceChips field="weights" label="Weights" options={weightOptions} />
          <ChoiceChips field="activations" label="Activations" options={activationOptions} />
          <ChoiceChips field="kv" label="KV pages" options={kvOptions} />
          <ChoiceChips field="numerics" label="Numerics" options={numerics} />
          <ChoiceChips field="batches" label="Sequences in a step" options={named(choices.batches)} />
        </>
      }
      obstacle={obstacle()}
      onRun={run}
      note={`each decoding sequence has ${context} tokens of context; prompts have ${prompt}. What does not fit this device is refused by name.`}
      shown={shown.length > 0}
      empty="A run shows tokens a second over the batch size, how far each step is from its floor, and where its time goes."
    >
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
      <FormatsPanel of={shown} />
      {file && !job.running.value && (
        <Panel flush title="Ceilings of this run">
          <CeilingTable {...file} />
        </Panel>
      )}
      <SplitPanel of={shown} />
      <NumericsPanel of={shown} found={job.running.value ? [] : (file?.invariance ?? [])} />
    </JobTab>
  );
}

const tab: BenchTab = { id: 'model', component: Model };
export default tab;
