// Further cards of the page, one file each in cards/, found by themselves and loaded when they come into view.

import { useSignal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export interface Card {
  /** The name of its file. */
  readonly id: string;
  readonly component: ComponentType;
}

const found = import.meta.glob<{ readonly default: Card }>('./cards/*.tsx');

function LazyCard({ load }: { readonly load: () => Promise<{ readonly default: Card }> }) {
  const ref = useRef<HTMLDivElement>(null);
  const card = useSignal<Card | null>(null);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      void load().then((module) => {
        card.value = module.default;
      });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [load, card]);
  const Content = card.value?.component;
  return (
    <div ref={ref} class="cards">
      {Content && <Content />}
    </div>
  );
}

export function Cards() {
  return (
    <>
      {Object.entries(found).map(([path, load]) => (
        <LazyCard key={path} load={load} />
      ))}
    </>
  );
}
