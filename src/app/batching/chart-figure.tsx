// A chart of lines with what it says at a place (under the pointer, or by arrow keys), its numbers as a table, and the buttons
// that save it.

import { useSignal } from '@preact/signals';
import { placesOf, readAt } from '../../views/batching/chart-reading.ts';
import { LineChart, type LineChartProps, plotOf } from '../../views/batching/line-chart.tsx';
import { Measured, TableFrame } from '../ui/index.ts';
import { FigureActions } from './figure-actions.tsx';
import { Opens } from './opens.tsx';

/** A place that several charts share, as the page's cursor; without one a chart has its own. */
export interface SharedPlace {
  readonly at: number | undefined;
  set(place: number | null): void;
}

interface FigureProps {
  /** Of its file. */
  readonly name: string;
  readonly height: number;
  readonly widest?: number;
  /** What the lines are called, in their order. */
  readonly titles: readonly string[];
  /** Whose figures these are: written below a saved picture. */
  readonly source: string;
  readonly shared?: SharedPlace;
  /** What is drawn at a width. */
  readonly chart: (width: number) => Omit<LineChartProps, 'width' | 'height' | 'cursor'>;
}

/** Stops of the arrow keys across a chart, and rows of its table. */
const STOPS = 41;
const ROWS = 11;

export function ChartFigure({ name, height, widest, titles, source, shared, chart }: FigureProps) {
  const own = useSignal<number | undefined>(undefined);
  const at = shared ? shared.at : own.value;
  const set = (place: number | null): void => {
    if (shared) shared.set(place);
    else own.value = place ?? undefined;
  };
  return (
    <figure class="figure">
      <FigureActions name={name} titles={titles} source={source} />
      <Measured>
        {(room) => {
          const width = Math.min(room, widest ?? room);
          const props = chart(width);
          const said = at === undefined ? '' : readingText(props, titles, at);
          return (
            <>
              <Readable props={props} width={width} at={at} said={said} set={set} keys={!shared}>
                <LineChart {...props} width={width} height={height} cursor={at} />
              </Readable>
              <p class="figure-read quiet-text small-text">
                {said || 'Point at the chart, or use its arrow keys.'}
              </p>
              <Opens summary="As a table">{() => <ChartTable props={props} titles={titles} />}</Opens>
            </>
          );
        }}
      </Measured>
    </figure>
  );
}

type Drawn = Omit<LineChartProps, 'width' | 'height' | 'cursor'>;

/** `at 164 ms: Static 2, Continuous 1`; lines with marks say where their nearest point stands. */
function readingText({ series, x, y }: Drawn, titles: readonly string[], at: number): string {
  const parts = series.flatMap((s, i) => {
    const read = readAt(s, at);
    if (!read) return [];
    return `${titles[i]} ${y.exact(read.y)}${s.marks ? ` at ${x.format(read.x)}` : ''}`;
  });
  const marked = series.some((s) => s.marks);
  return `${marked ? '' : `${x.format(at)}: `}${parts.join(', ') || 'no value'}`;
}

interface ReadableProps {
  readonly props: Drawn;
  readonly width: number;
  readonly at: number | undefined;
  readonly said: string;
  readonly set: (place: number | null) => void;
  /** Arrow keys move the place; a shared one has keys of its own. */
  readonly keys: boolean;
  readonly children: preact.ComponentChildren;
}

function Readable({ props, width, at, said, set, keys, children }: ReadableProps) {
  const { from, to } = props.x;
  const [left, right] = plotOf(width);
  const point = (event: PointerEvent): void => {
    const x = event.clientX - (event.currentTarget as Element).getBoundingClientRect().left;
    const share = (x - left) / (right - left);
    set(share < -0.01 || share > 1.01 ? null : from + share * (to - from));
  };
  const pointer = { onPointerMove: point, onPointerLeave: () => set(null) };
  if (!keys) return <div {...pointer}>{children}</div>;
  const key = (event: KeyboardEvent): void => {
    const stops = placesOf(props.series, props.x, STOPS);
    const now = at ?? Number.NEGATIVE_INFINITY;
    const next = {
      ArrowRight: stops.find((s) => s > now),
      ArrowLeft: stops.findLast((s) => s < now),
      Home: stops[0],
      End: stops.at(-1),
    }[event.key];
    if (next === undefined) return;
    set(next);
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      class="figure-plot"
      role="slider"
      tabIndex={0}
      aria-label={`${props.label}: arrow keys read it`}
      aria-valuemin={from}
      aria-valuemax={to}
      aria-valuenow={at ?? from}
      aria-valuetext={said || 'no place yet'}
      onKeyDown={key}
      onBlur={() => set(null)}
      {...pointer}
    >
      {children}
    </div>
  );
}

function ChartTable({ props, titles }: { readonly props: Drawn; readonly titles: readonly string[] }) {
  const { series, x, y } = props;
  return (
    <TableFrame label={`${props.label}, as a table`}>
      <thead>
        <tr>
          <th scope="col">{x.title || 'at'}</th>
          {titles.map((title, i) => (
            <th key={series[i]?.name ?? title} scope="col">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {placesOf(series, x, ROWS).map((place) => (
          <tr key={place}>
            <th scope="row">{x.format(place)}</th>
            {series.map((s) => {
              const read = readAt(s, place);
              const here = read && (!s.marks || read.x === place);
              return <td key={s.name}>{here ? y.exact(read.y) : '–'}</td>;
            })}
          </tr>
        ))}
      </tbody>
    </TableFrame>
  );
}
