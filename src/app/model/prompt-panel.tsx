// The prompt, how the next token is drawn, and the controls of the run.

import { NumberField, type NumberFieldProps, narrow, Panel, Segmented } from '../ui/index.ts';
import { dropped, estimated, loadable, misfit, noGpu, vocabulary } from './choice.ts';
import { LoadProgress } from './load-panel.tsx';
import { answerRoom, typedIds } from './prompt.ts';
import { end, generate, pause, singleStep } from './session.ts';
import { busy, current, generation, made, phase, problem, unfinished } from './state.ts';
import { underway } from './tasks.ts';
import { model } from './view.ts';

type NumberName = 'temperature' | 'topK' | 'topP' | 'seed' | 'max' | 'answers';

const numbers: readonly ({ readonly name: NumberName } & Omit<NumberFieldProps, 'value' | 'onChange'>)[] = [
  {
    name: 'temperature',
    label: 'Temperature',
    min: 0,
    max: 5,
    step: 0.1,
    about: '0 always takes the likeliest token; the rest is then not looked at.',
  },
  {
    name: 'topK',
    label: 'Top k',
    min: 0,
    max: 1000,
    step: 1,
    about: 'Keeps the k likeliest tokens; 0 keeps all.',
  },
  {
    name: 'topP',
    label: 'Top p',
    min: 0.01,
    max: 1,
    step: 0.05,
    about: 'Keeps the smallest set of tokens with this share; 1 keeps all.',
  },
  {
    name: 'seed',
    label: 'Seed',
    min: 0,
    max: 2 ** 31,
    step: 1,
    about: 'The noise is a function of seed, position and token id: the same seed gives the same text.',
  },
  {
    name: 'max',
    label: 'Tokens',
    min: 1,
    max: 32768,
    step: 1,
    about: 'Tokens to generate at most; what the context holds is the limit.',
  },
  {
    name: 'answers',
    label: 'Answers',
    min: 1,
    max: 8,
    step: 1,
    about:
      'Answers to the one prompt: its pages are computed once and shared; each draws with a seed of its own.',
  },
];

function Sampling() {
  const v = model.view.value;
  return (
    <div class="sampling">
      {numbers.map(({ name, ...field }) => (
        <NumberField key={name} {...field} value={v[name]} onChange={(to) => model.adjust({ [name]: to })} />
      ))}
      <Segmented
        label="Between steps"
        showLabel
        options={[
          {
            value: 'flow',
            label: 'flow',
            about: 'The next step takes its token on the GPU while the id is read back.',
          },
          {
            value: 'await',
            label: 'await',
            about: 'Each step waits until the id of the one before has been read back.',
          },
        ]}
        value={v.pace}
        onChange={(pace) => model.adjust({ pace })}
      />
    </div>
  );
}

export function Controls() {
  const { kind } = phase.value;
  const can = loadable.value && !busy.value && underway.value === null;
  const running = kind === 'running';
  return (
    <div class="run-controls">
      {running ? (
        <button type="button" class="primary" onClick={pause}>
          Pause
        </button>
      ) : (
        <button type="button" class="primary" disabled={!can} onClick={generate}>
          {unfinished.value ? 'Go on' : 'Generate'}
        </button>
      )}
      <button type="button" disabled={!can} onClick={singleStep}>
        One step
      </button>
      <button
        type="button"
        disabled={!busy.value && kind !== 'paused' && underway.value === null}
        onClick={end}
      >
        Cancel
      </button>
      <span class="quiet-text small-text run-state" role="status">
        {stateText()}
      </span>
    </div>
  );
}

function nothingLoaded(why: 'new' | 'cancelled'): string {
  if (misfit.value) return 'This model cannot be loaded here: the Model panel says why.';
  if (noGpu.value) return 'Needs a GPU: see above.';
  if (estimated.value.kind === 'unknown') return 'Waiting for the device.';
  return why === 'cancelled'
    ? 'Loading was cancelled; nothing of it was kept.'
    : 'Generating loads the model first.';
}

function stateText(): string {
  const p = phase.value;
  const now = generation.value;
  const several = now && now.wanted.answers > 1 ? `, ${now.wanted.answers} answers` : '';
  const done = now ? `${made(now.state)} of ${now.wanted.maxTokens} tokens${several}` : '';
  const task = underway.value?.task;
  if (task) return { split: 'Timing the last step …', probe: 'Probing …', look: 'Looking inside …' }[task];
  switch (p.kind) {
    case 'empty':
      return nothingLoaded(p.why);
    case 'loading':
      return 'Loading …';
    case 'ready':
      return 'Ready.';
    case 'running':
      return done;
    case 'paused':
      return `Paused: ${done}.`;
    case 'ended':
      return `${p.why === 'cancelled' ? 'Cancelled' : p.why === 'length' ? 'Done' : 'Ended by its end token'}: ${done}.`;
  }
}

/** How a text was counted in tokens. */
function counted(form: 'text' | 'ids', kind: 'tokenizer' | 'bytes'): string {
  if (form === 'ids') return '';
  if (kind === 'bytes') return ', one a byte';
  return dropped.value ? ', by the checkpoint’s own tokenizer.json' : ', by the model’s own tokenizer';
}

export function PromptPanel() {
  const v = model.view.value;
  const ids = typedIds.value;
  const { kind } = vocabulary.value;
  return (
    <Panel
      title="Prompt"
      class="prompt-panel"
      actions={
        <Segmented
          label="The prompt is"
          small
          options={[
            { value: 'text', label: kind === 'tokenizer' ? 'text' : 'bytes' },
            { value: 'ids', label: 'token ids' },
          ]}
          value={v.form}
          onChange={(form) => model.go({ form, prompt: form === 'ids' ? (ids ?? []).join(', ') : '' })}
        />
      }
    >
      <label>
        <span class="offscreen">Prompt</span>
        <textarea
          rows={2}
          value={v.prompt}
          spellcheck={false}
          onInput={(event) => model.adjust({ prompt: event.currentTarget.value })}
        />
      </label>
      <p class="quiet-text small-text">
        {ids === null
          ? 'Token ids are whole numbers with commas between them.'
          : `${ids.length.toLocaleString('en')} tokens${counted(v.form, kind)}.`}
      </p>
      <Sampling />
      {v.answers > 1 && current.value && answerRoom.value < v.max && (
        <p class="quiet-text small-text">
          {v.answers} answers share the pages of this context: at most {answerRoom.value} tokens each.
        </p>
      )}
      <Controls />
      {narrow.value && <LoadProgress />}
      {problem.value && (
        <p class="run-failure" role="alert">
          <b>{problem.value.message}</b> {problem.value.hint}
        </p>
      )}
    </Panel>
  );
}
