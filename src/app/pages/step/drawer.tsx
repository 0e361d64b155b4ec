// Below the pictures: findings, counters, banks and sectors, watches, where a cell came from, comparing, breakpoints.

import { useComputed } from '@preact/signals';
import type { ComponentType } from 'preact';
import { findings, session } from './session.ts';
import { FindingsTab } from './tab-findings.tsx';
import { type Drawer, drawers, step } from './view.ts';

interface Tab {
  readonly title: () => string;
  readonly content: ComponentType;
}

const tabs: Partial<Record<Drawer, Tab>> = {
  findings: { title: () => `Findings ${findings.value.length}`, content: FindingsTab },
};

export function DrawerPanel() {
  const chosen = useComputed(() => step.view.value.drawer);
  if (!session.value) return null;
  const current = tabs[chosen.value] ? chosen.value : 'findings';
  const Content = tabs[current]?.content ?? FindingsTab;
  return (
    <section class="panel drawer" aria-label="Analyses">
      <div class="drawer-tabs" role="tablist">
        {drawers.map((id) => {
          const tab = tabs[id];
          return tab ? (
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
