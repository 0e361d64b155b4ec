// Below the figures: whether the answers are the same, what bounds each strategy's runs, what was left out, and what the harness
// itself cost.

import { BOUNDS, type BoundShares, explainsLittle } from '../../measure/bound.ts';
import type { Bound } from '../../measure/schema.ts';
import { seconds } from '../../views/batching/axis.ts';
import { boundName } from '../../views/batching/bound-name.ts';
import { sameOutputs } from '../../views/batching/same-outputs.ts';
import { grouped, percent } from '../../views/format.ts';
import { answeredOf } from './lanes.ts';
import type { Shown } from './shown.ts';

export function SummaryNotes({ shown }: { readonly shown: Shown }) {
  return (
    <>
      <SameOutputs shown={shown} />
      <div class="panel-footer small-text summary-notes">
        <LeftOut shown={shown} />
        <Bounds shown={shown} />
        <HarnessLine shown={shown} />
      </div>
    </>
  );
}

function SameOutputs({ shown }: { readonly shown: Shown }) {
  const same = sameOutputs(answeredOf(shown.lanes));
  return (
    <p class="panel-footer same-outputs" data-same={same.kind}>
      {same.kind === 'identical' && (
        <>
          <b class="good-text">outputs identical ✔</b>{' '}
          {same.tokens === same.of
            ? `all ${grouped(same.tokens)} tokens`
            : `${grouped(same.tokens)} of ${grouped(same.of)} tokens, as far as every strategy came`}
          , compared one by one
          {shown.simulated && ' (tokens of the virtual clock: a hash of each sequence, no weights)'}
        </>
      )}
      {same.kind === 'different' && (
        <b class="bad-text">
          outputs differ ✘ first in token {same.token + 1} of R{same.request + 1}: do not trust this
          comparison
        </b>
      )}
      {same.kind === 'incomparable' && <span>Outputs incomparable: {same.why}.</span>}
    </p>
  );
}

/** Runs that were cut count for nothing but their tokens: the reader is told how many. */
function LeftOut({ shown }: { readonly shown: Shown }) {
  const cut = shown.lanes.reduce((sum, lane) => sum + lane.cut, 0);
  if (cut === 0 || shown.running) return null;
  return (
    <p data-testid="left-out">
      {cut === 1 ? 'One run was' : `${cut} runs were`} cut short and {cut === 1 ? 'is' : 'are'} in no figure.
    </p>
  );
}

const limits: Readonly<Record<Bound, string>> = {
  launch: 'launches',
  bandwidth: 'reading weights and KV',
  compute: 'arithmetic',
};

/** `launches 92 %, reading weights and KV 8 %`: what is below half a percent is left out. */
export const sharesText = (shares: BoundShares): string =>
  BOUNDS.filter((name) => shares[name] >= 0.005)
    .sort((a, b) => shares[b] - shares[a])
    .map((name) => `${limits[name]} ${percent(shares[name])}`)
    .join(', ');

function Bounds({ shown }: { readonly shown: Shown }) {
  const known = shown.lanes.flatMap(({ track, bound }) => (bound ? [{ title: track.title, bound }] : []));
  if (known.length === 0) return null;
  return (
    <p data-testid="bounds">
      Of the least time that this device’s ceilings allow the steps, limited by:{' '}
      {known.map(({ title, bound }, i) => (
        <span key={title}>
          {i > 0 && '; '}
          {title}, {boundName(bound)}: {sharesText(bound)}
        </span>
      ))}
      .
      {known.some(({ bound }) => explainsLittle(bound)) &&
        ' What they do not explain is kernels far from these limits, encoding and reading back.'}
    </p>
  );
}

function HarnessLine({ shown }: { readonly shown: Shown }) {
  const known = shown.lanes.flatMap(({ track, harness }) =>
    harness ? [{ title: track.title, ...harness }] : [],
  );
  if (known.length === 0) return null;
  const waits = known.reduce((sum, own) => sum + own.waits, 0);
  return (
    <p data-testid="harness">
      The harness itself, a step:{' '}
      {known
        .map(
          (own) => `${own.title} ${seconds(own.encode)} encoding, ${seconds(own.between)} planning and trace`,
        )
        .join('; ')}
      .{' '}
      {waits > 0
        ? `It noticed arrivals ${seconds(Math.max(...known.map((own) => own.late)))} late at most; latencies count from when they were due.`
        : 'It waited for no arrival.'}
    </p>
  );
}
