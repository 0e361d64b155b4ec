// Below the tracks: running it here, the legend.

import { TOKEN_KINDS } from '../../engine/trace.ts';
import { KIND_STYLES } from '../../views/batching/pen.ts';
import { grouped } from '../../views/format.ts';
import { Progress, tipOn } from '../ui/index.ts';
import { aboutTime } from './about.ts';
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
import { below, computing, type Shown } from './shown.ts';
import { batching } from './view.ts';
import { clockOfOther, cost } from './wanted.ts';

const SIZE_HELP = `Off: as many of the requests as let the whole comparison take about ${ABOUT_SECONDS} s on your device.`;
const LIVE_HELP =
  'Tokens appear as they are computed. Drawing takes a little of the machine; off, the run is shown when it is over.';
const FIT_HELP =
  'Measures steps of many sizes on your GPU for up to 20 s; after that every knob redraws with your device’s times.';

/** What the button says where there is no GPU: whose steps the virtual clock takes its times from. */
function onVirtualClock(): string {
  const { provenance, label } = cost.value;
  if (provenance.kind !== 'fitted') return `Run it on the virtual clock (${label}, not measured)`;
  // the name alone; what else is known of the device stands in the reason below
  return `Run it on the virtual clock fitted on ${provenance.device.split(' · ')[0]}`;
}

export function RunBar({ shown }: { readonly shown: Shown }) {
  const [missing, other] = [gpuMissing(), clockOfOther.value];
  const progress = ownProgress.value;
  const virtual = batching.view.value.from === 'virtual';
  const all = sizes.value && batching.view.value.size === 'all';
  return (
    <div class="batching-bar">
      {progress ? (
        <Progress label="Serving the requests on your GPU" {...progress} onCancel={stopGpu} />
      ) : missing === null ? (
        <>
          <button type="button" class="primary" onClick={() => void runOwn()}>
            Run it on your GPU, {all ? 'all of it' : aboutTime(shown)}
          </button>
          {sizes.value && (
            <label class="check" {...tipOn(SIZE_HELP)}>
              <input
                type="checkbox"
                aria-description={SIZE_HELP}
                checked={all}
                onChange={(event) => batching.adjust({ size: event.currentTarget.checked ? 'all' : 'short' })}
              />
              all requests
            </label>
          )}
          <label class="check" {...tipOn(LIVE_HELP)}>
            <input
              type="checkbox"
              aria-description={LIVE_HELP}
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
              aria-description={FIT_HELP}
              onClick={() => void fitHere()}
              {...tipOn(FIT_HELP)}
            >
              Fit the clock to your GPU
            </button>
          )}
        </>
      ) : (
        !virtual && (
          <button type="button" class="primary" onClick={runVirtual}>
            {onVirtualClock()}
          </button>
        )
      )}
      <Legend shown={shown} />
      {computing.value && <span role="status">Computing …</span>}
      {missing !== null && (
        <p class="run-why quiet-text small-text" data-testid="why-not-gpu">
          Not on your GPU: {missing}. The virtual clock plans the same steps and takes their times from{' '}
          {clockName()}.
        </p>
      )}
      {other && (missing !== null || virtual) && (
        <p class="run-why quiet-text small-text" data-testid="other-model">
          {other.why}
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

const served = ({ lanes }: Shown): number => lanes[0]?.track.requests ?? 0;

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
          {served(other) !== served(shown) && `, ${grouped(served(other))} requests`}
        </li>
      )}
    </ul>
  );
}
