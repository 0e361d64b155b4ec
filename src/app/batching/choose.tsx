// "Edit workload": strategies with their knobs, the requests, the pool and the clock. Every change is computed
// at once on the virtual clock; the address holds all of it.

import type { KnobValue } from '../../core/knobs.ts';
import { strategies } from '../../strategies/index.ts';
import { Panel } from '../ui/index.ts';
import { KnobField } from './knob-field.tsx';
import type { Shown } from './shown.ts';
import { MOST_TRACKS, readTrack, writeNamed } from './spec.ts';
import { usualOf } from './titles.ts';
import { batching, type Move } from './view.ts';
import { trackKeys } from './wanted.ts';
import { WorkForm } from './work-form.tsx';

/** Shows other tracks, on the virtual clock. */
function setTracks(keys: readonly string[], move: Move = 'go'): void {
  batching[move]({ from: 'virtual', tracks: [...keys], result: '', at: '', zoom: [] });
}

const replaceTrack = (index: number, key: string, move?: Move): void =>
  setTracks(
    trackKeys.peek().map((old, i) => (i === index ? key : old)),
    move,
  );

export function ChoosePanel({ shown }: { readonly shown: Shown }) {
  const keys = trackKeys.value;
  const foreign = shown.source === 'file' || shown.source === 'link';
  return (
    <Panel
      title="What runs"
      class="choose-panel"
      note={
        foreign
          ? 'changing anything leaves the opened runs'
          : 'every change is computed at once on the virtual clock'
      }
    >
      <div class="choose-tracks">
        {keys.map((key, i) => (
          // by its place: the field that is being dragged or typed in must stay while the track's key changes
          <TrackForm key={i} index={i} text={key} only={keys.length === 1} />
        ))}
        {keys.length < MOST_TRACKS && (
          <button type="button" class="add-track" onClick={() => setTracks([...keys, nextStrategy(keys)])}>
            Add a track
          </button>
        )}
      </div>
      <WorkForm />
    </Panel>
  );
}

/** A strategy that is not in view yet. */
const nextStrategy = (keys: readonly string[]): string => {
  const used = new Set(keys.map((key) => key.split(',')[0]));
  const id = [...strategies.keys()].find((name) => !used.has(name)) ?? 'continuous';
  const slots = /slots:(\d+)/.exec(keys[0] ?? '')?.[1];
  return slots && strategies.get(id)?.knobs['slots'] ? `${id},slots:${slots}` : id;
};

function TrackForm({
  index,
  text,
  only,
}: {
  readonly index: number;
  readonly text: string;
  readonly only: boolean;
}) {
  const spec = readTrack(text);
  if (!spec.ok) return <p class="bad-text">{spec.error.message}</p>;
  const { strategy, preset, given } = spec.value;
  const usual = usualOf(spec.value);
  const set = (knob: string, value: KnobValue, move: Move): void =>
    replaceTrack(index, writeNamed(preset?.id ?? strategy.id, { ...given, [knob]: value }, usual), move);
  return (
    <fieldset class="track-form">
      <legend class="offscreen">Track {index + 1}</legend>
      <div class="track-form-head">
        <select
          aria-label={`Strategy of track ${index + 1}`}
          value={preset?.id ?? strategy.id}
          onChange={(event) => replaceTrack(index, carried(event.currentTarget.value, given))}
        >
          <optgroup label="Strategies">
            {[...strategies.values()].map((s) => (
              <option key={s.id} value={s.id}>
                {s.title}
              </option>
            ))}
          </optgroup>
          <optgroup label="Published systems">
            {[...strategies.values()].flatMap((s) =>
              s.presets.map((p) => (
                <option key={p.id} value={p.id}>
                  {p.title} ({s.title.toLowerCase()})
                </option>
              )),
            )}
          </optgroup>
        </select>
        {!only && (
          <button
            type="button"
            class="quiet small"
            aria-label={`Remove ${strategy.title}`}
            onClick={() => setTracks(trackKeys.peek().filter((_, i) => i !== index))}
          >
            Remove
          </button>
        )}
      </div>
      <p class="quiet-text small-text">
        {strategy.rule}
        {preset && ` ${preset.title}: ${preset.source}.`}
      </p>
      <div class="knobs">
        {Object.entries(strategy.knobs).map(([name, knob]) => (
          <KnobField
            key={name}
            name={name}
            knob={knob}
            value={given[name] ?? usual[name] ?? knob.default}
            usual={usual[name] ?? knob.default}
            onChange={(value, move) => set(name, value, move)}
          />
        ))}
      </div>
    </fieldset>
  );
}

/** The same knobs under another strategy, as far as it has them. */
function carried(name: string, given: Readonly<Record<string, KnobValue>>): string {
  const next = readTrack(name);
  if (!next.ok) return name;
  const kept = Object.fromEntries(
    Object.entries(given).filter(
      ([knob]) => knob === 'slots' && next.value.strategy.knobs[knob] !== undefined,
    ),
  );
  return writeNamed(name, kept, usualOf(next.value));
}
