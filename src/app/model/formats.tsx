// How the chosen model is stored and summed: a line each.

import { kvOptions, weightOptions } from '../formats.ts';
import { Segmented } from '../ui/index.ts';
import { noise } from './choice.ts';
import { model, windows } from './view.ts';

const windowOptions = [...windows].sort((a, b) => Number(a) - Number(b));

export function Formats() {
  const v = model.view.value;
  return (
    <div class="formats">
      <Segmented
        label="Weights"
        showLabel
        small
        options={weightOptions}
        value={v.weights}
        onChange={(weights) => model.go({ weights })}
      />
      <Segmented
        label="KV pages"
        showLabel
        small
        options={kvOptions}
        value={v.kv}
        onChange={(kv) => model.go({ kv })}
      />
      <Segmented
        label="Tokens a page"
        showLabel
        small
        options={(['8', '16', '32', '64'] as const).map((value) => ({ value, label: value }))}
        value={v.page}
        onChange={(page) => model.go({ page })}
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
              {Number(w).toLocaleString('en')} tokens
            </option>
          ))}
        </select>
      </label>
      {noise.value && (
        <label>
          <span class="field-label">Weights’ seed</span>
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
