// The figures below the tracks: one row a strategy, then each one's difference from the first with its noise.

import { useMemo } from 'preact/hooks';
import { seconds } from '../../views/batching/axis.ts';
import { type Difference, differencesOf } from '../../views/batching/differences.ts';
import {
  FACTS,
  type Fact,
  type FactValue,
  factOf,
  type Taken,
  wholeRuns,
} from '../../views/batching/summary.ts';
import { exact, figure, percent, times } from '../../views/format.ts';
import { TableFrame, tipOn } from '../ui/index.ts';
import { countsOf, cutShort, type ShownLane } from './lanes.ts';
import { below, type Shown } from './shown.ts';
import { SummaryNotes } from './summary-notes.tsx';
import { sameTrack } from './titles.ts';

export function formatFact(fact: Fact, value: number): string {
  if (Number.isNaN(value)) return '–';
  switch (fact.unit) {
    case 's':
      return seconds(value);
    case 'tokens/s':
      return figure(value);
    case 'share':
      return percent(value);
  }
}

const exactly = (fact: Fact, value: number): string =>
  fact.unit === 'share' ? `${exact(value * 100)} %` : `${exact(value)} ${fact.unit}`;

/** Figures change with the finished runs, not with every picture of one that goes on. */
export function SummaryPanel({ shown }: { readonly shown: Shown }) {
  const finished = shown.lanes.flatMap((lane) => lane.runs.map((run) => run.track));
  const runs = [shown.running === null, below.value, ...finished];
  return useMemo(() => <Figures shown={shown} />, runs);
}

