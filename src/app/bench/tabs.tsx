// The tabs of the Bench page: single kernels, and further benchmarks, one file each in tabs/, loaded when they are chosen.

import { useSignal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { Segmented } from '../ui/index.ts';
import { bench, benchTabs, type TabId, tabTitles } from './view.ts';

export interface BenchTab {
  /** The name of its file. */
  readonly id: string;
  readonly component: ComponentType;
}

const found = import.meta.glob<{ readonly default: BenchTab }>('./tabs/*.tsx');

export function Tabs() {
  return (
    <div class="bench-tabs">
      <Segmented
        label="Benchmark"
        options={benchTabs.map((value) => ({ value, label: tabTitles[value] }))}
        value={bench.view.value.tab}
        onChange={(tab) => bench.go({ tab })}
      />
    </div>
  );
}

export function Tab({ id }: { readonly id: Exclude<TabId, 'kernels'> }) {
  const tab = useSignal<BenchTab | null>(null);
  useEffect(() => {
    let current = true;
    void found[`./tabs/${id}.tsx`]?.().then((module) => {
      if (current) tab.value = module.default;
    });
    return () => {
      current = false;
    };
  }, [id, tab]);
  const Content = tab.value?.id === id ? tab.value.component : null;
  return Content && <Content />;
}
