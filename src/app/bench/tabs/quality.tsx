// What a way of storing a model costs in text: perplexity, tasks and agreement on held-out documents, beside bytes and speed.

import { signal } from '@preact/signals';
import {
  perplexity,
  type QualityFile,
  type QualityRow,
  type Share,
  totalBytes,
} from '../../../measure/quality.ts';
import { builtIns } from '../../../model/built-in.ts';
import { bytes, figure, percent } from '../../../views/format.ts';
import { QualityPlot, wayOf } from '../../../views/quality-plot.tsx';
import { activationOptions, kvOptions, weightOptions } from '../../formats.ts';
import { Caption, Chips, Measured, Panel, Segmented, TableFrame, useKeys } from '../../ui/index.ts';
import { makeJob } from '../job.ts';
import { JobBar } from '../job-bar.tsx';
import { ResultHead } from '../result-head.tsx';
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

const signed = (x: number): string => {
  const size = Math.abs(100 * x).toFixed(2);
  return `${Number(size) === 0 ? '±' : x < 0 ? '−' : '+'}${size} %`;
};
const above = ({ overF32 }: QualityRow): string => (overF32 ? signed(overF32.ratio - 1) : '–');
const within = ({ overF32 }: QualityRow): string =>
  overF32 ? `${signed(overF32.low - 1)} to ${signed(overF32.high - 1)}` : '–';

/** Why a way of storing costs what it costs. */
function why({ weights, activations, kv }: QualityRow): string {
  const reasons = [
    weights === 'i8-row'
      ? 'one scale serves a whole row of weights, so its largest weight sets the step of all the others'
      : '',
    weights.startsWith('i8-g')
      ? 'a scale serves a group of weights: smaller groups round finer, and take more bytes'
      : '',
    activations === 'i8'
      ? 'the inputs of each matrix have one scale a token, set by the largest of them'
      : '',
    kv === 'i8' ? 'each K and V vector of a head has one scale, set by its largest cell' : '',
    weights === 'f16' || kv === 'f16' ? 'f16 keeps 11 bits; the stored weights have no more' : '',
  ].filter(Boolean);
  return reasons.join('; ');
}

/** What the table says, in sentences: the cheapest way without a visible cost, and the worst, with its reason. */
function reading(all: readonly QualityRow[]): string {
  const scored = all.filter((r) => r.overF32 !== null);
  if (scored.length === 0) return '';
  const free = scored
    .filter((r) => (r.overF32?.ratio ?? 2) < 1.01)
    .sort((a, b) => a.weightBytes - b.weightBytes || a.kvBytesPerToken - b.kvBytesPerToken)[0];
  const worst = scored.reduce((a, b) => ((a.overF32?.ratio ?? 0) >= (b.overF32?.ratio ?? 0) ? a : b));
  const first = free
    ? `${wayOf(free)} is the smallest that raises perplexity by less than 1 % (${above(free)}). `
    : 'Every smaller way raises perplexity by 1 % or more. ';
  if ((worst.overF32?.low ?? 0) <= 1)
    return `${first}No way costs text beyond the noise of these documents: the largest change is ${wayOf(worst)}’s, ${above(worst)} (${within(worst)} with 95 % confidence).`;
  return `${first}The most costly is ${wayOf(worst)}: ${above(worst)} (${within(worst)} with 95 % confidence), because ${why(worst)}.`;
}

const rate = (of: QualityRow['decode']): string => (of ? figure(of.tokensPerSecond) : '–');

const divergenceHeads = ['logit error, RMS', 'largest', 'KL, nats', 'KL, 99th percentile'] as const;
const divergence = ({ fromF32 }: QualityRow): readonly string[] =>
  fromF32
    ? [fromF32.logitRms, fromF32.logitMax, fromF32.klMean, fromF32.klP99].map((x) => figure(x))
    : divergenceHeads.map(() => '–');

/** What the four columns are, and of how many positions. */
function divergenceNote(all: readonly QualityRow[]): string {
  const compared = Math.max(0, ...all.map(({ fromF32 }) => fromF32?.positions ?? 0));
  const tokens = all[0]?.tokens ?? 0;
  const cut =
    compared > 0 && compared < tokens
      ? ` Both are of the first ${compared.toLocaleString('en')} of ${tokens.toLocaleString('en')} positions: more logits are not kept.`
      : '';
  return `Logit errors are differences from f32 at the same position less their mean over the vocabulary, which changes no probability. KL is KL(f32 ‖ this), a position’s mean and the 99th percentile of positions.${cut}`;
}

