// Paged attention beside the same attention over contiguous K and V, beside gathering first, and beside reading the bytes.

import { signal } from '@preact/signals';
import {
  type AttentionCase,
  type AttentionFigure,
  attentionCases,
  attentionFigures,
  attentionItems,
} from '../../../measure/attention.ts';
import type { ResultFile } from '../../../measure/schema.ts';
import { figure, percent, spoken } from '../../../views/format.ts';
import { ratioText } from '../../../views/ratios.tsx';
import * as gpu from '../../gpu.ts';
import { Badge, Caption, Chips, Panel, TableFrame, useKeys } from '../../ui/index.ts';
import { makeJob } from '../job.ts';
import { JobBar } from '../job-bar.tsx';
import { ResultHead } from '../result-head.tsx';
import type { BenchTab } from '../tabs.tsx';
import { stepLink } from '../view.ts';

const job = makeJob<ResultFile>();
const phases = signal<readonly string[]>(['decode']);
const batches = signal<readonly string[]>(['1', '8']);
const contexts = signal<readonly string[]>(['1024']);
const groups = signal<readonly string[]>(['4']);
const kvs = signal<readonly string[]>(['f32']);
const pages = signal<readonly string[]>(['16']);
const lists = [phases, batches, contexts, groups, kvs, pages];

const [heads, headDim, chunk] = [32, 64, 64];
const chosen = (): readonly AttentionCase[] =>
  attentionCases({
    phases: (['decode', 'prefill'] as const).filter((p) => phases.value.includes(p)),
    batches: batches.value.map(Number),
    contexts: contexts.value.map(Number),
    heads,
    groups: groups.value.map(Number),
    headDim,
    kvs: (['f32', 'f16', 'i8'] as const).filter((k) => kvs.value.includes(k)),
    pages: pages.value.map(Number),
    chunk,
  });
const obstacle = (): string => (chosen().length === 0 ? 'Choose at least one of each.' : '');

function run(): void {
  if (obstacle()) return;
  const [p, b, c, g, k, s] = lists.map((list) => list.value.join(','));
  void job.start((tell) =>
    gpu.bench(
      {
        items: attentionItems(chosen()),
        effort: 'quick',
        tuning: 'off',
        tuned: {},
        command: `npm run bench -- attention --quick --phase ${p} --batch ${b} --context ${c} --group ${g} --kv ${k} --page ${s}`,
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
      : ` Going through the block table takes ${figure(look.ratio)}× the time of contiguous K and V.`;
  const read =
    longest.readFraction === null ? '' : `, ${percent(longest.readFraction)} of the measured read bandwidth`;
  return `At the largest size (${longest.shape}) paged attention takes ${figure(longest.pagedMs ?? 0)} ms${read}.${paging}`;
}

const cell = (value: number | null): string => (value === null ? '–' : figure(value));

function Rows({ of }: { readonly of: readonly AttentionFigure[] }) {
  return (
    <TableFrame label="Attention, by shape">
      <thead>
        <tr>
          {[
            'shape',
            'version',
            'timing',
            'paged ms',
            'contiguous ms',
            'gather ms',
            'time over contiguous (warm)',
            'gather + contiguous over paged',
            'of read bandwidth',
            'bound',
          ].map((head) => (
            <th key={head} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {of.map((f) => (
          <tr key={f.shape}>
            <th scope="row">{f.shape}</th>
            {f.why === null ? (
              <>
                <td>
                  <a href={stepLink('paged_attention', f.version, 'f32')}>{spoken(f.version)}</a>
                </td>
                <td>{f.timing}</td>
                <td>
                  <b>{cell(f.pagedMs)}</b>
                </td>
                <td>{cell(f.contiguousMs)}</td>
                <td>{cell(f.gatherMs)}</td>
                <td>{f.overContiguous ? ratioText(f.overContiguous) : '–'}</td>
                <td>{f.gatherDense === null ? '–' : `${figure(f.gatherDense)}×`}</td>
                <td>{f.readFraction === null ? '–' : percent(f.readFraction)}</td>
                <td>{f.bound ? <Badge>{f.bound}</Badge> : '–'}</td>
              </>
            ) : (
              <td class="left" colSpan={9}>
                {f.why}
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </TableFrame>
  );
}

const options = (values: readonly string[]) => values.map((value) => ({ value, label: value }));

function Attention() {
  useKeys('Attention', [
    { key: 'r', label: 'run on this device', run },
    { key: 'Escape', label: 'cancel, keep what is done', run: job.stop },
  ]);
  const file = job.file.value;
  const figures = file ? attentionFigures(file.results, file.ceilings) : [];
  const set = (s: { value: readonly string[] }) => (to: readonly string[]) => {
    s.value = to;
  };
  return (
    <>
      <p class="lead">
        The same keys and values read three ways: through block tables, from contiguous memory, and gathered
        into contiguous memory first. Every result is checked; {heads} query heads of {headDim} cells.
      </p>
      <Panel title="Which caches" class="tab-choose">
        <Chips
          label="Phase"
          options={options(['decode', 'prefill'])}
          chosen={phases.value}
          onChange={set(phases)}
        />
        <Chips
          label="Sequences"
          options={options(['1', '8', '32'])}
          chosen={batches.value}
          onChange={set(batches)}
        />
        <Chips
          label="Context"
          options={options(['256', '1024', '4096', '32768'])}
          chosen={contexts.value}
          onChange={set(contexts)}
        />
        <Chips
          label="Heads that share K and V"
          options={options(['1', '2', '4', '8'])}
          chosen={groups.value}
          onChange={set(groups)}
        />
        <Chips
          label="KV pages"
          options={options(['f32', 'f16', 'i8'])}
          chosen={kvs.value}
          onChange={set(kvs)}
        />
        <Chips
          label="Tokens a page"
          options={options(['8', '16', '32', '64'])}
          chosen={pages.value}
          onChange={set(pages)}
        />
        <JobBar
          job={job}
          label="Attention"
          obstacle={obstacle()}
          onRun={run}
          note={`${chosen().length === 1 ? 'one shape' : `${chosen().length} shapes`}, three ops each; prefill computes the last ${chunk} tokens of each context`}
        />
      </Panel>
      {file && !job.running.value && (
        <>
          <ResultHead file={file} name="attention" />
          {reading(figures) && <Caption>{reading(figures)}</Caption>}
          <Panel flush title="By shape" note="cold where all three were timed cold; medians">
            <Rows of={figures} />
          </Panel>
        </>
      )}
      {!file && !job.running.value && <p class="empty">Nothing has been measured here yet.</p>}
    </>
  );
}

const tab: BenchTab = { id: 'attention', component: Attention };
export default tab;
