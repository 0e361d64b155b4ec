// A step's time on the device by op: each timed apart, beside the measured whole. Estimated, and said so.

import type { StepSplit } from '../../measure/split.ts';
import { figure, percent } from '../format.ts';
import { type Column, DataTable } from '../table.tsx';

/** What the figures are, in words. */
export function describeSplit({ sumMs, wholeMs, residualMs, n }: StepSplit): string {
  const residual = `${residualMs < 0 ? '−' : ''}${figure(Math.abs(residualMs))}`;
  return `Estimated: WebGPU tells times at pass boundaries only, so each op was timed apart, on this step’s own buffers. Apart they take ${figure(sumMs)} ms; the whole step takes ${figure(wholeMs)} ms on the device. The residual of ${residual} ms is shared out; medians of ${n}.`;
}

type Part = StepSplit['parts'][number];

const columnsOf = ({ parts, wholeMs, sumMs }: StepSplit): readonly Column<Part>[] => {
  const most = parts[0]?.estimatedMs ?? 1;
  return [
    {
      head: 'part',
      cell: ({ role, count }) => (
        <>
          {role}
          {count > 1 && <span class="quiet-text"> {count}×</span>}
        </>
      ),
      foot: 'whole step',
    },
    { head: 'kernel', class: 'split-kernel', cell: ({ op, version }) => `${op}/${version}` },
    {
      head: <span class="offscreen">share, drawn</span>,
      td: () => ({ class: 'split-bar' }),
      cell: ({ estimatedMs }) => <span style={{ width: `${(100 * estimatedMs) / most}%` }} />,
    },
    { head: 'share', cell: ({ estimatedMs }) => percent(estimatedMs / wholeMs) },
    { head: 'estimated ms', cell: ({ estimatedMs }) => figure(estimatedMs), foot: figure(wholeMs) },
    { head: 'apart ms', cell: ({ ms }) => figure(ms), foot: figure(sumMs) },
  ];
};

export const SplitTable = ({ split }: { readonly split: StepSplit }) => (
  <DataTable
    label="A step by op"
    class="split-table"
    columns={columnsOf(split)}
    rows={split.parts}
    keyOf={(part) => part.role}
  />
);
