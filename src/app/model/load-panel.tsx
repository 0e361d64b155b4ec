// Which model, stored how, and what that takes of this device before anything is allocated.

import { useEffect } from 'preact/hooks';
import { activationFormats, kvFormats, weightFormats } from '../../model/formats.ts';
import { bytes } from '../../views/format.ts';
import { parametersText } from '../../views/model/figures.ts';
import { MemoryBar } from '../../views/model/memory-bar.tsx';
import { gpu } from '../gpu.ts';
import { Badge, Panel, Progress, Segmented, Term } from '../ui/index.ts';
import { dropped, estimated, followChoice, misfit, noise, takeFiles, trained } from './choice.ts';
import { busy, current, end, load, loaded, phase } from './session.ts';
import { model, shapeNames, trainedNames, windows } from './view.ts';

const windowOptions = [...windows].sort((a, b) => Number(a) - Number(b));

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

function Which() {
  const v = model.view.value;
  const files = dropped.value;
  if (files) {
    return (
      <div class="checkpoint">
        <p>
          <b>{files.name}</b>{' '}
          <span class="quiet-text">
            {files.files.length} files, {bytes(files.files.reduce((sum, file) => sum + file.blob.size, 0))}
          </span>
        </p>
        {files.note && <p class="quiet-text small-text">{files.note}</p>}
        <button
          type="button"
          class="small"
          disabled={busy.value}
          onClick={() => {
            dropped.value = null;
          }}
        >
          Back to the models here
        </button>
      </div>
    );
  }
  return (
    <div class="shape-row">
      <label class="shape-select">
        <span class="field-label">Model</span>
        <select
          value={v.config}
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
      <button type="button" disabled={busy.value} onClick={chooseFolder}>
        Open a checkpoint …
      </button>
    </div>
  );
}

function Honest() {
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

function Takes() {
  const e = estimated.value;
  if (e.kind === 'unknown')
    return (
      <p class="quiet-text">
        {gpu.value.kind === 'open' || gpu.value.kind === 'opening' || gpu.value.kind === 'idle'
          ? 'Asking the device what fits …'
          : 'Without a GPU nothing can be loaded; the notice above says what to do.'}
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

function Formats() {
  const v = model.view.value;
  return (
    <div class="formats">
      <Segmented
        label="Weights"
        showLabel
        small
        options={weightFormats.map((value) => ({
          value,
          label: value,
          about: value.startsWith('i8')
            ? `int8 with one scale ${value === 'i8-row' ? 'a row' : `for each ${value.slice(4)} cells`}`
            : undefined,
        }))}
        value={v.weights}
        onChange={(weights) => model.go({ weights })}
      />
      <Segmented
        label="Activations"
        showLabel
        small
        options={activationFormats.map((value) => ({
          value,
          label: value,
          about:
            value === 'i8'
              ? 'The inputs of the layers’ matrices rounded to int8, one scale a token. Int8 weights meet them in integers; with other weights it shows what the rounding costs and saves nothing.'
              : undefined,
        }))}
        value={v.activations}
        onChange={(activations) => model.go({ activations })}
      />
      <Segmented
        label="KV pages"
        showLabel
        small
        options={kvFormats.map((value) => ({
          value,
          label: value,
          about: value === 'i8' ? 'int8 with one scale a token and head, kept in the page' : undefined,
        }))}
        value={v.kv}
        onChange={(kv) => model.go({ kv })}
      />
      <Segmented
        label="Numerics"
        showLabel
        small
        options={[
          {
            value: 'canonical',
            label: 'canonical',
            about: 'One order of summation: a token’s logits are the same bits whatever the batch.',
          },
          {
            value: 'fast',
            label: 'fast',
            about: 'The quickest kernel for each shape: logits depend on what runs beside.',
          },
        ]}
        value={v.numerics}
        onChange={(numerics) => model.go({ numerics })}
      />
      <label>
        <span class="field-label">Context</span>
        <select
          value={v.window}
          onChange={(event) => {
            const window = windows.find((w) => w === event.currentTarget.value);
            if (window) model.go({ window });
          }}
        >
          {windowOptions.map((w) => (
            <option key={w} value={w}>
              {Number(w).toLocaleString('en')}
            </option>
          ))}
        </select>
      </label>
      <Segmented
        label="Tokens a page"
        showLabel
        small
        options={(['8', '16', '32', '64'] as const).map((value) => ({ value, label: value }))}
        value={v.page}
        onChange={(page) => model.go({ page })}
      />
      <label>
        <span class="field-label">KV budget, MiB</span>
        <input
          type="number"
          min={0}
          max={2 ** 20}
          placeholder="one context"
          value={v.kvmib || ''}
          onChange={(event) => model.go({ kvmib: event.currentTarget.valueAsNumber || 0 })}
        />
      </label>
      {noise.value && (
        <label>
          <span class="field-label">Seed</span>
          <input
            type="number"
            min={0}
            max={2 ** 31}
            value={v.wseed}
            onChange={(event) => model.go({ wseed: event.currentTarget.valueAsNumber || 0 })}
          />
        </label>
      )}
    </div>
  );
}

function LoadButton() {
  const p = phase.value;
  if (p.kind === 'loading')
    return (
      <Progress
        label="Loading"
        done={p.done}
        total={p.total}
        secondsLeft={null}
        what={p.what}
        cancelLabel="Cancel"
        onCancel={end}
      />
    );
  const ready = loaded.value;
  const same = current.value;
  return (
    <div class="load-row">
      <button
        type="button"
        class={same ? '' : 'primary'}
        disabled={busy.value || misfit.value !== null || estimated.value.kind !== 'known'}
        onClick={() => void load()}
      >
        {same ? 'Load again' : 'Load'}
      </button>
      <span class="quiet-text small-text">
        {same && ready
          ? `${ready.config.name} is loaded, in ${ready.seconds.toFixed(1)} s.`
          : ready
            ? `${ready.config.name} is loaded; what is chosen now replaces it.`
            : 'Nothing is allocated yet.'}
      </span>
    </div>
  );
}

export function LoadPanel() {
  useEffect(followChoice, []);
  const refusal = misfit.value;
  return (
    <Panel title="Model" class="load-panel">
      <Which />
      <Honest />
      <Formats />
      <Takes />
      {refusal && (
        <p class="run-failure" role="alert">
          <b>{refusal.message}</b> {refusal.hint}
        </p>
      )}
      <LoadButton />
    </Panel>
  );
}
