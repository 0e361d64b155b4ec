// The whole run as one axis of statements: where the cursor is, and ticks for barriers, findings and
// breakpoints. Ticks that fall on one pixel are drawn once.

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { palette, type Token } from '../palette.ts';

export interface Ticks {
  readonly kind: 'barrier' | 'finding' | 'breakpoint' | 'lit';
  /** Steps, ascending. */
  readonly steps: ArrayLike<number>;
}

export interface ScrubberProps {
  readonly length: number;
  readonly time: number;
  readonly ticks: readonly Ticks[];
  /** What the cursor is on, for screen readers. */
  readonly text: string;
  readonly onSeek: (time: number) => void;
}

const height = 40;
const pad = 9;
const look: Readonly<Record<Ticks['kind'], { readonly token: Token; readonly y: number }>> = {
  barrier: { token: 'barrier', y: 5 },
  finding: { token: 'bad', y: 5 },
  breakpoint: { token: 'focus', y: 30 },
  lit: { token: 'read', y: 30 },
};

function mark(c: CanvasRenderingContext2D, kind: Ticks['kind'], x: number, y: number): void {
  c.beginPath();
  if (kind === 'barrier') {
    c.moveTo(x, y);
    c.lineTo(x + 4, y + 7);
    c.lineTo(x - 4, y + 7);
  } else if (kind === 'finding') c.arc(x, y + 4, 4, 0, Math.PI * 2);
  else if (kind === 'breakpoint') {
    c.moveTo(x, y - 1);
    c.lineTo(x + 4, y + 3);
    c.lineTo(x, y + 7);
    c.lineTo(x - 4, y + 3);
  } else c.rect(x - 0.75, y, 1.5, 6);
  c.fill();
}

export function Scrubber(props: ScrubberProps) {
  const ref = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const colors = palette().value;
  useLayoutEffect(() => {
    const element = ref.current?.parentElement;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    setWidth(element.clientWidth);
    return () => observer.disconnect();
  }, []);

  const span = Math.max(1, width - 2 * pad);
  const x = (time: number): number => pad + (time / Math.max(1, props.length)) * span;

  useLayoutEffect(() => {
    const element = ref.current;
    const c = element?.getContext('2d');
    if (!element || !c || width === 0) return;
    const ratio = devicePixelRatio || 1;
    element.width = Math.round(width * ratio);
    element.height = height * ratio;
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    c.fillStyle = colors.color.line;
    c.beginPath();
    c.roundRect(pad, 18, span, 5, 2.5);
    c.fill();
    c.fillStyle = colors.color['ink-2'];
    c.beginPath();
    c.roundRect(pad, 18, x(props.time) - pad, 5, 2.5);
    c.fill();
    for (const { kind, steps } of props.ticks) {
      c.fillStyle = colors.color[look[kind].token];
      // many marks are a band, few are signs
      const dense = kind !== 'lit' && steps.length > span / 14;
      let last = -Infinity;
      for (let i = 0; i < steps.length; i++) {
        const at = x((steps[i] ?? 0) + 1);
        if (at - last < (dense || kind === 'lit' ? 1.5 : 5)) continue;
        last = at;
        if (dense) c.fillRect(at - 0.75, look[kind].y + 1, 1.5, 6);
        else mark(c, kind, at, look[kind].y);
      }
    }
    c.fillStyle = colors.color.ink;
    c.strokeStyle = colors.color.panel;
    c.lineWidth = 2;
    c.beginPath();
    c.arc(x(props.time), 20.5, 7.5, 0, Math.PI * 2);
    c.fill();
    c.stroke();
  });

  const seek = (event: PointerEvent): void => {
    const box = ref.current?.getBoundingClientRect();
    if (!box) return;
    const fraction = (event.clientX - box.left - pad) / span;
    props.onSeek(Math.round(Math.max(0, Math.min(1, fraction)) * props.length));
  };
  return (
    <div class="scrubber">
      <canvas
        ref={ref}
        role="slider"
        tabIndex={0}
        aria-label="Statement"
        aria-valuemin={0}
        aria-valuemax={props.length}
        aria-valuenow={props.time}
        aria-valuetext={props.text}
        style={{ width: '100%', height: `${height}px` }}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          seek(event);
        }}
        onPointerMove={(event) => {
          if (event.buttons & 1) seek(event);
        }}
      />
    </div>
  );
}
