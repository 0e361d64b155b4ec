// What every line costs over the whole dispatch: a model with its rules in the hovers, not a measurement.

import { useEffect } from 'preact/hooks';
import { type Counters, flopsPerByte } from '../../stepper/index.ts';
import { bytes, exact, figure, percent } from '../../views/format.ts';
import { type Column, DataTable, Term, tipOn } from '../ui/index.ts';
import { followOwnPasses, ownPasses } from './own-passes.ts';
import { countersOf, linesOf } from './passes.ts';
import { session, whole } from './session.ts';
import { go } from './timeline-bar.tsx';
import { step } from './view.ts';

interface Counted {
  readonly title: string;
  readonly about: string;
  readonly text: (c: Counters) => string;
  readonly exact: (c: Counters) => string;
}

/** Counts are exact while they are short. */
export const count = (x: number): string => (x < 100_000 ? exact(x) : figure(x));

const counted: readonly Counted[] = [
  {
    title: 'hits',
    about: 'How often a subgroup executed a statement that begins on the line.',
    text: (c) => count(c.hits),
    exact: (c) => exact(c.hits),
  },
  {
    title: 'lane efficiency',
    about: 'Active lanes ÷ (hits × lanes of a subgroup): below 100 % some lanes were masked.',
    text: (c) => (c.hits === 0 ? '–' : percent(c.laneEfficiency)),
    exact: (c) => `${exact(c.laneStatements)} lane-statements`,
  },
  {
    title: 'read',
    about: 'Bytes that lanes ask of storage buffers, each lane counted; uniform buffers are not.',
    text: (c) => (c.bytesRead === 0 ? '' : bytes(c.bytesRead)),
    exact: (c) => `${exact(c.bytesRead)} bytes`,
  },
  {
    title: 'written',
    about: 'Bytes that lanes write to storage buffers.',
    text: (c) => (c.bytesWritten === 0 ? '' : bytes(c.bytesWritten)),
    exact: (c) => `${exact(c.bytesWritten)} bytes`,
  },
  {
    title: 'sectors',
    about:
      'Distinct 32-byte sectors of each subgroup access, summed; in brackets how many are needed at least.',
    text: (c) => (c.sectors === 0 ? '' : `${count(c.sectors)} (${count(c.idealSectors)})`),
    exact: (c) =>
      `${exact(c.sectors)} of at least ${exact(c.idealSectors)}; ${exact(c.lines)} lines of 128 bytes`,
  },
  {
    title: 'shared',
    about: 'Bytes that lanes ask of workgroup memory.',
    text: (c) => (c.sharedBytes === 0 ? '' : bytes(c.sharedBytes)),
    exact: (c) => `${exact(c.sharedBytes)} bytes`,
  },
  {
    title: 'bank passes',
    about:
      'Passes that 32 banks of 4 bytes take for the lanes served together; 1.00 is free of conflicts. 32 lanes are served together; where each asks for 8 bytes 16, for 16 bytes 8.',
    text: (c) => (c.sharedAccesses === 0 ? '' : `${figure(c.bankPasses / c.sharedAccesses)} each`),
    exact: (c) => `${exact(c.bankPasses)} passes for ${exact(c.sharedAccesses)} groups of lanes`,
  },
  {
    title: 'flops',
    about: 'Floating-point operations; fma and dot count each multiply and add.',
    text: (c) => (c.flops === 0 ? '' : count(c.flops)),
    exact: (c) => exact(c.flops),
  },
];

type Line = Counters & { readonly line: number | 'total' };

const columns: readonly Column<Line>[] = [
  {
    head: 'line',
    cell: ({ line }) =>
      line === 'total' ? (
        line
      ) : (
        <button
          type="button"
          class="quiet small source-link"
          onClick={() => go({ kind: 'line', line }, 'forward')}
        >
          <span class="line-label">{line}</span>{' '}
          <code>{(session.value?.lines[line - 1] ?? '').trim().slice(0, 48)}</code>
        </button>
      ),
  },
  ...counted.map(
    (of): Column<Line> => ({
      head: of.title,
      th: tipOn(of.about),
      cell: of.text,
      td: (row) => tipOn(of.text(row) ? of.exact(row) : undefined),
    }),
  ),
];

export function CountersTab() {
  const now = session.value;
  const together = step.view.value.allpasses === 1;
  useEffect(() => (together ? followOwnPasses() : undefined), [together]);
  if (!now) return null;
  const all = whole.value;
  const { passes } = now.subject.launch;
  const own = step.view.value.allpasses === 1 && ownPasses.value?.of === now ? ownPasses.value.passes : null;
  const lines = (own ? linesOf(own) : (all?.lines ?? now.opened.lines)).filter((l) => l.hits > 0);
  const totals = own ? countersOf(own, null) : (all?.totals ?? now.opened.totals);
  return (
    <>
      {passes.length > 1 && (
        <p>
          <label>
            <input
              type="checkbox"
              checked={step.view.value.allpasses === 1}
              onChange={(event) => step.adjust({ allpasses: event.currentTarget.checked ? 1 : 0 })}
            />{' '}
            all {passes.length} passes together ({passes.map((p) => p.entry).join(', ')})
          </label>
        </p>
      )}
      <p class="quiet-text">
        {own
          ? `All workgroups of all ${own.length} passes`
          : all
            ? all.workgroups === 1
              ? 'The one workgroup'
              : `All ${all.workgroups} workgroups`
            : 'The workgroup in view'}
        ; a model of memory, its rules in the column heads. <Term of="arithmetic intensity" />:{' '}
        <b>{figure(flopsPerByte(totals))}</b> FLOP a byte asked for.
      </p>
      <DataTable
        label="Counters by line"
        columns={columns}
        rows={[...lines, { line: 'total', ...totals }]}
        keyOf={(row) => row.line}
        tr={(row) => ({ class: row.line === 'total' ? 'total' : undefined })}
      />
    </>
  );
}
