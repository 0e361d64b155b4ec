// The requests, the pool and the clock of a comparison.

import { defaultsOf } from '../../core/knobs.ts';
import { describeCost } from '../../engine/cost-model.ts';
import { workloads } from '../../workloads/index.ts';
import { device } from '../gpu.ts';
import { tipOn } from '../ui/index.ts';
import { DraggableNumber } from './draggable-number.tsx';
import { KnobField } from './knob-field.tsx';
import { kvBytes, modelFor, pagesOf } from './serving-model.ts';
import { isLengths, LISTED, readNamed, type Wanted, writeNamed } from './spec.ts';
import { batching, type Move } from './view.ts';
import { allCosts, cost, lesson, wanted, workText } from './wanted.ts';

const FIRST = '8x2,8x8,8x4,8x6';

/** Shows other requests, on the virtual clock. */
const change = (next: Parameters<typeof batching.go>[0], move: Move = 'go'): void =>
  batching[move]({ from: 'virtual', result: '', at: '', zoom: [], request: 0, ...next });

const LISTED_HELP = 'Prompt x answer tokens of each request, and @seconds when it arrives: 8x2, 8x8@0.5';
const AHEAD_HELP =
  '1: the next step is planned while the last one runs; a request that ended is found one step late.';
const CLOCK_HELP = 'Where the virtual clock takes the time of a step from.';

function WorkChoice() {
  const listed = isLengths(workText.value);
  const { name, given } = readNamed(workText.value);
  const found = listed ? undefined : workloads.get(name);
  const usual = found ? defaultsOf(found.knobs) : {};
  return (
    <div class="work-choice">
      <label class="knob">
        <span>requests</span>
        <select
          value={listed ? LISTED : name}
          onChange={({ currentTarget: { value } }) =>
            change({ work: value === LISTED ? (lesson.value?.work ?? FIRST) : value, pages: 0, page: 0 })
          }
        >
          <option value={LISTED}>Listed one by one</option>
          {[...workloads.values()].map((w) => (
            <option key={w.id} value={w.id}>
              {w.title}
            </option>
          ))}
        </select>
      </label>
      {listed && (
        <label class="knob wide" {...tipOn(LISTED_HELP)}>
          <span>prompt × answer, @ arrival in s</span>
          <input
            type="text"
            aria-description={LISTED_HELP}
            value={workText.value}
            onChange={(event) => change({ work: event.currentTarget.value })}
          />
        </label>
      )}
      {found &&
        Object.entries(found.knobs).map(([knob, about]) => (
          <KnobField
            key={knob}
            name={knob}
            knob={about}
            value={given[knob] ?? about.default}
            usual={about.default}
            onChange={(value, move) =>
              change({ work: writeNamed(name, { ...given, [knob]: value }, usual) }, move)
            }
          />
        ))}
    </div>
  );
}

/** The pool in MiB of the model that serves on a device. The link keeps the pages: they mean the same everywhere. */
function Budget({ want }: { readonly want: Wanted }) {
  const model = modelFor(want, device.value?.fallback ?? false);
  const mib = kvBytes(model, want.limits) / 2 ** 20;
  const help = `The same pool as memory of ${model.config.name}, which serves on a device: a budget becomes as many whole pages as it holds.`;
  return (
    <label class="knob" {...tipOn(help)}>
      <span>KV, MiB</span>
      <input
        type="number"
        aria-description={help}
        min={0}
        step="any"
        value={Number(mib.toPrecision(3))}
        onChange={({ currentTarget: { valueAsNumber: to } }) => {
          if (to > 0) change({ pages: Math.min(1_000_000, pagesOf(model, want.limits, to * 2 ** 20)) });
        }}
      />
    </label>
  );
}

export function WorkForm() {
  const { pages, page, ahead } = batching.view.value;
  const want = wanted.value;
  const limits = want.ok ? want.value.limits : undefined;
  return (
    <>
      <WorkChoice />
      {want.ok && want.value.notes.length > 0 && <p class="notes">{want.value.notes.join(' ')}</p>}
      <div class="work-form">
        <DraggableNumber
          name="pages"
          tip="KV pages of the pool. Fewer make requests wait for pages, or be preempted."
          value={pages || (limits?.pages ?? 1)}
          min={1}
          max={1_000_000}
          whole
          empty={0}
          onChange={(value, move) => change({ pages: value }, move)}
        />
        {want.ok && <Budget want={want.value} />}
        <DraggableNumber
          name="tokens a page"
          tip="4 to 64."
          value={page || (limits?.pageSize ?? 16)}
          min={4}
          max={64}
          whole
          empty={0}
          onChange={(value, move) => change({ page: value }, move)}
        />
        <label class="knob" {...tipOn(AHEAD_HELP)}>
          <span>plan ahead</span>
          <select
            aria-description={AHEAD_HELP}
            value={ahead}
            onChange={(event) => change({ ahead: event.currentTarget.value === '1' ? '1' : '0' })}
          >
            <option value="0">0 steps</option>
            <option value="1">1 step</option>
          </select>
        </label>
        <label class="knob wide" {...tipOn(CLOCK_HELP)}>
          <span>virtual clock</span>
          <select
            aria-description={CLOCK_HELP}
            value={cost.value.id}
            onChange={(event) => change({ cost: event.currentTarget.value })}
          >
            {allCosts.value.map((model) => (
              <option key={model.id} value={model.id}>
                {describeCost(model)}
              </option>
            ))}
          </select>
        </label>
      </div>
    </>
  );
}
