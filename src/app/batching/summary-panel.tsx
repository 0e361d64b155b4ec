// The figures below the tracks: one row a strategy, then each one's difference from the first with its noise.

import { useMemo } from 'preact/hooks';
import { seconds } from '../../views/batching/axis.ts';
import {
  type Difference,
  differenceOf,
  FACTS,
  type Fact,
  type FactValue,
  factOf,
  sameOutputs,
  type Taken,
} from '../../views/batching/summary.ts';
import { exact, figure, percent, times } from '../../views/format.ts';
import { TableFrame, tipOn } from '../ui/index.ts';
import { below, type Shown, type ShownLane } from './shown.ts';

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
  const runs = [shown.running === null, below.value, ...shown.lanes.flatMap((lane) => lane.tracks)];
  return useMemo(() => <Figures shown={shown} />, runs);
}

function Figures({ shown }: { readonly shown: Shown }) {
  const [first, ...others] = shown.lanes;
  // while it is measured: once every strategy has finished a run
  if (!first || shown.lanes.some((lane) => lane.tracks.length === 0)) return null;
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
            <LaneRow key={lane.key} lane={lane} shown={shown} />
          ))}
          {shown.source === 'virtual' &&
            below.value?.lanes.map((lane) => (
              <LaneRow key={`${lane.key} measured`} lane={lane} shown={shown} note="measured here" />
            ))}
          {others.map((lane) => (
            <DifferenceRow
              key={`${lane.key} difference`}
              first={first}
              lane={lane}
              shown={shown}
              many={others.length > 1}
            />
          ))}
        </tbody>
      </TableFrame>
      <Footer shown={shown} />
    </section>
  );
}

interface LaneRowProps {
  readonly lane: ShownLane;
  readonly shown: Shown;
  readonly note?: string;
}

function LaneRow({ lane, shown, note }: LaneRowProps) {
  const device = note === undefined ? shown.device : below.value?.device;
  return (
    <tr class={note === undefined ? '' : 'quiet-text'}>
      <th scope="row">
        {lane.track.title}
        {note && `, ${note}`}
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

function Noise({ fact, value }: { readonly fact: Fact; readonly value: FactValue }) {
  if (value.spread === undefined) return null;
  return <span class="pm">±{formatFact(fact, value.spread)}</span>;
}

interface DifferenceProps {
  readonly first: ShownLane;
  readonly lane: ShownLane;
  readonly shown: Shown;
  readonly many: boolean;
}

function DifferenceRow({ first, lane, shown, many }: DifferenceProps) {
  return (
    <tr class="difference">
      <th scope="row">{many ? `${lane.track.title} against ${first.track.title}` : 'Difference'}</th>
      {FACTS.map((fact) => {
        const d = differenceOf(fact, factOf(fact, first), factOf(fact, lane), shown.taken);
        return (
          <td key={fact.id} class={verdictClass(d)} {...tipOn(explainDifference(d, shown.taken))}>
            {differenceText(fact, d)}
          </td>
        );
      })}
    </tr>
  );
}

const verdictClass = (d: Difference): string =>
  d.verdict === 'better' ? 'good-text' : d.verdict === 'worse' ? 'bad-text' : 'quiet-text';

function differenceText(fact: Fact, d: Difference): string {
  if (d.verdict === 'no difference') return 'no difference';
  if (Number.isNaN(d.change)) return '–';
  const sign = d.change > 0 ? '+' : '−';
  const word = d.verdict === 'better' ? ' better' : d.verdict === 'worse' ? ' worse' : '';
  // a share that doubles from 1 % has not become twice as bad: shares differ by points
  if (fact.unit === 'share') return `${sign}${figure(Math.abs(d.points) * 100, 2)} points${word}`;
  if (!Number.isFinite(d.change)) return `from 0${word}`;
  return d.change > 9 ? `${times(1 + d.change)}${word}` : `${sign}${percent(Math.abs(d.change))}${word}`;
}

function explainDifference(d: Difference, taken: Taken): string {
  if (d.verdict === 'too small') return 'Below 1 %: no measurement would tell the two apart.';
  if (taken === 'exact') return 'The virtual clock has no noise: repeats give the same figure.';
  if (d.interval)
    return `The ratio lies between ${figure(d.interval[0])} and ${figure(d.interval[1])} with 95 % confidence, by ranks${taken === 'turns' ? ', turn by turn' : ''}.`;
  return 'Too few repeats: the noise is not known, so nothing is ranked.';
}

function Footer({ shown }: { readonly shown: Shown }) {
  const same = sameOutputs(shown.lanes.flatMap((lane) => lane.tracks));
  return (
    <p class="panel-footer same-outputs" data-same={same.kind}>
      {same.kind === 'identical' && (
        <>
          <b class="good-text">outputs identical ✔</b> all {same.tokens.toLocaleString('en')} tokens, compared
          one by one
          {shown.simulated && ' (tokens of the virtual clock: a hash of each sequence, no weights)'}
        </>
      )}
      {same.kind === 'different' && (
        <b class="bad-text">
          outputs differ ✘ first in token {same.token + 1} of R{same.request + 1}: do not trust this
          comparison
        </b>
      )}
      {same.kind === 'incomparable' && <span>Outputs not compared: {same.why}.</span>}
    </p>
  );
}
