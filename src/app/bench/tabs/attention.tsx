// Paged attention beside the same attention over contiguous K and V, beside gathering first, and beside reading the bytes.

import {
  type AttentionCase,
  type AttentionFigure,
  attentionCases,
  attentionFigures,
  attentionItems,
} from '../../../measure/attention.ts';
import type { ResultFile } from '../../../measure/schema.ts';
import { figure, percent } from '../../../views/format.ts';
import { type Line, LogChart } from '../../../views/log-chart.tsx';
import { kvOptions } from '../../formats.ts';
import * as gpu from '../../gpu.ts';
import { Caption, Measured, Panel } from '../../ui/index.ts';
import { AttentionTable } from '../attention-table.tsx';
import { ChoiceChips, named } from '../choice-chips.tsx';
import { makeJob } from '../job.ts';
import { JobTab } from '../job-tab.tsx';
import type { BenchTab } from '../tabs.tsx';
import { bench, choices } from '../view.ts';

const job = makeJob<ResultFile>('attention');

const [heads, headDim, chunk] = [32, 64, 64];
const chosen = (): readonly AttentionCase[] => {
  const v = bench.view.value;
  return attentionCases({
    phases: v.phases,
    batches: v.batches.map(Number),
    contexts: v.contexts.map(Number),
    heads,
    groups: v.groups.map(Number),
    headDim,
    kvs: v.kv,
    pages: v.pages.map(Number),
    chunk,
  });
};
const obstacle = (): string => (chosen().length === 0 ? 'Choose at least one of each.' : '');

function run(): void {
  if (obstacle()) return;
  const v = bench.view.value;
  void job.start((_, tell) =>
    gpu.bench(
      {
        items: attentionItems(chosen()),
        turns: 'shape',
        effort: 'quick',
        tuning: 'off',
        tuned: {},
        command: `npm run bench -- attention --quick --phase ${v.phases} --batch ${v.batches} --context ${v.contexts} --group ${v.groups} --kv ${v.kv} --page ${v.pages}`,
      },
      (event) => {
        if (event.type === 'progress') tell(event);
      },
    ),
  );
}

/** One sentence that reads the table. */
function reading(figures: readonly AttentionFigure[]): string {
  const known = figures.filter((f) => f.pagedMs !== null);
  const longest = known.reduce<AttentionFigure | null>(
    (a, b) => (a === null || (b.pagedMs ?? 0) > (a.pagedMs ?? 0) ? b : a),
    null,
  );
  if (!longest) return '';
  const look = longest.overContiguous;
  const paging = !look
    ? ''
    : look.verdict === 'no difference'
      ? ' Going through the block table makes no difference that these samples show.'
      : ` Going through the block table takes ${figure(look.ratio)}× the time of contiguous K and V${look.verdict === 'unranked' ? ' (too few samples to rank)' : ''}.`;
  const read =
    longest.readFraction === null ? '' : `, ${percent(longest.readFraction)} of the measured read bandwidth`;
  return `At the largest size (${longest.shape}) paged attention takes ${figure(longest.pagedMs ?? 0)} ms${read}.${paging}`;
}

/** What sets the lines of a chart apart from those of another: all dimensions but the context. */
const seriesName = ({ phase, batch, group, kv, page, tokens }: AttentionCase): string =>
  `${phase} of ${batch}${phase === 'prefill' ? `, chunks of ${tokens}` : ''}, groups of ${group}, ${kv}, pages of ${page}`;

/** Time over context: paged, contiguous, gathered first, and what reading the bytes would take. */
function linesOf(figures: readonly AttentionFigure[]): readonly Line[] {
  const sorted = [...figures].sort((a, b) => a.of.context - b.of.context);
  const line = (
    name: string,
    color: string,
    dash: number,
    kind: Line['kind'],
    ms: (f: AttentionFigure) => number | null,
  ): Line => ({
    name,
    color,
    dash,
    kind,
    points: sorted.flatMap((f) => {
      const y = ms(f);
      return y === null ? [] : [{ x: f.of.context, y }];
    }),
  });
  return [
    line('paged', 'decode', 0, 'measured', (f) => f.pagedMs),
    line('contiguous', 'ink-2', 1, 'measured', (f) => f.contiguousMs),
    line('gather + contiguous', 'prefill', 2, 'measured', (f) =>
      f.gatherMs === null || f.contiguousMs === null ? null : f.gatherMs + f.contiguousMs,
    ),
    line('reading the bytes', 'ink-2', 0, 'ceiling', (f) => f.readMs),
  ];
}

function Chart({ of }: { readonly of: readonly AttentionFigure[] }) {
  const names = [...new Set(of.map((f) => seriesName(f.of)))];
  const shown = names.find((name) => name === bench.view.value.chart) ?? names[0] ?? '';
  return (
    <Panel title="Time over context" note="medians; both axes logarithmic">
      {names.length > 1 && (
        <label>
          <span class="field-label">Which caches</span>
          <select value={shown} onChange={(event) => bench.adjust({ chart: event.currentTarget.value })}>
            {names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      )}
      <Measured>
        {(width) => (
          <LogChart
            label={`Milliseconds over context, ${shown}; the table has the same figures`}
            lines={linesOf(of.filter((f) => seriesName(f.of) === shown))}
            width={width}
            yTitle="ms"
            xTitle="keys of context"
          />
        )}
      </Measured>
    </Panel>
  );
}

function Attention() {
  const file = job.file.value;
  const figures = file ? attentionFigures(file.results, file.ceilings) : [];
  return (
    <JobTab
      job={job}
      lead={
        <>
          The same keys and values read three ways: through block tables, from contiguous memory, and gathered
          into contiguous memory first. Every result is checked; {heads} query heads of {headDim} cells.
        </>
      }
      title="Which caches"
      choices={
        <>
          <ChoiceChips field="phases" label="Phase" options={named(choices.phases)} />
          <ChoiceChips field="batches" label="Sequences" options={named(choices.batches)} />
          <ChoiceChips field="contexts" label="Context, tokens" options={named(choices.contexts)} />
          <ChoiceChips field="groups" label="Heads that share K and V" options={named(choices.groups)} />
          <ChoiceChips field="kv" label="KV pages" options={kvOptions} />
          <ChoiceChips field="pages" label="Tokens a page" options={named(choices.pages)} />
        </>
      }
      obstacle={obstacle()}
      onRun={run}
      note={`${chosen().length === 1 ? 'one shape' : `${chosen().length} shapes`}, three ops each, in turns; prefill computes the last ${chunk} tokens of each context`}
      shown={file !== null && !job.running.value}
      empty="A run shows time over context, beside contiguous K and V and beside reading the bytes alone."
    >
      {reading(figures) && <Caption>{reading(figures)}</Caption>}
      <Chart of={figures} />
      <Panel
        flush
        title="By shape"
        note="times are cold where all three were timed cold; ratios are warm, samples in turns"
      >
        <AttentionTable of={figures} />
      </Panel>
    </JobTab>
  );
}

const tab: BenchTab = { id: 'attention', component: Attention };
export default tab;