function Rows({ of, window }: { readonly of: readonly QualityRow[]; readonly window: number }) {
  const heads = [
    'stored',
    'weights',
    'KV a token',
    `with ${window} tokens`,
    'perplexity',
    'over f32',
    '95 %',
    'same first choice',
    ...divergenceHeads,
    'prefill tokens/s',
    'decode tokens/s',
  ];
  return (
    <TableFrame label="Ways of storing the model">
      <thead>
        <tr>
          {heads.map((head) => (
            <th key={head} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {of.map((r) => (
          <tr key={wayOf(r)}>
            <th scope="row">{wayOf(r)}</th>
            {r.why === null ? (
              <>
                <td>{bytes(r.weightBytes)}</td>
                <td>{bytes(r.kvBytesPerToken)}</td>
                <td>{bytes(totalBytes(r, window))}</td>
                <td>
                  <b>{perplexity(r)?.toFixed(4)}</b>
                </td>
                <td>{above(r)}</td>
                <td class="pm">{within(r)}</td>
                <td>{r.agreement === null ? '–' : `${(100 * r.agreement).toFixed(2)} %`}</td>
                {divergence(r).map((text, i) => (
                  <td key={divergenceHeads[i]}>{text}</td>
                ))}
                <td>{rate(r.prefill)}</td>
                <td>{rate(r.decode)}</td>
              </>
            ) : (
              <td class="left" colSpan={heads.length - 1}>
                {r.why}
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </TableFrame>
  );
}

const share = (of: Share | undefined): string =>
  of ? `${percent(of.right / of.asked)} of ${of.asked}` : '–';

/** Where the lengths of a task's row begin: `recall ≤ 128`, `recall 129–512`, `recall > 512`; a whole task stands before them. */
const bandOf = (kind: string): number => (kind.includes('≤') ? 0 : Number(/\d+/.exec(kind)?.[0] ?? -1));
const taskOf = (kind: string): string => kind.split(' ')[0] ?? kind;
const byTask = (a: string, b: string): number => {
  const [x, y] = [taskOf(a), taskOf(b)];
  return x < y ? -1 : x > y ? 1 : bandOf(a) - bandOf(b);
};

function Tasks({ of }: { readonly of: readonly QualityRow[] }) {
  const scored = of.filter((r) => r.why === null);
  const kinds = Object.keys(scored[0]?.scores ?? {}).sort(byTask);
  return (
    <TableFrame label="Answers that are right, by task">
      <thead>
        <tr>
          <th scope="col">task</th>
          {scored.map((r) => (
            <th key={wayOf(r)} scope="col">
              {wayOf(r)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {kinds.map((kind) => (
          <tr key={kind}>
            <th scope="row">{kind}</th>
            {scored.map((r) => (
              <td key={wayOf(r)}>{share(r.scores[kind])}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </TableFrame>
  );
}

const options = (values: readonly string[]) => values.map((value) => ({ value, label: value }));

function Quality() {
  useKeys('Quality', [
    { key: 'r', label: 'run on this device', run },
    { key: 'Escape', label: 'cancel, keep what is done', run: job.stop },
  ]);
  const file = job.file.value;
  const shown = job.running.value || !file ? rows.value : file.results;
  const window = file?.window ?? model?.config.window ?? 2048;
  const v = bench.view.value;
  return (
    <>
      <p class="lead">
        The trained model reads documents that it has never seen, stored in each of these ways. So small a
        model waits for launches on a GPU: its bytes and its text compare, its speed says little; larger
        shapes in Whole model say more. Activations are the inputs of the layers’ matrices: int8 weights meet
        int8 ones in integers, other weights meet them rounded, in f32, which costs time and shows the loss.
      </p>
      <Panel title="Which ways, on how much text" class="tab-choose">
        <Chips
          label="Weights"
          options={weightOptions}
          chosen={v.ways}
          onChange={(to) => bench.adjust({ ways: kept(choices.weights, to) })}
        />
        <Chips
          label="Activations"
          options={activationOptions}
          chosen={v.inputs}
          onChange={(to) => bench.adjust({ inputs: kept(choices.activations, to) })}
        />
        <Chips
          label="KV pages"
          options={kvOptions}
          chosen={v.caches}
          onChange={(to) => bench.adjust({ caches: kept(choices.kv, to) })}
        />
        <Segmented
          label="Documents"
          showLabel
          small
          options={options(choices.texts)}
          value={v.texts}
          onChange={(texts) => bench.adjust({ texts: kept(choices.texts, [texts])[0] ?? v.texts })}
        />
        <JobBar
          job={job}
          obstacle={obstacle()}
          onRun={run}
          note="f32 is always among them: the others are held against it. A document has some 220 tokens."
        />
      </Panel>
      {file && !job.running.value && <ResultHead file={file} name="quality" />}
      {shown.length > 0 && (
        <>
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
            <Rows of={shown} window={window} />
          </Panel>
          <p class="quiet-text tab-note">{divergenceNote(shown)}</p>
          <Panel
            flush
            title="Tasks"
            note="right: the likeliest token at every place of the answer is the right one"
          >
            <Tasks of={shown} />
          </Panel>
          {file && smaller.length === 0 && (
            <p class="quiet-text">
              There is no smaller trained model in this build whose first choices could be compared.
            </p>
          )}
          {file?.drafts.map(({ draft, agreement }) => (
            <Caption key={draft}>
              {draft} would have chosen the same next token as {file.model} at{' '}
              {percent(agreement.right / agreement.asked)} of the {agreement.asked.toLocaleString('en')}{' '}
              places of held-out stories.
            </Caption>
          ))}
        </>
      )}
      {shown.length === 0 && !job.running.value && (
        <p class="empty">
          Nothing has been measured here yet. A run shows what each way of storing the model loses in text,
          over its bytes.
        </p>
      )}
    </>
  );
}

const tab: BenchTab = { id: 'quality', component: Quality };
export default tab;
