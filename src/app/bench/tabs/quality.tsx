// What a way of storing a model costs in text: perplexity, tasks and agreement on held-out documents, beside bytes and speed.

import { signal } from '@preact/signals';
import type { QualityFile, QualityRow } from '../../../measure/quality.ts';
import { builtIns } from '../../../model/built-in.ts';
import { percent } from '../../../views/format.ts';
import { QualityPlot } from '../../../views/quality-plot.tsx';
import { activationOptions, kvOptions, weightOptions } from '../../formats.ts';
import { Caption, Measured, Panel, Segmented } from '../../ui/index.ts';
import { ChoiceChips, named } from '../choice-chips.tsx';
import { makeJob } from '../job.ts';
import { JobTab } from '../job-tab.tsx';
import { TasksTable, WaysTable } from '../quality-tables.tsx';
import { divergenceNote, reading } from '../quality-words.ts';
import type { BenchTab } from '../tabs.tsx';
import { bench, choices, kept } from '../view.ts';

const job = makeJob<QualityFile>('quality');
const rows = signal<readonly QualityRow[]>([]);
const [model = undefined, ...smaller] = [...builtIns.values()];

function obstacle(): string {
  const { ways, inputs, caches } = bench.view.value;
  if (!model) return 'There is no trained model in this build.';
  return Math.min(ways.length, inputs.length, caches.length) === 0 ? 'Choose at least one of each.' : '';
}

function run(): void {
  if (obstacle() || !model) return;
  rows.value = [];
  const { ways, inputs, caches, texts } = bench.view.value;
  void job.start(async (client, tell) => {
    const { heldOut, tokensOf } = await import('../../../workloads/corpus/encode.ts');
    const documents = heldOut(tokensOf(await model.tokenizer()), Number(texts));
    return client.quality(
      {
        model: model.name,
        drafts: smaller.map(({ name }) => name),
        stored: ways.flatMap((weights) =>
          inputs.flatMap((activations) => caches.map((kv) => ({ weights, activations, kv }))),
        ),
        documents,
        samples: 5,
        command: `npm run bench -- quality --model ${model.name} --weights ${ways} --activations ${inputs} --kv ${caches} --documents ${texts}`,
      },
      (event) => {
        if (event.type === 'progress') tell(event);
        else rows.value = [...rows.value, event.row];
      },
    );
  });
}

function Quality() {
  const file = job.file.value;
  const shown = job.running.value || !file ? rows.value : file.results;
  const window = file?.window ?? model?.config.window ?? 2048;
  const v = bench.view.value;
  return (
    <JobTab
      job={job}
      lead={
        <>
          The trained model reads documents that it has never seen, stored in each of these ways. A model this
          small is launch-bound on a GPU: compare bytes and text here, speed in Whole model. Activations are
          the inputs of the layers’ matrices: int8 weights meet int8 ones in integers, other weights meet them
          rounded, in f32, which costs time and shows the loss.
        </>
      }
      title="Which ways, on how much text"
      choices={
        <>
          <ChoiceChips field="ways" label="Weights" options={weightOptions} />
          <ChoiceChips field="inputs" label="Activations" options={activationOptions} />
          <ChoiceChips field="caches" label="KV pages" options={kvOptions} />
          <Segmented
            label="Documents"
            showLabel
            small
            options={named(choices.texts)}
            value={v.texts}
            onChange={(texts) => bench.adjust({ texts: kept(choices.texts, [texts])[0] ?? v.texts })}
          />
        </>
      }
      obstacle={obstacle()}
      onRun={run}
      note="f32 is always among them: the others are held against it. A document has some 220 tokens."
      shown={shown.length > 0}
      empty="A run shows what each way of storing the model loses in text, over its bytes."
    >
      {reading(shown) && <Caption>{reading(shown)}</Caption>}
      <Panel
        title="Loss over bytes"
        note="lower and further left is better; the shape of a point is how K and V are stored"
      >
        <Measured>{(width) => <QualityPlot rows={shown} window={window} width={width} />}</Measured>
      </Panel>
      <Panel
        flush
        title="Ways of storing it"
        note="perplexity is exp(mean loss); rates one way after another"
      >
        <WaysTable of={shown} window={window} />
      </Panel>
      <p class="quiet-text tab-note">{divergenceNote(shown)}</p>
      <Panel
        flush
        title="Tasks"
        note="right: the likeliest token at every place of the answer is the right one"
      >
        <TasksTable of={shown} />
      </Panel>
      {file && smaller.length === 0 && (
        <p class="quiet-text">
          There is no smaller trained model in this build whose first choices could be compared.
        </p>
      )}
      {file?.drafts.map(({ draft, agreement }) => (
        <Caption key={draft}>
          {draft} would have chosen the same next token as {file.model} at{' '}
          {percent(agreement.right / agreement.asked)} of the {agreement.asked.toLocaleString('en')} places of
          held-out stories.
        </Caption>
      ))}
    </JobTab>
  );
}

const tab: BenchTab = { id: 'quality', component: Quality };
export default tab;
