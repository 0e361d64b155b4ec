// Two versions side by side by what they count on the same inputs.

import { useEffect } from 'preact/hooks';
import { type Counters, flopsPerByte } from '../../stepper/index.ts';
import { bytes, exact, figure, percent, spoken, times } from '../../views/format.ts';
import { type Column, DataTable, tipOn } from '../ui/index.ts';
import { flipTo, measure, runs, siblings } from './flip.ts';
import { followOwnPasses, ownPasses } from './own-passes.ts';
import { countersOf, type Pass, readChoice, writeChoice } from './passes.ts';
import { session, whole } from './session.ts';
import { count } from './tab-counters.tsx';
import { step } from './view.ts';

interface Row {
  readonly title: string;
  readonly value: (c: Counters) => number;
  readonly text: (x: number) => string;
}

const rows: readonly Row[] = [
  { title: 'statements of subgroups', value: (c) => c.hits, text: count },
  { title: 'lane efficiency', value: (c) => c.laneEfficiency, text: percent },
  { title: 'read from storage', value: (c) => c.bytesRead, text: bytes },
  { title: 'written to storage', value: (c) => c.bytesWritten, text: bytes },
  { title: 'sectors of 32 B', value: (c) => c.sectors, text: count },
  {
    title: 'sectors needed ÷ moved',
    value: (c) => (c.sectors === 0 ? 1 : c.idealSectors / c.sectors),
    text: percent,
  },
  { title: 'workgroup memory', value: (c) => c.sharedBytes, text: bytes },
  {
    title: 'bank passes a group of lanes',
    value: (c) => (c.sharedAccesses === 0 ? 0 : c.bankPasses / c.sharedAccesses),
    text: (x) => figure(x),
  },
  { title: 'flops', value: (c) => c.flops, text: count },
  { title: 'integer operations', value: (c) => c.intOps, text: count },
  { title: 'FLOP a byte', value: flopsPerByte, text: (x) => figure(x) },
];

const versionColumn = (head: string, value: (row: Row) => number): Column<Row> => ({
  head,
  cell: (row) => row.text(value(row)),
  td: (row) => tipOn(exact(value(row))),
});

const ratioOf = (a: number, b: number): string => (a === b ? 'equal' : b === 0 ? '–' : times(a / b));

/** Which passes of a kernel count; nothing where there is but one. */
function PassSelect({
  label,
  passes,
  value,
  onChange,
}: {
  readonly label: string;
  readonly passes: readonly Pass[];
  readonly value: number | null;
  readonly onChange: (pass: number | null) => void;
}) {
  if (passes.length < 2) return null;
  return (
    <select
      aria-label={label}
      value={value ?? ''}
      onChange={(event) =>
        onChange(event.currentTarget.value === '' ? null : Number(event.currentTarget.value))
      }
    >
      <option value="">all {passes.length} passes</option>
      {passes.map((p, i) => (
        <option key={p.entry} value={i}>
          pass {p.entry}
        </option>
      ))}
    </select>
  );
}

export function CompareTab() {
  const here = session.value?.subject.contract?.version.id ?? '';
  const edited = step.view.value.src !== '' || step.view.value.strike.length > 0;
  const others = siblings.value.filter((v) => v.id !== here || edited);
  const wanted = step.view.value.compare;
  const other = others.find((v) => v.id === wanted)?.id ?? others[0]?.id;
  useEffect(followOwnPasses, []);
  useEffect(() => {
    if (other) void measure(other);
  }, [other, whole.value]);
  const run = other === undefined ? undefined : runs.value.get(other);
  const own = ownPasses.value?.of === session.value ? (ownPasses.value?.passes ?? []) : [];
  const its = run?.kind === 'measured' ? run.passes : [];
  const choice = readChoice(step.view.value.passes);
  const [mine, theirs] = [countersOf(own, choice.mine), countersOf(its, choice.its)];
  if (others.length === 0)
    return <p class="quiet-text">There is no other version of this op to compare with.</p>;
  return (
    <>
      <p class="compare-head">
        This one{' '}
        <PassSelect
          label="Passes of this one"
          passes={own}
          value={choice.mine}
          onChange={(pass) => step.adjust({ passes: writeChoice(pass, choice.its) })}
        />{' '}
        against{' '}
        <select
          aria-label="Compare with"
          value={other}
          onChange={(event) =>
            step.adjust({ compare: event.currentTarget.value, passes: writeChoice(choice.mine, null) })
          }
        >
          {others.map((v) => (
            <option key={v.id} value={v.id}>
              {spoken(v.id)}
            </option>
          ))}
        </select>{' '}
        <PassSelect
          label="Passes of the other"
          passes={its}
          value={choice.its}
          onChange={(pass) => step.adjust({ passes: writeChoice(choice.mine, pass) })}
        />{' '}
        on the same inputs{' '}
        {other && (
          <button
            type="button"
            class="small"
            onClick={() => {
              step.adjust({ compare: here, passes: writeChoice(choice.its, choice.mine) });
              flipTo(other);
            }}
          >
            Flip to it
          </button>
        )}
      </p>
      {run?.kind === 'failed' && <p class="warn-text">{run.message}</p>}
      {own.length > 0 && its.length > 0 ? (
        <DataTable
          label="Counters of two versions"
          columns={[
            {
              head: own.length + its.length > 2 ? 'whole dispatches' : 'whole dispatch',
              cell: ({ title }) => title,
            },
            versionColumn(`${spoken(here)}${edited ? ' (edited)' : ''}`, ({ value }) => value(mine)),
            versionColumn(spoken(other ?? ''), ({ value }) => value(theirs)),
            { head: 'this ÷ other', cell: ({ value }) => ratioOf(value(mine), value(theirs)) },
          ]}
          rows={rows}
          keyOf={(row) => row.title}
        />
      ) : (
        run?.kind !== 'failed' && <p class="quiet-text">Running it …</p>
      )}
    </>
  );
}
