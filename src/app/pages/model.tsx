// The Model page: a model loaded, a text generated step by step, and everything that one token takes along the way.

import { useEffect } from 'preact/hooks';
import { openGpu } from '../gpu.ts';
import { later } from '../later.ts';
import { CachePanel } from '../model/cache-panel.tsx';
import { takeFiles } from '../model/choice.ts';
import { filesOf } from '../model/dropped-files.ts';
import { look } from '../model/inspect.ts';
import { InspectPanel } from '../model/inspect-panel.tsx';
import { LoadPanel } from '../model/load-panel.tsx';
import { NumericsPanel } from '../model/numerics-panel.tsx';
import { PromptPanel } from '../model/prompt-panel.tsx';
import { end, generate, pause, singleStep } from '../model/session.ts';
import { SplitPanel } from '../model/split-panel.tsx';
import { phase } from '../model/state.ts';
import { LikelyPanel, TextPanel } from '../model/text-panel.tsx';
import { TimesPanel } from '../model/times-panel.tsx';
import type { Page } from '../page.ts';
import { narrow, useDrop, useKeys } from '../ui/index.ts';
import '../styles/model.css';
import '../styles/model-figures.css';

/** A folder or files dropped anywhere on the page are a checkpoint. */
const openDropped = (dropped: DataTransfer): void => void filesOf(dropped.items).then(takeFiles);

function Model() {
  useEffect(() => later(() => void openGpu()), []);
  useDrop(openDropped);
  useKeys('Model', [
    { key: 'g', label: 'generate, or go on', run: generate },
    {
      key: ' ',
      label: 'pause, or go on',
      run: () => (phase.value.kind === 'running' ? pause() : generate()),
    },
    { key: '.', label: 'one step', run: singleStep },
    { key: 'Escape', label: 'cancel what goes on', run: end },
    { key: 'i', label: 'look inside the last step', run: () => void look() },
  ]);
  return (
    <div class="model">
      <p class="lead">
        A Llama-style decoder whose every operation is a kernel of this page’s catalogue: the prompt is
        computed in chunks, then one token a step, K and V in pages.
      </p>
      <div class="model-grid">
        <div class="model-side">
          <LoadPanel />
        </div>
        <div class="model-main">
          <PromptPanel />
          <TextPanel />
          {narrow.value && <CachePanel />}
          <div class="model-pair">
            <TimesPanel />
            <LikelyPanel />
          </div>
          <SplitPanel />
          <InspectPanel />
        </div>
        <div class="model-side">
          {!narrow.value && <CachePanel />}
          <NumericsPanel />
        </div>
      </div>
    </div>
  );
}

const page: Page = {
  id: 'model',
  title: 'Model',
  question: 'What happens for one token?',
  component: Model,
};
export default page;
