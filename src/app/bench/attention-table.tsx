// The table of the Attention tab: a shape a row.

import type { AttentionFigure } from '../../measure/attention.ts';
import { figure, percent, spoken } from '../../views/format.ts';
import { ratioText } from '../../views/ratios.tsx';
import { Badge, type Column, DataTable } from '../ui/index.ts';
import { stepLink } from './view.ts';

const cell = (value: number | null): string => (value === null ? '–' : figure(value));

const columns: readonly Column<AttentionFigure>[] = [
  {
    head: 'phase',
    always: true,
    cell: ({ of }) => (of.phase === 'prefill' ? `${of.phase}, ${of.tokens} tokens` : of.phase),
  },
  { head: 'batch', always: true, cell: ({ of }) => of.batch },
  { head: 'context', always: true, cell: ({ of }) => of.context },
  { head: 'group', always: true, cell: ({ of }) => of.group },
  { head: 'KV', always: true, cell: ({ of }) => of.kv },
  { head: 'page', always: true, cell: ({ of }) => of.page },
  {
    head: 'version',
    cell: ({ version }) => <a href={stepLink('paged_attention', version, 'f32')}>{spoken(version)}</a>,
  },
  { head: 'timing', cell: ({ timing }) => timing },
  { head: 'paged ms', cell: ({ pagedMs }) => <b>{cell(pagedMs)}</b> },
  { head: 'contiguous ms', cell: ({ contiguousMs }) => cell(contiguousMs) },
  { head: 'gather ms', cell: ({ gatherMs }) => cell(gatherMs) },
  { head: 'reading ms', cell: ({ readMs }) => cell(readMs) },
  { head: 'time over contiguous', cell: (f) => (f.overContiguous ? ratioText(f.overContiguous) : '–') },
  { head: 'gather + contiguous over paged', cell: (f) => (f.gatherDense ? ratioText(f.gatherDense) : '–') },
  { head: 'of read bandwidth', cell: (f) => (f.readFraction === null ? '–' : percent(f.readFraction)) },
  { head: 'bound', cell: ({ bound }) => (bound ? <Badge>{bound}</Badge> : '–') },
];

export const AttentionTable = ({ of }: { readonly of: readonly AttentionFigure[] }) => (
  <DataTable
    label="Attention, by shape"
    columns={columns}
    rows={of}
    keyOf={(f) => f.shape}
    why={(f) => f.why}
  />
);
