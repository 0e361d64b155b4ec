// The axis above the tracks, and the one cursor through all of them.

import { seconds, stepAt } from '../../views/batching/axis.ts';
import { xOf } from '../../views/batching/paint.ts';
import { textWidth } from '../../views/batching/pen.ts';
import type { Tick } from '../../views/batching/ticks.ts';
import { axisTicks, cursor, mode, range, tracks } from './cursor.ts';
import type { Geometry } from './geometry.ts';

/** What the cursor says of its place, and how wide that is. */
function cursorLabel(g: Geometry, place: number): { readonly text: string; readonly half: number } {
  const [first] = tracks.value;
  const text =
    mode.value === 'time' || !first
      ? seconds(place)
      : `step ${(stepAt(first, 'steps', place) ?? Math.floor(place)) + 1}`;
  return { text, half: textWidth(text, g.fontSize) / 2 + 8 };
}

export function Ruler({ g }: { readonly g: Geometry }) {
  const ticks = axisTicks(g.plot);
  const view = { left: g.gutter, width: g.plot, range: range.value };
  const place = cursor.value;
  const at = place === null ? Number.NEGATIVE_INFINITY : xOf(view, place);
  const { half } = place === null ? { half: 0 } : cursorLabel(g, place);
  // a label that would be cut by the edge, or covered by the cursor's, says something else
  const fits = (tick: Tick): boolean => {
    const x = xOf(view, tick.place);
    const end = x + textWidth(tick.label, g.fontSize) + 8;
    return end < g.width && (end < at - half || x > at + half);
  };
  return (
    <div class="ruler" aria-hidden="true">
      {ticks.filter(fits).map((tick) => (
        <span key={tick.label} style={{ left: `${xOf(view, tick.place)}px` }}>
          {tick.label}
        </span>
      ))}
    </div>
  );
}

export function CursorLine({ g }: { readonly g: Geometry }) {
  const place = cursor.value;
  if (place === null) return null;
  const x = xOf({ left: g.gutter, width: g.plot, range: range.value }, place);
  if (x < g.gutter - 1 || x > g.gutter + g.plot + 1) return null;
  return (
    <div class="cursor" style={{ transform: `translateX(${x}px)` }} data-place={place}>
      <span>{cursorLabel(g, place).text}</span>
    </div>
  );
}
