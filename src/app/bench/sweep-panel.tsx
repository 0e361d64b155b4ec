// The size sweep: how each version fares as one size grows. Shown when the run holds at least two sizes.

import { isMeasured, metricUnit, rowName } from '../../views/facts.ts';
import { figure } from '../../views/format.ts';
import { SweepChart } from '../../views/sweep.tsx';
import { InTurn, Measured, Panel } from '../ui/index.ts';
import { catalog } from './catalog.ts';
import { here, opRows } from './here.ts';
import { families, sweepLines } from './shapes.ts';
import { marks, previewed } from './view.ts';

export function SweepPanel() {
  const { op, ladder, metric, chosen } = here.value;
  const entry = catalog.value?.get(op);
  const base = ladder.rows[0]?.dims;
  if (!entry || !base) return null;
  const rows = opRows.value.filter(isMeasured);
  const sweeps = families(entry.op).map((family) => ({ family, lines: sweepLines(rows, base, family) }));
  const sizesOf = (lines: ReturnType<typeof sweepLines>): number =>
    new Set([...lines.values()].flat().map((point) => point.size)).size;
  const widest = sweeps.toSorted((a, b) => sizesOf(b.lines) - sizesOf(a.lines))[0];
  if (!widest || sizesOf(widest.lines) < 2) return null;
  const strong = previewed.value ?? chosen;
  return (
    <InTurn>
      <Panel title="Size sweep" note={`${metricUnit[metric]} over ${widest.family.title}, p10–p90`}>
        <Measured>
          {(width) => (
            <SweepChart
              axis={widest.family.title}
              lines={widest.lines}
              metric={metric}
              width={width}
              height={Math.round(Math.min(320, Math.max(230, width * 0.55)))}
              strong={strong ? rowName(strong) : null}
              on={marks}
            />
          )}
        </Measured>
        <div class="offscreen">
          <table>
            <caption>Points of the sweep in {metricUnit[metric]}</caption>
            <tbody>
              {[...widest.lines].map(([name, line]) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  {line.map((point) => (
                    <td key={point.size}>
                      {point.size}: {figure(metric === 'ms' ? point.row.medianMs : point.row[metric])}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Panel>
    </InTurn>
  );
}
