// The tracks on their one axis: ruler, titles, rows on canvases, and what is laid over them (cursor, guesses,
// handles). Painting is views/batching/paint.ts, listening pointer.ts; this file sizes and scrolls.

import type { Signal } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { boundBadge, boundName } from '../../views/batching/bound-name.ts';
import { CanvasPen, prepareCanvas } from '../../views/batching/canvas-pen.ts';
import { describeCell } from '../../views/batching/caption.ts';
import { type Paint, paintTrack, xOf } from '../../views/batching/paint.ts';
import { Badge, Measured, tipOn } from '../ui/index.ts';
import { axisTicks, chosen, hovered, lanes, mode, pointed, range, rowScroll, until } from './cursor.ts';
import { type Geometry, geometryOf, ruleLines, scrollFor } from './geometry.ts';
import { GuessLayer, GuessMarks } from './guess.tsx';
import { cutShort, type ShownLane } from './lanes.ts';
import { LengthHandles } from './length-handles.tsx';
import { palette, sans } from './palette.ts';
import { usePointer } from './pointer.ts';
import { CursorLine, Ruler } from './ruler.tsx';
import { below, type Shown } from './shown.ts';
import { sameTrack } from './titles.ts';
import { batching } from './view.ts';
import { lesson } from './wanted.ts';
import { words } from './words.ts';

export function Timeline({ shown }: { readonly shown: Shown }) {
  const present = batching.view.value.show === 'present';
  return (
    <div class="timeline-frame">
      <Measured>{(width) => <Sized shown={shown} width={width} presenting={present} />}</Measured>
    </div>
  );
}

/** The size of the page's text against its usual one (base.css: 14 px), by the reader's own setting. */
const textZoom = (): number =>
  Math.max(1, Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 14 || 1);

interface SizedProps {
  readonly shown: Shown;
  readonly width: number;
  readonly presenting: boolean;
}

function Sized({ shown, width, presenting }: SizedProps) {
  const ref = useRef<HTMLDivElement>(null);
  const scroll = rowScroll;
  const drawn = lanes.value;
  const requests = Math.max(1, ...drawn.map((lane) => lane.track.requests));
  const zoom = useMemo(textZoom, [width]);
  const g = geometryOf(width, drawn.length, requests, {
    presenting,
    viewport: innerHeight,
    zoom,
  });
  usePointer(ref, g);
  const { request } = batching.view.value;
  const row = request > 0 ? (chosen.value?.ids.indexOf(request - 1) ?? -1) : -1;
  useEffect(() => {
    // picked by a key or by a link
    if (row >= 0) scroll.value = scrollFor(g.rows, row, scroll.peek());
  }, [request, row, g.rows.rowHeight, g.rows.shown]);
  return (
    <div ref={ref} class={`timeline${g.stacked ? ' stacked' : ''}`} style={{ '--gutter': `${g.gutter}px` }}>
      <Ruler g={g} />
      {drawn.map((lane, i) => (
        <TrackBlock key={lane.key} lane={lane} index={i} g={g} scroll={scroll} shown={shown} />
      ))}
      <CursorLine g={g} />
      <CellTip g={g} />
    </div>
  );
}

interface BlockProps {
  readonly lane: ShownLane;
  readonly index: number;
  readonly g: Geometry;
  readonly scroll: Signal<number>;
  readonly shown: Shown;
}

function TrackBlock({ lane, index, g, scroll, shown }: BlockProps) {
  const { track } = lane;
  const knobs = lane.key
    .split(',')
    .slice(1)
    .map((part) => part.replace(':', ' '))
    .filter((knob) => !track.title.split(', ').includes(knob));
  // a presentation has no room for more than titles
  const told = g.least === 0;
  const named = told && g.rows.shown >= 160 && knobs.length > 0;
  return (
    <section class="track" aria-label={track.title} data-track={track.key}>
      <div class="track-title">
        <h3>{track.title}</h3>
        {g.stacked && <EndNote lane={lane} g={g} />}
        <TrackBadges lane={lane} />
        {told && <p style={{ '-webkit-line-clamp': ruleLines(g, named) }}>{track.rule}</p>}
        {named && <p class="track-knobs">{knobs.join(', ')}</p>}
      </div>
      <TrackRows lane={lane} g={g} scroll={scroll} shown={shown} />
      <div class="track-over" style={{ height: `${g.rows.shown}px` }}>
        <GuessLayer track={track} index={index} g={g} />
        <GuessMarks track={track} index={index} g={g} />
        <LengthHandles track={track} g={g} shown={shown} />
        {!g.stacked && <EndNote lane={lane} g={g} />}
      </div>
    </section>
  );
}

