// The end of each row can be dragged: another answer length, computed at once on the virtual clock.

import { useRef } from 'preact/hooks';
import { endOf } from '../../views/batching/axis.ts';
import { requestName, rowAt, xOf } from '../../views/batching/paint.ts';
import type { Track } from '../../views/batching/track.ts';
import { announce } from '../ui/index.ts';
import { asking, mode, playedTo, range } from './cursor.ts';
import { type Gesture, useGesture } from './draggable-number.tsx';
import type { Geometry } from './geometry.ts';
import type { Shown } from './shown.ts';
import { isLengths, readLengths, writeLengths } from './spec.ts';
import { batching } from './view.ts';
import { workText } from './wanted.ts';

/** Beyond this many requests the ends are too many to take hold of. */
const MOST = 16;
const LONGEST = 400;

/** Sets the output length of a request and shows the result on the virtual clock. A request's id is its place in the list. */
function setLength(id: number, output: number, gesture: Gesture): void {
  const lengths = readLengths(workText.peek());
  const one = lengths.ok ? lengths.value[id] : undefined;
  if (!lengths.ok || !one) return;
  const next = Math.min(LONGEST, Math.max(1, output));
  if (next === one.output) return;
  const work = writeLengths(lengths.value.map((l, i) => (i === id ? { ...l, output: next } : l)));
  batching[gesture.next()]({ from: 'virtual', work, result: '' });
  announce(`R${id + 1}: answer of ${next} tokens, on the virtual clock.`);
}

interface HandlesProps {
  readonly track: Track;
  readonly g: Geometry;
  readonly shown: Shown;
}

export function LengthHandles({ track, g, shown }: HandlesProps) {
  const foreign = shown.source === 'file' || shown.source === 'link' || shown.running !== null;
  // generated requests have no lengths to write into the address
  if (foreign || !isLengths(workText.value) || track.requests > MOST || g.rows.rowHeight < 16) return null;
  if (asking.value || playedTo.value !== null) return null;
  return (
    <>
      {Array.from(track.ids, (id, r) => (
        <Handle key={id} track={track} r={r} g={g} />
      ))}
    </>
  );
}

function Handle({ track, r, g }: { readonly track: Track; readonly r: number; readonly g: Geometry }) {
  const from = useRef<{ readonly x: number; readonly output: number; readonly perToken: number } | null>(
    null,
  );
  const gesture = useGesture();
  const id = track.ids[r] as number;
  const output = track.outputs[r] as number;
  if (output === 0) return null;
  const view = { left: g.gutter, width: g.plot, range: range.value };
  const last = track.lastStep[r] as number;
  const x = xOf(view, endOf(track, mode.value, last));
  if (x < g.gutter || x > g.gutter + g.plot + 2) return null;
  const row = rowAt({ rowHeight: g.rows.rowHeight, scroll: 0 }, r);
  const mean = (xOf(view, endOf(track, mode.value, track.steps - 1)) - xOf(view, 0)) / track.steps;
  const down = (event: PointerEvent): void => {
    from.current = { x: event.clientX, output, perToken: Math.max(4, mean) };
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
    event.stopPropagation();
  };
  const move = (event: PointerEvent): void => {
    if (!from.current) return;
    event.stopPropagation();
    const tokens = Math.round((event.clientX - from.current.x) / from.current.perToken);
    setLength(id, from.current.output + tokens, gesture);
  };
  const key = (event: KeyboardEvent): void => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by === undefined || event.shiftKey) return;
    setLength(id, output + by, gesture);
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      class="length-handle"
      role="slider"
      tabIndex={0}
      aria-label={`${requestName(track, r)} in ${track.title}: length of the answer`}
      aria-valuemin={1}
      aria-valuemax={LONGEST}
      aria-valuenow={output}
      aria-valuetext={`${output} tokens`}
      title={`${requestName(track, r)} answers ${output} tokens. Drag to change it.`}
      style={{ left: `${x}px`, top: `${row.y}px`, height: `${row.height}px` }}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={() => {
        from.current = null;
        gesture.end();
      }}
      onBlur={gesture.end}
      onKeyDown={key}
    />
  );
}
