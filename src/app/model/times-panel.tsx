// The measured time of every step of the text.

import { signal } from '@preact/signals';
import { useId } from 'preact/hooks';
import { figure } from '../../views/format.ts';
import { describeStep, StepChart } from '../../views/model/step-chart.tsx';
import { summarizeTimes } from '../../views/model/step-times.ts';
import { Measured, Panel } from '../ui/index.ts';
import { generation } from './state.ts';

const focused = signal<number | null>(null);

const ms = (value: number | null): string => (value === null ? '–' : `${figure(value)} ms`);

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
      note="worker’s clock, ticks of about 0.1 ms"
      class="times-panel"
      footer={
        steps.length > 0 && (
          <>
            A bar is one whole step. Its foot is host time: preparing, encoding, submitting; the rest is
            waiting for the GPU and the readback. Flowing steps run from the ids before to their own, and the
            host prepares one while the one before runs.
          </>
        )
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
          <dt>Host time, a step</dt>
          <dd>
            {ms(sum.hostMs)}
            {sum.dispatches !== null && <span class="pm"> {sum.dispatches} dispatches</span>}
          </dd>
        </div>
      </dl>
      {steps.length > 0 && (
        <>
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
          <ul class="step-key small-text" aria-label="Colours of the bars">
            <li class="prefill">prefill</li>
            <li class="decode">decode</li>
            <li class="host">host time</li>
          </ul>
        </>
      )}
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