/** That the drawn run was cut, and what bounds the runs. */
function TrackBadges({ lane }: { readonly lane: ShownLane }) {
  const [cut, bound] = [cutShort(lane), lane.bound];
  if (cut === undefined && !bound) return null;
  return (
    <div class="track-badges">
      {cut !== undefined && (
        <Badge kind="bad">
          incomplete<span class="offscreen">: {cut}</span>
        </Badge>
      )}
      {bound && (
        <Badge>
          <span {...tipOn(boundName(bound))}>{boundBadge(bound)}</span>
        </Badge>
      )}
    </div>
  );
}

/** The canvas of a track; it stays in place while the rows scroll below it. */
function TrackRows({ lane, g, scroll, shown }: Omit<BlockProps, 'index'>) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { track } = lane;
  const scrolls = g.rows.total > g.rows.shown;
  const colors = palette.value;
  const picked = batching.view.value.request;
  const other = below.value?.lanes.find(({ key }) => sameTrack(key, lane.key));
  const flags = (lesson.value?.marks ?? [])
    .filter((mark) => lane.track.requests <= 12 && shown.lanes[mark.track] === lane)
    .map((mark) => mark.request - 1);
  const view: Paint = {
    mode: mode.value,
    range: range.value,
    left: g.gutter,
    width: g.plot,
    height: g.rows.shown,
    rowHeight: g.rows.rowHeight,
    scroll: scroll.value,
    until: until.value,
    chosen: picked > 0 ? track.ids.indexOf(picked - 1) : undefined,
    ghost: other?.track,
    flags,
    fontSize: g.fontSize,
    least: g.least,
    spell: shown.model === null ? undefined : words.value?.piece,
    ticks: axisTicks(g.plot).map((t) => t.place),
  };
  useLayoutEffect(() => {
    if (!canvas.current || !colors) return;
    const context = prepareCanvas(canvas.current, g.width, g.rows.shown);
    if (context) paintTrack(new CanvasPen(context, colors, sans), track, view);
  });
  useEffect(() => {
    // tracks scroll together: a request stands at the same height in all
    if (box.current && box.current.scrollTop !== scroll.value) box.current.scrollTop = scroll.value;
  }, [scroll.value]);
  return (
    <div
      ref={box}
      class={`track-rows${scrolls ? ' scrolls' : ''}`}
      style={{ height: `${g.rows.shown}px` }}
      onScroll={(event) => {
        scroll.value = event.currentTarget.scrollTop;
      }}
    >
      <div style={{ height: `${g.rows.total}px` }}>
        <canvas
          ref={canvas}
          role="img"
          aria-label={`${track.title}: ${track.requests} requests in ${track.steps} steps. The same as text stands below.`}
        />
      </div>
    </div>
  );
}

/** Pixels that "8 steps" takes. */
const noteWidth = 46;

/** How many steps it took, after the last one; on a phone, where there is no room for it, behind the title. */
function EndNote({ lane, g }: { readonly lane: ShownLane; readonly g: Geometry }) {
  const { track } = lane;
  if (until.value < track.end || track.requests > 40) return null;
  if (g.stacked) return <span class="quiet-text small-text"> {track.steps} steps</span>;
  const view = { left: g.gutter, width: g.plot, range: range.value };
  const x = xOf(view, mode.value === 'steps' ? track.steps : track.end);
  if (x > g.gutter + g.plot) return null;
  return (
    <span class="end-note" style={{ left: `${Math.min(x + 6, g.gutter + g.plot - noteWidth * g.zoom)}px` }}>
      {track.steps} steps
    </span>
  );
}

/** What is under the pointer, exactly. */
function CellTip({ g }: { readonly g: Geometry }) {
  const at = pointed.value;
  const place = hovered.value;
  if (!at || place === null) return null;
  const flip = at.x > g.width - 260;
  const style = flip
    ? { right: `${g.width - at.x + 14}px`, top: `${at.y + 16}px` }
    : { left: `${at.x + 14}px`, top: `${at.y + 16}px` };
  return (
    <div class="cell-tip" style={style} aria-hidden="true">
      {describeCell(at.track, at.r, mode.value, place)}
    </div>
  );
}
