// Below the pictures: findings, counters, banks and sectors, watches, where a cell came from, comparing, breakpoints.

import { useComputed } from '@preact/signals';
import type { ComponentType } from 'preact';
import { picked } from './origin.ts';
import { findings, session } from './session.ts';
import { BreaksTab } from './tab-breaks.tsx';
import { CompareTab } from './tab-compare.tsx';
import { CountersTab } from './tab-counters.tsx';
import { FindingsTab } from './tab-findings.tsx';
import { GpuTab } from './tab-gpu.tsx';
import { hasInt8, Int8Tab } from './tab-int8.tsx';
import { MemoryTab } from './tab-memory.tsx';
import { OriginTab } from './tab-origin.tsx';
import { hasPages, PagesTab } from './tab-pages.tsx';
import { WatchTab } from './tab-watch.tsx';
import { type Drawer, drawers, step } from './view.ts';

interface Tab {
  /** Whether the tab is offered; a tab without it always is. */
  readonly when?: () => boolean;
  readonly title: () => string;
  readonly content: ComponentType;
}

const tabs: Partial<Record<Drawer, Tab>> = {
  findings: { title: () => `Findings ${findings.value.length}`, content: FindingsTab },
  counters: { title: () => 'Counters', content: CountersTab },
  memory: { title: () => 'Coalescing and banks', content: MemoryTab },
  watch: {
    title: () => (step.view.value.watch.length > 0 ? `Watch ${step.view.value.watch.length}` : 'Watch'),
    content: WatchTab,
  },
  origin: {
    title: () =>
      picked.value ? `${picked.value.name}[${picked.value.row}, ${picked.value.column}]` : 'A cell’s origin',
    content: OriginTab,
  },
  compare: { title: () => 'Compare', content: CompareTab },
  breakpoints: {
    title: () =>
      step.view.value.breaks.length > 0 ? `Breakpoints ${step.view.value.breaks.length}` : 'Breakpoints',
    content: BreaksTab,
  },
  pages: { title: () => 'Pages', content: PagesTab, when: hasPages },
  int8: { title: () => 'Packed int8', content: Int8Tab, when: hasInt8 },
  gpu: { title: () => 'Check on my GPU', content: GpuTab },
};

export function DrawerPanel() {
  const chosen = useComputed(() => step.view.value.drawer);
  if (!session.value) return null;
  const current =
    (tabs[chosen.value]?.when?.() ?? tabs[chosen.value] !== undefined) ? chosen.value : 'findings';
  const Content = tabs[current]?.content ?? FindingsTab;
  return (
    <section class="panel drawer" aria-label="Analyses">
      <div class="drawer-tabs" role="tablist">
        {drawers.map((id) => {
          const tab = tabs[id];
          return tab && (tab.when?.() ?? true) ? (
            <button
              key={id}
              type="button"
              role="tab"
              aria-selected={id === current}
              onClick={() => step.adjust({ drawer: id })}
            >
              {tab.title()}
            </button>
          ) : null;
        })}
      </div>
      <div class="drawer-body" role="tabpanel">
        <Content />
      </div>
    </section>
  );
}
