// "Edit workload": strategies with their knobs, the requests, the pool and the clock. Every change is computed
// at once on the virtual clock; the address holds all of it.

import { useId } from 'preact/hooks';
import { defaultsOf, type Knob, type KnobValue } from '../../core/knobs.ts';
import { describeCost } from '../../engine/cost-model.ts';
import { strategies } from '../../strategies/index.ts';
import { Panel, tipOn } from '../ui/index.ts';
import type { Shown } from './shown.ts';
import { MOST_TRACKS, readTrack, type TrackSpec, writeNamed } from './spec.ts';
import { batching } from './view.ts';
import { allCosts, cost, trackKeys, wanted, workText } from './wanted.ts';

/** Shows other tracks, on the virtual clock. */
function setTracks(keys: readonly string[]): void {
  batching.go({ from: 'virtual', tracks: [...keys], result: '', at: '', zoom: [] });
}

const replaceTrack = (index: number, key: string): void =>
  setTracks(trackKeys.peek().map((old, i) => (i === index ? key : old)));

/** What a track's knobs are when nothing is given. */
const usualOf = (spec: TrackSpec): Readonly<Record<string, KnobValue>> => ({
  ...defaultsOf(spec.strategy.knobs),
  ...spec.preset?.knobs,
});

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
          <TrackForm key={key} index={i} text={key} only={keys.length === 1} />
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
  const set = (knob: string, value: KnobValue): void =>
    replaceTrack(index, writeNamed(preset?.id ?? strategy.id, { ...given, [knob]: value }, usual));
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
            onChange={(value) => set(name, value)}
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

interface KnobProps {
  readonly name: string;
  readonly knob: Knob;
  readonly value: KnobValue;
  readonly usual: KnobValue;
  readonly onChange: (value: KnobValue) => void;
}

function KnobField({ name, knob, value, usual, onChange }: KnobProps) {
  const id = useId();
  const changed = String(value) !== String(usual);
  return (
    <div class={changed ? 'knob changed' : 'knob'} {...tipOn(`${knob.doc} Usually ${String(usual)}.`)}>
      <label for={id}>
        {name}
        {'unit' in knob && knob.unit ? ` (${knob.unit})` : ''}
      </label>
      <KnobInput id={id} knob={knob} value={value} onChange={onChange} />
    </div>
  );
}

function KnobInput({
  id,
  knob,
  value,
  onChange,
}: Pick<KnobProps, 'knob' | 'value' | 'onChange'> & { readonly id: string }) {
  switch (knob.kind) {
    case 'int':
    case 'number':
      return (
        <input
          id={id}
          type="number"
          value={Number(value)}
          min={knob.min}
          max={knob.max}
          step={knob.kind === 'int' ? 1 : 'any'}
          onChange={(event) =>
            event.currentTarget.validity.valid && onChange(event.currentTarget.valueAsNumber)
          }
        />
      );
    case 'boolean':
      return (
        <input
          id={id}
          type="checkbox"
          checked={value === true || value === 'true'}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case 'choice':
      return (
        <select id={id} value={String(value)} onChange={(event) => onChange(event.currentTarget.value)}>
          {Object.keys(knob.options).map((option) => (
            <option key={option} value={option}>
              {option}
            </option>
          ))}
        </select>
      );
    case 'list':
      return (
        <input
          id={id}
          type="text"
          value={String(value)}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}

function WorkForm() {
  const { pages, page, ahead } = batching.view.value;
  const want = wanted.value;
  const limits = want.ok ? want.value.limits : undefined;
  const change = (next: Parameters<typeof batching.go>[0]): void =>
    batching.go({ from: 'virtual', result: '', at: '', zoom: [], ...next });
  return (
    <div class="work-form">
      <label
        class="knob wide"
        {...tipOn('prompt x output tokens of each request, and @seconds when it arrives: 8x2, 8x8@0.5')}
      >
        <span>Requests (prompt × answer, @ arrival in s)</span>
        <input
          type="text"
          value={workText.value}
          onChange={(event) => change({ work: event.currentTarget.value })}
        />
      </label>
      <label
        class="knob"
        {...tipOn('KV pages of the pool. Fewer make requests wait for pages, or be preempted.')}
      >
        <span>pages</span>
        <input
          type="number"
          min={1}
          max={1_000_000}
          value={pages || limits?.pages}
          onChange={(event) => change({ pages: event.currentTarget.valueAsNumber || 0 })}
        />
      </label>
      <label class="knob" {...tipOn('Tokens a page, 4 to 64.')}>
        <span>tokens a page</span>
        <input
          type="number"
          min={4}
          max={64}
          value={page || limits?.pageSize}
          onChange={(event) => change({ page: event.currentTarget.valueAsNumber || 0 })}
        />
      </label>
      <label
        class="knob"
        {...tipOn(
          '1: the next step is planned while the last one runs; a request that ended is found one step late.',
        )}
      >
        <span>plan ahead</span>
        <select
          value={ahead}
          onChange={(event) => change({ ahead: event.currentTarget.value === '1' ? '1' : '0' })}
        >
          <option value="0">0 steps</option>
          <option value="1">1 step</option>
        </select>
      </label>
      <label class="knob wide" {...tipOn('Where the virtual clock takes the time of a step from.')}>
        <span>virtual clock</span>
        <select value={cost.value.id} onChange={(event) => change({ cost: event.currentTarget.value })}>
          {allCosts.value.map((model) => (
            <option key={model.id} value={model.id}>
              {describeCost(model)}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