function Figures({ shown }: { readonly shown: Shown }) {
  const [first, ...others] = shown.lanes;
  if (!first) return null;
  // while it is measured: once every strategy has finished a run
  if (shown.running && shown.lanes.some((lane) => wholeRuns(lane).length === 0)) return null;
  const [figures = [], ...rivals] = shown.lanes.map((lane) => FACTS.map((fact) => factOf(fact, lane)));
  const differences = differencesOf(FACTS, figures, rivals, shown.taken);
  const own = shown.source === 'virtual' && below.value?.source === 'yours' ? below.value : null;
  const counted = countsOf([...shown.lanes, ...(own?.lanes ?? [])]);
  return (
    <section class="panel summary-panel" aria-label="Figures">
      <TableFrame label="Figures of each strategy">
        <thead>
          <tr>
            <th scope="col">
              <span class="offscreen">Strategy</span>
            </th>
            {FACTS.map((fact) => (
              <th key={fact.id} scope="col">
                <button type="button" class="term" aria-description={fact.formula} {...tipOn(fact.formula)}>
                  {fact.title}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.lanes.map((lane) => (
            <LaneRow key={lane.key} lane={lane} device={shown.device} note={counted(lane)} />
          ))}
          {own?.lanes.map((lane) => (
            <LaneRow
              key={`${lane.key} measured`}
              lane={lane}
              device={own.device}
              note={`, measured here${counted(lane)}`}
              quiet
            />
          ))}
          {own &&
            shown.lanes.map((lane) => {
              const measured = own.lanes.find(({ key }) => sameTrack(key, lane.key));
              // of other requests no clock can be right
              const alike = measured?.track.requests === lane.track.requests;
              return alike && <ClocksRow key={`${lane.key} clocks`} virtual={lane} measured={measured} />;
            })}
          {others.map((lane, i) => (
            <DifferenceRow
              key={`${lane.key} difference`}
              title={
                (others.length > 1 ? `${lane.track.title} against ${first.track.title}` : 'Difference') +
                (lane.track.requests === first.track.requests ? '' : ', of other requests')
              }
              differences={differences[i] ?? []}
              taken={shown.taken}
            />
          ))}
        </tbody>
      </TableFrame>
      <SummaryNotes shown={shown} />
    </section>
  );
}

interface LaneRowProps {
  readonly lane: ShownLane;
  readonly device: string;
  /** What is said of it behind its title. */
  readonly note: string;
  readonly quiet?: boolean;
}

function LaneRow({ lane, device, note, quiet = false }: LaneRowProps) {
  return (
    <tr class={quiet ? 'quiet-text' : ''}>
      <th scope="row">
        {lane.track.title}
        {note}
        {wholeRuns(lane).length === 0 && cutShort(lane) !== undefined && ', cut short'}
      </th>
      {FACTS.map((fact) => {
        const value = factOf(fact, lane);
        return (
          <td
            key={fact.id}
            data-fact={fact.id}
            {...tipOn(`${exactly(fact, value.median)} = ${fact.formula}. ${device}.`)}
          >
            {formatFact(fact, value.median)} <Noise fact={fact} value={value} />
          </td>
        );
      })}
    </tr>
  );
}

/** How far the virtual clock is from the device, in the same figures. */
function ClocksRow({ virtual, measured }: { readonly virtual: ShownLane; readonly measured: ShownLane }) {
  return (
    <tr class="clocks quiet-text">
      <th scope="row">{virtual.track.title}, clock against device</th>
      {FACTS.map((fact) => {
        const [predicted, seen] = [factOf(fact, virtual).median, factOf(fact, measured).median];
        return (
          <td
            key={fact.id}
            {...tipOn(
              `The virtual clock says ${exactly(fact, predicted)}, the device ${exactly(fact, seen)}.`,
            )}
          >
            {changeText(fact, predicted / seen - 1, predicted - seen)}
          </td>
        );
      })}
    </tr>
  );
}

function Noise({ fact, value }: { readonly fact: Fact; readonly value: FactValue }) {
  if (value.spread === undefined) return null;
  return <span class="pm">±{formatFact(fact, value.spread)}</span>;
}

interface DifferenceProps {
  readonly title: string;
  /** One a fact, in their order. */
  readonly differences: readonly Difference[];
  readonly taken: Taken;
}

function DifferenceRow({ title, differences, taken }: DifferenceProps) {
  return (
    <tr class="difference">
      <th scope="row">{title}</th>
      {FACTS.map((fact, i) => {
        const d = differences[i];
        return (
          d && (
            <td key={fact.id} class={verdictClass(d)} {...tipOn(explainDifference(d, taken))}>
              {differenceText(fact, d)}
            </td>
          )
        );
      })}
    </tr>
  );
}

const verdictClass = (d: Difference): string =>
  d.verdict === 'better' ? 'good-text' : d.verdict === 'worse' ? 'bad-text' : 'quiet-text';

function differenceText(fact: Fact, d: Difference): string {
  if (d.verdict === 'no difference') return 'no difference';
  const word = d.verdict === 'better' ? ' better' : d.verdict === 'worse' ? ' worse' : '';
  return `${changeText(fact, d.change, d.points)}${word}`;
}

function changeText(fact: Fact, change: number, points: number): string {
  if (Number.isNaN(points)) return '–';
  const sign = points > 0 ? '+' : points < 0 ? '−' : '±';
  // a share that doubles from 1 % has not become twice as bad: shares differ by points
  if (fact.unit === 'share') return `${sign}${figure(Math.abs(points) * 100, 2)} points`;
  if (Number.isNaN(change)) return '–';
  if (!Number.isFinite(change)) return 'from 0';
  return change > 9 ? times(1 + change) : `${sign}${percent(Math.abs(change))}`;
}

function explainDifference(d: Difference, taken: Taken): string {
  if (d.verdict === 'too small') return 'Below 1 %: no measurement would tell the two apart.';
  if (taken === 'exact') return 'The virtual clock has no noise: repeats give the same figure.';
  if (d.interval)
    return `The ratio lies between ${figure(d.interval[0])} and ${figure(d.interval[1])} with 95 % confidence by itself, by ranks${taken === 'turns' ? ', turn by turn' : ''}. All that is compared here shares one chance of 5 % to call noise a difference.`;
  return 'Too few repeats: the noise is not known, so nothing is ranked.';
}
