// Whose run this is and where its times come from, in one line above the tracks.

import type { Standing } from '../../model/probe-report.ts';
import { wholeRuns } from '../../views/batching/summary.ts';
import { day, grouped } from '../../views/format.ts';
import { Badge } from '../ui/index.ts';
import type { Running, Shown, Source } from './shown.ts';
import { clockOfOther } from './wanted.ts';

const whose: Readonly<Record<Source, string>> = {
  recorded: 'Recorded',
  virtual: 'Computed here',
  yours: 'Measured here',
  file: 'From a file',
  link: 'From a link',
};

/** Whether a request's answer may depend on what is served beside it. */
const standings: Readonly<Record<Standing, string>> = {
  kept: 'the same bits in every batch',
  'fell back':
    'the same bits in every batch, with one kernel an op because canonical ones differed on this device',
  'still differs': 'other bits in other batches',
  'not promised': 'fast numerics: bits depend on the batch',
};

/** Where the figures come from, in one line that never leaves out that they are simulated. */
export function RunBadge({ shown }: { readonly shown: Shown }) {
  if (shown.running) return <RunningBadge shown={shown} running={shown.running} />;
  const repeats = shown.lanes.map((lane) => wholeRuns(lane).length);
  const other = clockOfOther.value;
  const [device, ...about] = shown.device.split(' · ');
  const [fewest, most] = [Math.min(...repeats), Math.max(...repeats)];
  return (
    <p class="run-badge" data-testid="run-badge">
      {whose[shown.source]} {shown.simulated ? 'on the virtual clock:' : 'on'}{' '}
      <b class={shown.simulated ? 'warn-text' : ''}>{device}</b>
      <span class="run-facts">
        {about.map((fact) => ` · ${fact}`)}
        {shown.browser && !shown.device.includes(shown.browser) && ` · ${shown.browser}`}
        {shown.date && ` · ${day(shown.date)}`}
        {shown.model && ` · model ${shown.model}`}
        {shown.standing && ` · ${standings[shown.standing]}`}
      </span>
      {most > 1 && ` · ${fewest === most ? most : `${fewest} to ${most}`} runs each, the median one drawn`}{' '}
      {shown.simulated ? (
        <>
          <Badge kind="warn">simulated</Badge>{' '}
          {shown.source === 'virtual' && other && (
            <Badge kind="warn">times of another model: {other.model}</Badge>
          )}
        </>
      ) : (
        shown.source !== 'yours' && <Badge kind="warn">not your GPU</Badge>
      )}
      {shown.of !== null && (
        <Badge>
          the first {grouped(shown.lanes[0]?.track.requests ?? 0)} of {grouped(shown.of)} requests
        </Badge>
      )}
      {shown.invalid.length > 0 && <Badge kind="bad">not to be trusted: {shown.invalid.join('; ')}</Badge>}
    </p>
  );
}

/** Which run is being drawn, and what came before it. */
function RunningBadge({ shown, running }: { readonly shown: Shown; readonly running: Running }) {
  const { lane, repeat, repeats } = running;
  return (
    <p class="run-badge" data-testid="run-badge" data-running={repeat}>
      Measuring here on <b>{shown.device}</b>
      {shown.browser && !shown.device.includes(shown.browser) && ` · ${shown.browser}`} ·{' '}
      {shown.lanes[lane]?.track.title}:{' '}
      {repeat === 'warm-up' ? 'warming up, not counted' : `run ${repeat + 1} of ${repeats}`}
      {shown.lanes.some((l) => wholeRuns(l).length > 0) && ', the other tracks as they came last'}
    </p>
  );
}
