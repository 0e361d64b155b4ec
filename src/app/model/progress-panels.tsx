// What a generation leaves behind while it runs: KV pages that fill, and the measured time of every step.

import { signal } from '@preact/signals';
import { useId } from 'preact/hooks';
import { figure } from '../../views/format.ts';
import { describeFill, describeFills, type PageFill, pageFills } from '../../views/model/page-fill.ts';
import { describeSplit, SplitTable } from '../../views/model/split-table.tsx';
import { describeStep, StepChart } from '../../views/model/step-chart.tsx';
import { summarizeTimes } from '../../views/model/step-times.ts';
import { Measured, Panel, Term } from '../ui/index.ts';
import { estimated } from './choice.ts';
import { busy, generation, loaded, measuring, split, splitStep } from './session.ts';
import { model } from './view.ts';

const page = signal<PageFill | null>(null);
const focused = signal<number | null>(null);

const pitchFor = (pages: number, width: number): number => {
  let pitch = 30;
  while (pitch > 4 && Math.ceil(pages / Math.max(1, Math.floor(width / pitch))) * pitch > 150) pitch--;
  return pitch;
};

function PageSquares({
  fills,
  size,
  width,
}: {
  readonly fills: readonly PageFill[];
  readonly size: number;
  readonly width: number;
}) {
  const pitch = pitchFor(fills.length, width);
  const columns = Math.max(1, Math.floor(width / pitch));
  const side = pitch - (pitch > 10 ? 3 : 1);
  const last = fills.reduce((max, fill) => Math.max(max, fill.index ?? -1), -1);
  return (
    <svg
      class="chart page-squares"
      width={width}
      height={Math.ceil(fills.length / columns) * pitch}
      role="img"
      aria-label={describeFills(fills, size)}
      onPointerLeave={() => {
        page.value = null;
      }}
    >
      {fills.map((fill) => {
        const [x, y] = [(fill.page % columns) * pitch + 1, Math.floor(fill.page / columns) * pitch + 1];
        return (
          <g
            key={fill.page}
            class={`page-square ${fill.state}${fill.index !== null && fill.index === last ? ' newest' : ''}${fill.answers.length > 1 ? ' shared' : ''}`}
            onPointerEnter={() => {
              page.value = fill;
            }}
          >
            <rect class="ground" x={x} y={y} width={side} height={side} rx={side > 10 ? 3 : 0} />
            <rect
              class="fill"
              x={x}
              y={y + side * (1 - fill.tokens / size)}
              width={side}
              height={(side * fill.tokens) / size}
              rx={side > 10 ? 2 : 0}
            />
            {side >= 17 && fill.index !== null && (
              <text x={x + side / 2} y={y + side / 2 + 4} text-anchor="middle">
                {fill.answers.length > 1 ? `×${fill.answers.length}` : fill.index}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}

/** One square a page; it fills from its foot as tokens come. */
export function CachePanel() {
  const e = estimated.value;
  const pages = loaded.value?.pages ?? (e.kind === 'known' ? e.estimate.pages : 0);
  const size = Number(model.view.value.page);
  const state = generation.value?.state;
  const several = (state?.answers.length ?? 0) > 1;
  const fills = pageFills(pages, size, state?.answers ?? []);
  return (
    <Panel
      title={<Term of="KV pages">KV pages</Term>}
      note={`${size} tokens a page; the number is the entry of the block table${several ? ', × how many answers share it' : ''}`}
      class="cache-panel"
    >
      {pages > 0 && <Measured>{(width) => <PageSquares fills={fills} size={size} width={width} />}</Measured>}
      <p class="quiet-text small-text">
        {page.value ? describeFill(page.value, size) : describeFills(fills, size)}
      </p>
    </Panel>
  );
}

const ms = (value: number | null): string => (value === null ? '–' : `${figure(value)} ms`);

/** The last step by op, when it is asked for. */
function SplitOfStep() {
  const now = split.value;
  const steps = generation.value?.steps ?? [];
  const samples = steps.at(-1)?.tokens.some((token) => token !== null) ?? false;
  if (!samples) return null;
  return (
    <div class="split-of-step">
      <button
        type="button"
        class="small"
        disabled={busy.value || measuring.value}
        onClick={() => void splitStep()}
      >
        {measuring.value ? 'Timing …' : 'Split the last step by op'}
      </button>
      {now && (
        <>
          <SplitTable split={now} />
          <p class="quiet-text small-text">{describeSplit(now)}</p>
        </>
      )}
    </div>
  );
}

export function TimesPanel() {
  const id = useId();
  const steps = generation.value?.steps ?? [];
  const sum = summarizeTimes(steps);
  const at = focused.value;
  const step = at === null ? undefined : steps[at];
  const several = (generation.value?.outputs.length ?? 1) > 1;
  return (
    <Panel
      title="Step times"
      note="by the worker’s clock, which ticks about every 0.1 ms"
      class="times-panel"
      footer={
        <>
          A bar is one whole step; its foot is host time (preparing, encoding, submitting), and the rest is
          waiting for the GPU and the readback. Flowing steps run from the ids before to their own, and the
          host prepares one while the one before runs.
        </>
      }
    >
      <dl class="time-figures" aria-describedby={id}>
        <div>
          <dt>First token{sum.promptTokens > 0 && ` (${sum.promptTokens} of prompt)`}</dt>
          <dd>{ms(sum.firstTokenMs)}</dd>
        </div>
        <div>
          <dt>
            Decode, a {several ? 'step' : 'token'}
            {sum.pace && ` (${sum.pace === 'flow' ? 'flowing' : 'awaited'})`}
          </dt>
          <dd>
            {ms(sum.medianMs)}
            {sum.p10Ms !== null && (
              <span class="pm">
                {' '}
                {figure(sum.p10Ms)}–{figure(sum.p90Ms ?? 0)}
              </span>
            )}
          </dd>
        </div>
        <div>
          <dt>Tokens/s, on average</dt>
          <dd>{sum.tokensPerSecond === null ? '–' : figure(sum.tokensPerSecond)}</dd>
        </div>
        <div>
          <dt>Host time, dispatches</dt>
          <dd>
            {ms(sum.hostMs)}
            {sum.dispatches !== null && `, ${sum.dispatches}`}
          </dd>
        </div>
      </dl>
      {steps.length > 0 && (
        <Measured>
          {(width) => (
            <StepChart
              steps={steps}
              width={width}
              focus={at}
              onFocus={(index) => {
                focused.value = index;
              }}
            />
          )}
        </Measured>
      )}
      <SplitOfStep />
      <p id={id} class="quiet-text small-text">
        {step && at !== null
          ? describeStep(step, at)
          : steps.length === 0
            ? 'Nothing has run yet.'
            : `${steps.length} steps; medians and p10–p90 over ${sum.decodes} decode steps, without the first two.`}
      </p>
    </Panel>
  );
}
