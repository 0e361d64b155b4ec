// KV pages by owner at the cursor, one map a track: to look at, to read page by page, as a table, as a file.

import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { seconds, stepAt } from '../../views/batching/axis.ts';
import { CanvasPen, prepareCanvas } from '../../views/batching/canvas-pen.ts';
import { countPages, type PageCell, type PageStates, pagesAt } from '../../views/batching/page-states.ts';
import { type PageMap, pageRows, pagesSvg } from '../../views/batching/pages-picture.ts';
import { describePage, pageAt, pageGrid, paintPages } from '../../views/batching/paint-pages.ts';
import type { Track } from '../../views/batching/track.ts';
import { percent } from '../../views/format.ts';
import { Measured, Panel, TableFrame, Term } from '../ui/index.ts';
import { asking, cursor, mode } from './cursor.ts';
import type { ShownLane } from './lanes.ts';
import { Opens } from './opens.tsx';
import { palette, sans } from './palette.ts';
import { savePicture } from './save-figure.ts';
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

/** How full the pool of a lane is, in a sentence. */
function poolText(states: PageStates, cells: readonly PageCell[]): string {
  const count = countPages(cells, states.pageSize);
  return count.used === 0
    ? `${states.pages} pages, all free.`
    : `${count.used} of ${states.pages} taken${count.shared > 0 ? `, ${count.shared} shared` : ''}; ${count.tokens} tokens fill ${percent(count.tokens / count.slots)} of them.`;
}

const mapOf = (lane: ShownLane): PageMap => {
  const states = pagesOf(lane);
  const step = stepOf(lane);
  return { track: lane.track, states, step, said: poolText(states, pagesAt(states, lane.track, step)) };
};

/** The maps as they stand, as a file. */
function save(shown: Shown, how: 'svg' | 'png'): void {
  const colors = palette.peek();
  const place = cursor.peek();
  if (!colors) return;
  const when =
    place === null
      ? ''
      : mode.peek() === 'time'
        ? `at ${seconds(place)}`
        : `in step ${Math.floor(place) + 1}`;
  const source = `KV pages ${when} · ${shown.simulated ? 'simulated: ' : ''}${shown.device}`;
  void savePicture('lockstep-pages', pagesSvg(colors, shown.lanes.map(mapOf), source), how);
}

export function PagesPanel({ shown }: { readonly shown: Shown }) {
  const pageSize = shown.lanes[0]?.limits.pageSize ?? 0;
  return (
    <Panel
      title={<Term of="KV pages">KV pages</Term>}
      note={`a page holds ${pageSize} tokens`}
      class="pages-panel"
      footer={
        <>
          <PagesLegend />
          <div class="pages-actions">
            {(['svg', 'png'] as const).map((how) => (
              <button
                key={how}
                type="button"
                class="quiet small"
                aria-label={`Save the page maps as ${how.toUpperCase()}`}
                onClick={() => save(shown, how)}
              >
                {how.toUpperCase()}
              </button>
            ))}
          </div>
        </>
      }
    >
      {shown.lanes.map((lane) => (
        <LanePages key={lane.key} lane={lane} of={shown.lanes.length} />
      ))}
    </Panel>
  );
}

function LanePages({ lane, of }: { readonly lane: ShownLane; readonly of: number }) {
  const { track } = lane;
  // a title that tells tracks apart by it says it already
  const memory = track.title.includes(`memory ${lane.memory}`) ? null : lane.memory;
  const states = pagesOf(lane);
  const cells = pagesAt(states, track, asking.value ? -1 : stepOf(lane));
  const said = poolText(states, cells);
  const pointed = useSignal<number | null>(null);
  const cell = pointed.value === null ? undefined : cells[pointed.value];
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
            said={cell ? describePage(track, cell, states.pageSize) : said}
          />
        )}
      </Measured>
      <p class="quiet-text small-text pages-said">
        {cell ? describePage(track, cell, states.pageSize) : said}
      </p>
      <Opens summary="As a table">{() => <PageTable track={track} cells={cells} />}</Opens>
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

/** Read page by page: with the pointer, or with the arrow keys once it has the focus. */
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
        pointed: point.value ?? undefined,
      });
  });
  const key = (event: KeyboardEvent): void => {
    const last = states.pages - 1;
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: grid.columns, ArrowUp: -grid.columns }[event.key];
    const to = by === undefined ? { Home: 0, End: last }[event.key] : (point.value ?? -Math.max(by, 1)) + by;
    if (event.key === 'Escape' && point.value !== null) point.value = null;
    else if (to !== undefined) point.value = Math.min(last, Math.max(0, to));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const away = (): void => {
    point.value = null;
  };
  return (
    <canvas
      ref={ref}
      role="slider"
      tabIndex={0}
      aria-label={`KV pages of ${lane.track.title}: arrow keys read page by page`}
      aria-valuemin={0}
      aria-valuemax={states.pages - 1}
      aria-valuenow={point.value ?? 0}
      aria-valuetext={said}
      onKeyDown={key}
      onBlur={away}
      onPointerMove={(event) => {
        const box = event.currentTarget.getBoundingClientRect();
        point.value = pageAt(grid, states.pages, event.clientX - box.left, event.clientY - box.top) ?? null;
      }}
      onPointerLeave={away}
    />
  );
}

/** Rows that are listed; beyond that the map itself says more. */
const MOST_ROWS = 60;

function PageTable({ track, cells }: { readonly track: Track; readonly cells: readonly PageCell[] }) {
  const rows = pageRows(track, cells);
  const free = cells.filter((cell) => cell.use === 'free').length;
  return (
    <TableFrame label={`KV pages of ${track.title}, request by request`}>
      <caption>
        {free} of {cells.length} pages are free.
        {rows.length > MOST_ROWS && ` The first ${MOST_ROWS} of ${rows.length} requests that hold pages.`}
      </caption>
      <thead>
        <tr>
          {['Request', 'Pages', 'Shared', 'Tokens'].map((head) => (
            <th key={head} scope="col">
              {head}
            </th>
          ))}
          <th scope="col" class="left">
            Which
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.slice(0, MOST_ROWS).map((row) => (
          <tr key={row.request}>
            <th scope="row">{row.request}</th>
            <td>{row.pages.length}</td>
            <td>{row.shared}</td>
            <td>{row.tokens}</td>
            <td class="left">
              {row.pages.slice(0, 12).join(', ')}
              {row.pages.length > 12 && ' …'}
            </td>
          </tr>
        ))}
      </tbody>
    </TableFrame>
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
