// The roofline of the run in view: this shape's rows in full, everything else of the run faint.

import { isMeasured, rowKey } from '../../views/facts.ts';
import { figure } from '../../views/format.ts';
import { intensity, RooflineChart } from '../../views/roofline.tsx';
import { InTurn, Measured, Panel, Term } from '../ui/index.ts';
import { chosenKey, here, previewKey, source } from './here.ts';
import { marks } from './view.ts';

export function RooflinePanel() {
  const from = source.value;
  if (!from?.ceilings) return null;
  const rows = here.value.ladder.rows.filter(isMeasured);
  const shownKeys = new Set(rows.map(rowKey));
  const others = from.rows
    .filter(isMeasured)
    .filter((row) => !shownKeys.has(rowKey(row)) && row.gbps > 0 && row.gflops > 0);
  const { ceilings } = from;
  return (
    <InTurn>
      <Panel
        title={<Term of="roofline">Roofline</Term>}
        note={
          <>
            <Term of="arithmetic intensity">arithmetic intensity</Term> against rate; ceilings measured in the
            same run{others.length > 0 && '; hollow: its other rows'}
          </>
        }
      >
        {rows.length === 0 ? (
          <p class="empty">No verified row of this shape yet.</p>
        ) : (
          <Measured>
            {(width) => (
              <RooflineChart
                rows={rows}
                others={others}
                ceilings={ceilings}
                width={width}
                height={Math.round(Math.min(330, Math.max(240, width * 0.6)))}
                preview={previewKey.value}
                chosen={chosenKey.value}
                on={marks}
              />
            )}
          </Measured>
        )}
        <div class="offscreen">
          <table>
            <caption>Points of the roofline</caption>
            <tbody>
              {rows.map((row) => (
                <tr key={rowKey(row)}>
                  <th scope="row">{row.version}</th>
                  <td>{figure(intensity(row))} FLOP per byte</td>
                  <td>{figure(row.gflops)} GFLOP/s</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Panel>
    </InTurn>
  );
}
