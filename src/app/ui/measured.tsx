// Gives a drawing the width it has, so that text in a chart keeps its size at any width of the page.

import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

export interface MeasuredProps {
  /** Draws at this width in CSS pixels; called again when it changes. */
  readonly children: (width: number) => ComponentChildren;
}

export function Measured({ children }: MeasuredProps) {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    setWidth(element.clientWidth);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={ref} class="measured">
      {width > 0 && children(width)}
    </div>
  );
}
