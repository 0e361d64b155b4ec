// KV pages by owner at the cursor, one map a track.

import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { stepAt } from '../../views/batching/axis.ts';
import { CanvasPen, prepareCanvas } from '../../views/batching/canvas-pen.ts';
import { countPages, type PageCell, pagesAt } from '../../views/batching/page-states.ts';
import { describePage, pageAt, pageGrid, paintPages } from '../../views/batching/paint-pages.ts';
import { percent } from '../../views/format.ts';
import { Measured, Panel, Term } from '../ui/index.ts';
import { asking, cursor, mode } from './cursor.ts';
import type { ShownLane } from './lanes.ts';
import { palette, sans } from './palette.ts';
import { pagesOf, type Shown } from './shown.ts';
import { batching } from './view.ts';

/** The step that has begun at the cursor; −1 reads as "before the first". */
function stepOf(lane: ShownLane): number {
  const { track } = lane;
  const place = cursor.value;
  if (place === null) return -1;
  const step = stepAt(track, mode.value, place);
  if (step !== undefined) return step;
  return place <= 0 ? -1 : track.steps;
}

export function PagesPanel({ shown }: { readonly shown: Shown }) {
  const pageSize = shown.lanes[0]?.limits.pageSize ?? 0;
  return (
    <Panel
      title={<Term of="KV pages">KV pages</Term>}
      note={`a page holds ${pageSize} tokens`}
      class="pages-panel"
      footer={<PagesLegend />}
    >
      {shown.lanes.map((lane) => (
        <LanePages key={lane.key} lane={lane} of={shown.lanes.length} />
      ))}
    </Panel>
  );
}

function LanePages({ lane, of }: { readonly lane: ShownLane; readonly of: number }) {
  const states = pagesOf(lane);
  const { track } = lane;
  const step = asking.value ? -1 : stepOf(lane);
  const cells = pagesAt(states, track, step);
  const count = countPages(cells, states.pageSize);
  const pointed = useSignal<number | null>(null);
  const cell = pointed.value === null ? undefined : cells[pointed.value];
  const { memory } = lane;
  const said =
    count.used === 0
      ? `${states.pages} pages, all free.`
      : `${count.used} of ${states.pages} taken${count.shared > 0 ? `, ${count.shared} shared` : ''}; ${count.tokens} tokens fill ${percent(count.tokens / count.slots)} of them.`;
  return (
    <div class="lane-pages">
      <h3>
        {track.title} {memory && <span class="quiet-text small-text">memory: {memory}</span>}
      </h3>
      <Measured>
        {(width) => (
          <PageCanvas
            lane={lane}
            cells={cells}
            width={width}
            room={of > 2 ? 70 : 110}
            point={pointed}
            said={said}
          />
        )}
      </Measured>
      <p class="quiet-text small-text pages-said">
        {cell ? describePage(track, cell, states.pageSize) : said}
      </p>
    </div>
  );
}

interface CanvasProps {
  readonly lane: ShownLane;
  readonly cells: readonly PageCell[];
  readonly width: number;
  readonly room: number;
  readonly point: { value: number | null };
  readonly said: string;
}

function PageCanvas({ lane, cells, width, room, point, said }: CanvasProps) {
  const ref = useRef<HTMLCanvasElement>(null);
  const states = pagesOf(lane);
  const grid = pageGrid(states.pages, width, room);
  const colors = palette.value;
  const chosen = batching.view.value.request;
  useLayoutEffect(() => {
    if (!ref.current || !colors) return;
    const context = prepareCanvas(ref.current, width, grid.height);
    const index = chosen > 0 ? lane.track.ids.indexOf(chosen - 1) : undefined;
    if (context)
      paintPages(new CanvasPen(context, colors, sans), lane.track, cells, {
        grid,
        pageSize: states.pageSize,
        chosen: index,
      });
  });
  return (
    <canvas
      ref={ref}
      role="img"
      aria-label={said}
      onPointerMove={(event) => {
        const box = event.currentTarget.getBoundingClientRect();
        point.value = pageAt(grid, states.pages, event.clientX - box.left, event.clientY - box.top) ?? null;
      }}
      onPointerLeave={() => {
        point.value = null;
      }}
    />
  );
}

function PagesLegend() {
  return (
    <ul class="pages-legend" aria-label="What the squares mean">
      <li class="owned">owned</li>
      <li class="partial">partly filled</li>
      <li class="reserved">reserved, empty</li>
      <li class="held">held, finished</li>
      <li class="shared">shared</li>
      <li class="free">free</li>
    </ul>
  );
}
