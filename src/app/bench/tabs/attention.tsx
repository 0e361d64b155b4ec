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
import { Caption, Chips, Measured, Panel, useKeys } from '../../ui/index.ts';
import { AttentionTable } from '../attention-table.tsx';
import { makeJob } from '../job.ts';
import { JobBar } from '../job-bar.tsx';
import { ResultHead } from '../result-head.tsx';
import type { BenchTab } from '../tabs.tsx';
import { bench, choices, kept } from '../view.ts';

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

const options = <T extends string>(values: readonly T[]) => values.map((value) => ({ value, label: value }));

function Attention() {
  useKeys('Attention', [
    { key: 'r', label: 'run on this device', run },
    { key: 'Escape', label: 'cancel, keep what is done', run: job.stop },
  ]);
  const file = job.file.value;
  const figures = file ? attentionFigures(file.results, file.ceilings) : [];
  const v = bench.view.value;
  return (
    <>
      <p class="lead">
        The same keys and values read three ways: through block tables, from contiguous memory, and gathered
        into contiguous memory first. Every result is checked; {heads} query heads of {headDim} cells.
      </p>
      <Panel title="Which caches" class="tab-choose">
        <Chips
          label="Phase"
          options={options(choices.phases)}
          chosen={v.phases}
          onChange={(to) => bench.adjust({ phases: kept(choices.phases, to) })}
        />
        <Chips
          label="Sequences"
          options={options(choices.batches)}
          chosen={v.batches}
          onChange={(to) => bench.adjust({ batches: kept(choices.batches, to) })}
        />
        <Chips
          label="Context, tokens"
          options={options(choices.contexts)}
          chosen={v.contexts}
          onChange={(to) => bench.adjust({ contexts: kept(choices.contexts, to) })}
        />
        <Chips
          label="Heads that share K and V"
          options={options(choices.groups)}
          chosen={v.groups}
          onChange={(to) => bench.adjust({ groups: kept(choices.groups, to) })}
        />
        <Chips
          label="KV pages"
          options={kvOptions}
          chosen={v.kv}
          onChange={(to) => bench.adjust({ kv: kept(choices.kv, to) })}
        />
        <Chips
          label="Tokens a page"
          options={options(choices.pages)}
          chosen={v.pages}
          onChange={(to) => bench.adjust({ pages: kept(choices.pages, to) })}
        />
        <JobBar
          job={job}
          obstacle={obstacle()}
          onRun={run}
          note={`${chosen().length === 1 ? 'one shape' : `${chosen().length} shapes`}, three ops each, in turns; prefill computes the last ${chunk} tokens of each context`}
        />
      </Panel>
      {file && !job.running.value && (
        <>
          <ResultHead file={file} name="attention" />
          {reading(figures) && <Caption>{reading(figures)}</Caption>}
          <Chart of={figures} />
          <Panel
            flush
            title="By shape"
            note="times are cold where all three were timed cold; ratios are warm, samples in turns"
          >
            <AttentionTable of={figures} />
          </Panel>
        </>
      )}
      {!file && !job.running.value && (
        <p class="empty">
          Nothing has been measured here yet. A run shows time over context, beside contiguous K and V and
          beside reading the bytes alone.
        </p>
      )}
    </>
  );
}

const tab: BenchTab = { id: 'attention', component: Attention };
export default tab;
