// The ceilings that a run measured, and why others are missing.

import { type CeilingName, ceilingNames, gapText, type ResultFile } from '../../measure/schema.ts';
import { ceilingTitle } from '../../views/facts.ts';
import { figure } from '../../views/format.ts';
import { TableFrame, Term } from '../ui/index.ts';

export function CeilingTable({
  ceilings,
  missingCeilings = {},
}: Pick<ResultFile, 'ceilings' | 'missingCeilings'>) {
  const have = ceilingNames.flatMap((name): [CeilingName, NonNullable<(typeof ceilings)[CeilingName]>][] => {
    const ceiling = ceilings[name];
    return ceiling ? [[name, ceiling]] : [];
  });
  const missing = ceilingNames.filter((name) => !ceilings[name]);
  return (
    <>
      <TableFrame label="Measured ceilings" class="ceilings">
        <thead>
          <tr>
            <th scope="col">
              Measured <Term of="ceiling">ceiling</Term>
            </th>
            <th scope="col">median, p10–p90</th>
          </tr>
        </thead>
        <tbody>
          {have.map(([name, ceiling]) => (
            <tr key={name}>
              <th scope="row">
                {ceilingTitle[name]}
                <span class="how">{ceiling.how}</span>
              </th>
              <td>
                {figure(ceiling.value)} {ceiling.unit}
                <span class="how">
                  {figure(ceiling.p10)}–{figure(ceiling.p90)}
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </TableFrame>
      {missing.length > 0 && (
        <p class="quiet-text small-text pad">
          Not measured:{' '}
          {missing.map((name) => `${ceilingTitle[name]} (${gapText(missingCeilings[name])})`).join(', ')}.
        </p>
      )}
    </>
  );
}
