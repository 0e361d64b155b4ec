// The Bench page: a question, what runs, the ladder and the roofline, the source, every row, and the runs to compare.

import { useComputed, useSignalEffect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { RunBadge } from '../bench/badge.tsx';
import { Cards } from '../bench/cards.tsx';
import { loadCatalog } from '../bench/catalog.ts';
import { ChoosePanel } from '../bench/choose-panel.tsx';
import { ComparePanel } from '../bench/compare-panel.tsx';
import { DeviceCard } from '../bench/device-card.tsx';
import { source } from '../bench/here.ts';
import { LadderPanel } from '../bench/ladder-panel.tsx';
import { RooflinePanel } from '../bench/roofline-panel.tsx';
import { RunBar, startRun } from '../bench/run-bar.tsx';
import { cancelRun } from '../bench/running.ts';
import { loadRuns, looked, openLink } from '../bench/runs.ts';
import { downloadShown, open, openDialog, RunsPanel } from '../bench/runs-panel.tsx';
import { SourcePanel } from '../bench/source-panel.tsx';
import { SweepPanel } from '../bench/sweep-panel.tsx';
import { TablePanel } from '../bench/table-panel.tsx';
import { Tab, Tabs } from '../bench/tabs.tsx';
import { bench } from '../bench/view.ts';
import { openGpu } from '../gpu.ts';
import { later } from '../later.ts';
import type { Page } from '../page.ts';
import { narrow, Panel, useDrop, useKeys } from '../ui/index.ts';
import '../styles/bench.css';
import '../styles/bench-results.css';
import '../styles/bench-tabs.css';

let started = false;

/** The kernels and the runs at once; the GPU when the first picture stands. */
function start(): void {
  if (started) return;
  started = true;
  void loadCatalog();
  void loadRuns();
  later(() => void openGpu());
}

/** Files dropped anywhere on the page are opened. */
const openDropped = (dropped: DataTransfer): void => void open([...dropped.files]);

/** What runs: a panel at the side; on a narrow screen folded up, so that the pictures come first. */
function Choose() {
  if (!narrow.value) {
    return (
      <Panel title="What runs">
        <ChoosePanel />
      </Panel>
    );
  }
  return (
    <details class="panel choose-fold">
      <summary>What runs</summary>
      <div class="panel-body">
        <ChoosePanel />
      </div>
    </details>
  );
}

function Pictures() {
  const from = source.value;
  if (!from && !looked.value) return <Panel title="Ladder" class="ladder-panel" />;
  return (
    <>
      {from?.run && <RunBadge run={from.run} />}
      <LadderPanel />
      <RooflinePanel />
    </>
  );
}

function Kernels() {
  useDrop(openDropped);
  const carried = useComputed(() => bench.view.value.result);
  useSignalEffect(() => {
    if (carried.value !== '') void openLink(carried.value);
  });
  useKeys('Bench', [
    { key: 'r', label: 'run on this device', run: startRun },
    { key: 'Escape', label: 'cancel, keep what is done', run: cancelRun },
    { key: 'o', label: 'open result files', run: () => void openDialog() },
    { key: 'd', label: 'download the run in view', run: downloadShown },
    { key: 'Enter', label: 'on a bar or point: choose that version' },
  ]);
  return (
    <>
      <p class="lead">
        Every version computes the same result, is checked against a double-precision reference, and takes
        turns with the others.
      </p>
      <RunBar />
      <div class="bench-grid">
        <div class="bench-choose">
          <Choose />
        </div>
        <div class="bench-pictures">
          <Pictures />
        </div>
        <div class="bench-source">
          <SourcePanel />
        </div>
      </div>
      <TablePanel />
      <div class="bench-pair">
        <SweepPanel />
        <RunsPanel />
      </div>
      <ComparePanel />
      <DeviceCard />
      <Cards />
    </>
  );
}

function Bench() {
  useEffect(start, []);
  const { tab } = bench.view.value;
  return (
    <>
      <Tabs />
      {tab === 'kernels' ? <Kernels /> : <Tab id={tab} />}
    </>
  );
}

const page: Page = {
  id: 'bench',
  title: 'Bench',
  question: 'How fast is my GPU at this, and how close to its limit?',
  component: Bench,
};
export default page;
