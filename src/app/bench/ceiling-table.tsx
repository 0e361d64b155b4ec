// The ceilings that a run measured, and why others are missing.

import { type CeilingName, ceilingNames, gapText, type ResultFile } from '../../measure/schema.ts';
import { ceilingTitle } from '../../views/facts.ts';
import { figure } from '../../views/format.ts';
import { type Column, DataTable, Term } from '../ui/index.ts';

interface Row {
  readonly name: CeilingName;
  readonly ceiling: NonNullable<ResultFile['ceilings'][CeilingName]>;
}

const columns: readonly Column<Row>[] = [
  {
    head: (
      <>
        Measured <Term of="ceiling">ceiling</Term>
      </>
    ),
    cell: ({ name, ceiling }) => (
      <>
        {ceilingTitle[name]}
        <span class="how">{ceiling.how}</span>
      </>
    ),
  },
  {
    head: 'median, p10–p90',
    cell: ({ ceiling }) => (
      <>
        {figure(ceiling.value)} {ceiling.unit}
        <span class="how">
          {figure(ceiling.p10)}–{figure(ceiling.p90)}
        </span>
      </>
    ),
  },
];

export function CeilingTable({
  ceilings,
  missingCeilings = {},
}: Pick<ResultFile, 'ceilings' | 'missingCeilings'>) {
  const missing = ceilingNames.filter((name) => !ceilings[name]);
  return (
    <>
      <DataTable
        label="Measured ceilings"
        class="ceilings"
        columns={columns}
        rows={ceilingNames.flatMap((name): Row[] => {
          const ceiling = ceilings[name];
          return ceiling ? [{ name, ceiling }] : [];
        })}
        keyOf={({ name }) => name}
      />
      {missing.length > 0 && (
        <p class="quiet-text small-text pad">
          Not measured:{' '}
          {missing.map((name) => `${ceilingTitle[name]} (${gapText(missingCeilings[name])})`).join(', ')}.
        </p>
      )}
    </>
  );
}
