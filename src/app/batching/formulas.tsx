// Every metric of every strategy with its formula: harnesses disagree, so the formula stands beside the number.

import { useMemo } from 'preact/hooks';
import { continuousOverStatic } from '../../engine/metrics/bounds.ts';
import { capacityFormula } from '../../engine/metrics/capacity.ts';
import { measure, metrics } from '../../engine/metrics/metrics.ts';
import { seconds } from '../../views/batching/axis.ts';
import { exact, figure, grouped, percent, times } from '../../views/format.ts';
import { TableFrame, tipOn } from '../ui/index.ts';
import { cutShort, type ShownLane, strategyOf } from './lanes.ts';
import { measureOptions, Objectives } from './objectives.tsx';
import type { Shown } from './shown.ts';

function format(value: number | undefined, unit: string): string {
  if (value === undefined) return '–';
  if (unit === 's') return seconds(value);
  if (unit === 'share') return percent(value);
  return Number.isInteger(value) ? grouped(value) : figure(value);
}

export function FormulasTable({ shown }: { readonly shown: Shown }) {
  const options = measureOptions();
  const values = useMemo(
    () => shown.lanes.map((lane) => measure(lane.track.trace, options)),
    [shown, JSON.stringify(options)],
  );
  const rows = metrics.filter((metric) => values.some((v) => v[metric.id] !== undefined));
  return (
    <>
      <Objectives />
      <TableFrame label="All metrics" class="formulas">
        <thead>
          <tr>
            <th scope="col">Metric</th>
            {shown.lanes.map((lane) => (
              <th key={lane.key} scope="col">
                {lane.track.title}
              </th>
            ))}
            <th scope="col" class="left">
              Formula
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((metric) => (
            <tr key={metric.id}>
              <th scope="row">
                {metric.title}{' '}
                {metric.unit !== 's' && metric.unit !== 'share' && <span class="pm">{metric.unit}</span>}
              </th>
              {values.map((v, i) => (
                <td
                  key={shown.lanes[i]?.key}
                  {...tipOn(
                    v[metric.id] === undefined ? undefined : `${exact(v[metric.id] ?? 0)} ${metric.unit}`,
                  )}
                >
                  {format(v[metric.id], metric.unit)}
                </td>
              ))}
              <td class="left formula">{metric.formula}</td>
            </tr>
          ))}
          {options.slo && <CapacityRow shown={shown} />}
          <BoundRow shown={shown} />
        </tbody>
      </TableFrame>
    </>
  );
}

/** The other meaning of goodput, which no run has: said, so that nobody takes the one above for it. */
const CapacityRow = ({ shown }: { readonly shown: Shown }) => (
  <tr>
    <th scope="row">
      Goodput, as a capacity <span class="pm">requests/s</span>
    </th>
    {shown.lanes.map((lane) => (
      <td key={lane.key}>–</td>
    ))}
    <td class="left formula">
      {capacityFormula}. One run cannot tell it: <code>npm run bench -- batching --slo ttft=500ms</code> finds
      it
    </td>
  </tr>
);

/** Static and continuous batching in as many slots, both whole: what the bound is about. Null without such a pair. */
export function joiningOf(lanes: readonly ShownLane[]) {
  const ran = (strategy: string) =>
    lanes.filter((lane) => cutShort(lane) === undefined && strategyOf(lane) === strategy);
  for (const fixed of ran('static')) {
    const joining = ran('continuous').find(({ track }) => track.slots === fixed.track.slots);
    if (!joining) continue;
    const { outputs, slots, steps } = fixed.track;
    const bound = continuousOverStatic([...outputs], slots);
    return { fixed, joining, bound, reached: steps / joining.track.steps };
  }
  return null;
}

function BoundRow({ shown }: { readonly shown: Shown }) {
  const pair = joiningOf(shown.lanes);
  if (!pair) return null;
  return (
    <tr>
      <th scope="row">Bound of joining</th>
      {shown.lanes.map((lane) => (
        <td key={lane.key}>
          {lane === pair.fixed ? times(pair.bound) : lane === pair.joining ? times(pair.reached) : '–'}
        </td>
      ))}
      <td class="left formula">
        under {pair.fixed.track.title}: continuous over static in decode steps ≤ mean(longest of{' '}
        {pair.fixed.track.slots}) / mean of the output lengths, with a queue that is never empty and steps of
        constant cost; under {pair.joining.track.title}: what this run reached in steps
      </td>
    </tr>
  );
}
