// The Step page: the source, the lanes and one memory side by side, what just happened, and the whole run below.

import { useEffect } from 'preact/hooks';
import type { Page } from '../page.ts';
import { followBreaks } from '../step/breaks.ts';
import { CaptureBanner } from '../step/capture-banner.tsx';
import { DrawerPanel } from '../step/drawer.tsx';
import { editing } from '../step/edit.ts';
import { LanesPanel } from '../step/lanes-panel.tsx';
import { MemoryPanels, OutputPanel } from '../step/memory-panel.tsx';
import { followPicked } from '../step/origin.ts';
import { OwnPanel } from '../step/own-panel.tsx';
import { busy, follow, phase, seek, session, stop } from '../step/session.ts';
import { SourcePanel } from '../step/source-panel.tsx';
import { StruckBanner } from '../step/struck-banner.tsx';
import {
  TimelineBar,
  toBarrier,
  toBreak,
  toFinding,
  toggleFollow,
  toLane,
  toOut,
  toOver,
  toStatement,
} from '../step/timeline-bar.tsx';
import { TopBar, WhatThisIs } from '../step/top-bar.tsx';
import { TourPanel } from '../step/tour-panel.tsx';
import { useKeys } from '../ui/index.ts';
import '../styles/step-drawer.css';
import '../styles/step-grids.css';
import '../styles/step-source.css';
import '../styles/step.css';

function Problem() {
  const p = phase.value;
  if (p.kind !== 'failed') return null;
  return (
    <section class="notice error" role="alert">
      <div>
        <p>{p.failure.message}</p>
        <ul>
          <li>{p.failure.hint}</li>
        </ul>
      </div>
    </section>
  );
}

function Busy() {
  if (!busy.value) return null;
  return (
    <p class="busy panel" role="status">
      Running in the background …{' '}
      <button type="button" class="small" onClick={stop}>
        Stop
      </button>
    </p>
  );
}

function Step() {
  useEffect(() => {
    const ends = [follow(), followBreaks(), followPicked()];
    return () => {
      for (const end of ends) end();
    };
  }, []);
  useKeys('Step', [
    { key: 'ArrowRight', label: 'one statement on', run: () => toStatement('forward') },
    { key: 'ArrowLeft', label: 'one statement back', run: () => toStatement('back') },
    { key: 'Shift+ArrowRight', label: 'to the next barrier', run: () => toBarrier('forward') },
    { key: 'Shift+ArrowLeft', label: 'to the barrier before', run: () => toBarrier('back') },
    { key: 'o', label: 'over calls', run: () => toOver('forward') },
    { key: 'u', label: 'back over calls', run: () => toOver('back') },
    { key: 'i', label: 'out of the function', run: () => toOut('forward') },
    { key: 'y', label: 'back out of the function', run: () => toOut('back') },
    { key: 'l', label: 'the focus lane’s next statement', run: () => toLane('forward') },
    { key: 'k', label: 'the focus lane’s statement before', run: () => toLane('back') },
    { key: 'f', label: 'follow the focus lane', run: toggleFollow },
    { key: 'b', label: 'to the next breakpoint', run: () => toBreak('forward') },
    { key: 'v', label: 'to the breakpoint before', run: () => toBreak('back') },
    { key: 'n', label: 'to the next finding', run: () => toFinding('forward') },
    { key: 'm', label: 'to the finding before', run: () => toFinding('back') },
    {
      key: 'e',
      label: 'edit the source',
      run: () => {
        editing.value = !editing.value;
      },
    },
    { key: 'Home', label: 'to the start', run: () => seek(0) },
    { key: 'End', label: 'to the end', run: () => seek(session.value?.opened.length ?? 0) },
  ]);
  return (
    <>
      <WhatThisIs />
      <TopBar />
      <TourPanel />
      <Problem />
      <Busy />
      <CaptureBanner />
      <StruckBanner />
      <div class="step-grid">
        <SourcePanel />
        <div class="lanes-column">
          <LanesPanel />
          <OutputPanel />
        </div>
        <MemoryPanels />
      </div>
      <TimelineBar />
      <OwnPanel />
      <DrawerPanel />
    </>
  );
}

const page: Page = {
  id: 'step',
  title: 'Step',
  question: 'What does each lane do now?',
  component: Step,
};
export default page;
