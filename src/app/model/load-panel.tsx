// Which model, stored how, and what that takes of this device before anything is allocated.

import { useEffect } from 'preact/hooks';
import { bytes } from '../../views/format.ts';
import { parametersText } from '../../views/model/figures.ts';
import { MemoryBar } from '../../views/model/memory-bar.tsx';
import { Badge, narrow, Panel, Progress, Term } from '../ui/index.ts';
import {
  dropped,
  estimated,
  followChoice,
  loadable,
  misfit,
  noGpu,
  noise,
  takeFiles,
  trained,
} from './choice.ts';
import { Formats } from './formats.tsx';
import { end, load } from './session.ts';
import { busy, current, loaded, phase } from './state.ts';
import { underway } from './tasks.ts';
import { followMisfit, thrift } from './thrift.ts';
import { secondsLeft } from './time-left.ts';
import { model, shapeNames, trainedNames } from './view.ts';

/** Lets the reader choose a folder; files of it come with their paths. */
function chooseFolder(): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.webkitdirectory = true;
  input.onchange = () =>
    void takeFiles(
      [...(input.files ?? [])].map((file) => ({ name: file.webkitRelativePath || file.name, blob: file })),
    );
  input.click();
}

const OpenButton = () => (
  <button type="button" disabled={busy.value} onClick={chooseFolder}>
    Open a checkpoint …
  </button>
);

function Checkpoint() {
  const files = dropped.value;
  if (!files) return null;
  const count = files.files.length;
  return (
    <div class="checkpoint">
      <p>
        <b>{files.name}</b>{' '}
        <span class="quiet-text">
          {count === 1 ? '1 file' : `${count} files`},{' '}
          {bytes(files.files.reduce((sum, file) => sum + file.blob.size, 0))}
        </span>
      </p>
      {files.note && <p class="quiet-text small-text">{files.note}</p>}
      <div class="load-row">
        <OpenButton />
        <button
          type="button"
          disabled={busy.value}
          onClick={() => {
            dropped.value = null;
          }}
        >
          Back to the models here
        </button>
      </div>
    </div>
  );
}

function ModelPicker() {
  if (dropped.value) return <Checkpoint />;
  return (
    <div class="shape-row">
      <label class="shape-select">
        <span class="field-label">Model</span>
        <select
          value={model.view.value.config}
          disabled={busy.value}
          onChange={(event) => model.go({ config: event.currentTarget.value })}
        >
          <optgroup label="Trained, in the box">
            {trainedNames.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </optgroup>
          <optgroup label="Shapes, random weights">
            {shapeNames.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </optgroup>
        </select>
      </label>
      <OpenButton />
    </div>
  );
}

function ModelDisclaimer() {
  if (trained.value)
    return (
      <p class="honest small-text">
        Trained on Lockstep’s own simple English: stories, and questions about what was said before. So small
        a model waits for launches on any GPU; for speed, choose a larger shape.
      </p>
    );
  return noise.value ? (
    <p class="honest small-text">
      <Badge kind="warn">random weights</Badge> Weights come from a seed, so the text is noise: such a model
      shows speed, memory and structure, not language. For words, choose a trained model, or open or drop a
      checkpoint (config.json with its *.safetensors); nothing leaves this machine.
    </p>
  ) : null;
}

function MemoryEstimate() {
  const e = estimated.value;
  if (e.kind === 'unknown')
    return (
      <p class="quiet-text">
        {noGpu.value
          ? 'Without a GPU nothing can be loaded; the notice above says what to do.'
          : 'Asking the device what fits …'}
      </p>
    );
  if (e.kind === 'failed') return null;
  const { config, parameters, memory, budget, window, pages, poolLimit } = e.estimate;
  return (
    <>
      <p class="shape-line">
        {config.layers} layers, width {config.width}, {config.heads} heads over {config.kvHeads} of K and V,
        vocabulary {config.vocab.toLocaleString('en')}: <b>{parametersText(parameters)} parameters</b>.
        Context {window} tokens in {pages} <Term of="KV pages">pages</Term>
        {poolLimit !== null && poolLimit !== 'budget' && `, as many as the ${poolLimit} allows`}.
      </p>
      <MemoryBar memory={memory} budget={budget} />
    </>
  );
}

function Refusal() {
  const refusal = misfit.value;
  if (!refusal) return null;
  const fits = thrift.value;
  return (
    <div class="run-failure" role="alert">
      <p>
        <b>{refusal.message}</b> {refusal.hint}
      </p>
      {fits && (
        <button
          type="button"
          class="primary"
          onClick={() => model.go({ weights: fits.weights, kv: fits.kv, window: fits.window })}
        >
          Choose what fits: {fits.weights} weights, {fits.kv} pages,{' '}
          {Number(fits.window).toLocaleString('en')} tokens ({bytes(fits.total)})
        </button>
      )}
    </div>
  );
}

/** How far loading is, while it goes on. */
export function LoadProgress() {
  const p = phase.value;
  return p.kind === 'loading' ? (
    <Progress
      label="Loading"
      done={p.done}
      total={p.total}
      secondsLeft={secondsLeft(p)}
      what={p.what}
      cancelLabel="Cancel"
      onCancel={end}
    />
  ) : null;
}

function LoadButton() {
  const p = phase.value;
  if (p.kind === 'loading') return <LoadProgress />;
  const ready = loaded.value;
  const same = current.value;
  return (
    <div class="load-row">
      <button
        type="button"
        disabled={busy.value || underway.value !== null || !loadable.value}
        onClick={() => void load()}
      >
        {same ? 'Load again' : 'Load'}
      </button>
      <span class="quiet-text small-text">
        {same && ready
          ? `${ready.config.name} is loaded, in ${ready.seconds.toFixed(1)} s.`
          : ready
            ? `${ready.config.name} is loaded; what is chosen now replaces it.`
            : p.kind === 'empty' && p.why === 'cancelled'
              ? 'Loading was cancelled; nothing of it was kept.'
              : 'Nothing is allocated yet.'}
      </span>
    </div>
  );
}

/** What is chosen in a line, for a folded panel. */
function summary(): string {
  const e = estimated.value;
  const v = model.view.value;
  const name = dropped.value?.name ?? v.config;
  const takes =
    e.kind === 'known' ? `, ${bytes(e.estimate.memory.total)} of ${bytes(e.estimate.budget)}` : '';
  return `${name}: ${v.weights} weights, ${v.kv} pages${takes}`;
}

export function LoadPanel() {
  useEffect(followChoice, []);
  useEffect(followMisfit, []);
  // a narrow screen shows the prompt and its text first, and says there how far loading is; what goes wrong is not folded away
  if (narrow.value)
    return (
      <section class="panel load-panel" aria-label="Model">
        <details>
          <summary>
            Model <span class="quiet-text small-text">{summary()}</span>
          </summary>
          <div class="panel-body">
            <ModelPicker />
            <ModelDisclaimer />
            <Formats />
            <MemoryEstimate />
          </div>
        </details>
        {misfit.value && (
          <div class="panel-body">
            <Refusal />
          </div>
        )}
      </section>
    );
  return (
    <Panel title="Model" class="load-panel">
      <ModelPicker />
      <ModelDisclaimer />
      <Formats />
      <MemoryEstimate />
      <Refusal />
      <LoadButton />
    </Panel>
  );
}
