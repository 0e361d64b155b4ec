// Above the tracks: whose run this is, running it here, the legend.

import { TOKEN_KINDS } from '../../engine/trace.ts';
import { KIND_STYLES } from '../../views/batching/pen.ts';
import { day } from '../../views/format.ts';
import { Badge, Progress, tipOn } from '../ui/index.ts';
import { mode } from './cursor.ts';
import { stopGpu } from './gpu-run.ts';
import {
  ABOUT_SECONDS,
  clockName,
  fitHere,
  gpuMissing,
  ownFailure,
  ownProgress,
  runOwn,
  runVirtual,
  sizes,
} from './own-run.ts';
import { below, computing, type Running, type Shown, type Source } from './shown.ts';
import { batching } from './view.ts';

const whose: Readonly<Record<Source, string>> = {
  recorded: 'Recorded',
  virtual: 'Computed here',
  yours: 'Measured here',
  file: 'From a file',
  link: 'From a link',
};

/** Where the figures come from, in one line that never leaves out that they are simulated. */
export function RunBadge({ shown }: { readonly shown: Shown }) {
  if (shown.running) return <RunningBadge shown={shown} running={shown.running} />;
  const repeats = Math.max(...shown.lanes.map((lane) => lane.runs.length));
  return (
    <p class="run-badge" data-testid="run-badge">
      {whose[shown.source]} {shown.simulated ? 'on the virtual clock:' : 'on'}{' '}
      <b class={shown.simulated ? 'warn-text' : ''}>{shown.device}</b>
      {shown.browser && !shown.device.includes(shown.browser) && ` · ${shown.browser}`}
      {shown.date && ` · ${day(shown.date)}`}
      {shown.model && ` · model ${shown.model}`}
      {repeats > 1 && ` · ${repeats} runs each, the median one drawn`}{' '}
      {shown.simulated ? (
        <Badge kind="warn">simulated</Badge>
      ) : (
        shown.source !== 'yours' && <Badge kind="warn">not your GPU</Badge>
      )}
      {shown.of !== null && (
        <Badge>
          the first {shown.lanes[0]?.track.requests.toLocaleString('en')} of {shown.of.toLocaleString('en')}{' '}
          requests
        </Badge>
      )}
      {shown.bound && <Badge>{shown.bound}-bound</Badge>}
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
      {shown.lanes.some((l) => l.tracks.length > 0) && ', the other tracks as they came last'}
    </p>
  );
}

export function RunBar({ shown }: { readonly shown: Shown }) {
  const missing = gpuMissing();
  const progress = ownProgress.value;
  const virtual = batching.view.value.from === 'virtual';
  const all = sizes.value && batching.view.value.size === 'all';
  return (
    <div class="run-bar batching-bar">
      {progress ? (
        <Progress label="Serving the requests on your GPU" {...progress} onCancel={stopGpu} />
      ) : missing === null ? (
        <>
          <button type="button" class="primary" onClick={() => void runOwn()}>
            Run it on your GPU, {all ? 'all of it' : `about ${ABOUT_SECONDS} s`}
          </button>
          {sizes.value && (
            <label
              class="check"
              {...tipOn(
                `Off: as many of the requests as let the whole comparison take about ${ABOUT_SECONDS} s on your device.`,
              )}
            >
              <input
                type="checkbox"
                checked={all}
                onChange={(event) => batching.adjust({ size: event.currentTarget.checked ? 'all' : 'short' })}
              />
              all requests
            </label>
          )}
          <label
            class="check"
            {...tipOn(
              'Tokens appear as they are computed. Drawing takes a little of the machine; off, the run is shown when it is over.',
            )}
          >
            <input
              type="checkbox"
              checked={batching.view.value.live === 'on'}
              onChange={(event) => batching.adjust({ live: event.currentTarget.checked ? 'on' : 'off' })}
            />
            draw while it runs
          </label>
          <button type="button" onClick={runVirtual} disabled={virtual}>
            On the virtual clock
          </button>
          {virtual && (
            <button
              type="button"
              class="quiet"
              onClick={() => void fitHere()}
              {...tipOn(
                'Measures steps of many sizes on your GPU for up to 20 s; after that every knob redraws with your device’s times.',
              )}
            >
              Fit the clock to your GPU
            </button>
          )}
        </>
      ) : (
        <button type="button" class="primary" onClick={runVirtual} {...tipOn(`Not on your GPU: ${missing}.`)}>
          {virtual ? 'Running on the virtual clock' : 'Run it on the virtual clock'}
        </button>
      )}
      <Legend shown={shown} />
      {computing.value && <span role="status">Computing …</span>}
      {missing !== null && (
        <p class="run-why quiet-text small-text" data-testid="why-not-gpu">
          Not on your GPU: {missing}. The virtual clock plans the same steps and takes their times from{' '}
          {clockName()}.
        </p>
      )}
      {ownFailure.value && (
        <p class="bad-text run-why">
          {ownFailure.value.message} {ownFailure.value.hint}
        </p>
      )}
    </div>
  );
}

/** The kinds that this comparison has; the page never explains what is not there. */
function Legend({ shown }: { readonly shown: Shown }) {
  const other = below.value;
  const seen = new Set<number>();
  let padded = false;
  for (const { track } of shown.lanes) {
    for (const kind of track.spans.kind) seen.add(kind);
    padded ||= track.cells.padding.some((n) => n > 0);
  }
  const kinds = TOKEN_KINDS.filter((kind, code) => seen.has(code) || (kind === 'padding' && padded));
  return (
    <ul
      class="legend"
      aria-label={`Cells, as wide as ${mode.value === 'time' ? 'their step takes' : 'one step'}`}
    >
      {kinds.map((kind) => {
        const style = KIND_STYLES[kind];
        return (
          <li key={kind} {...tipOn(style.about)}>
            <i
              class={`swatch ${style.hatched ? 'hatched' : ''}`}
              style={{ '--swatch': `var(--${style.ink})` }}
            />
            {style.label}
          </li>
        );
      })}
      <li {...tipOn('In the queue or stalled: nothing of it was in the step. The words say why.')}>
        <i class="swatch hollow" />
        Waiting
      </li>
      {other && (
        <li {...tipOn(`The other run, ${other.device}: the thin strip below each row.`)}>
          <i class="swatch strip" />
          {other.source === 'yours' ? 'Measured here' : other.simulated ? 'Recorded (simulated)' : 'Recorded'}
        </li>
      )}
    </ul>
  );
}
