// Loss over bytes: a point for every way of storing a model. Drawn by Observable Plot, which is loaded with the first points;
// the table beside it holds the same figures for those who do not see it.

import { useEffect, useRef } from 'preact/hooks';
import { perplexity, type QualityRow, totalBytes } from '../measure/quality.ts';
import { storedAs } from '../measure/stored.ts';
import { figure } from './format.ts';

export interface QualityPlotProps {
  readonly rows: readonly QualityRow[];
  /** Tokens of context whose K and V count. */
  readonly window: number;
  readonly width: number;
}

/** Nats that the axis spans at least: one per cent of perplexity, which is what a way may cost. Noise would fill a narrower one. */
const leastSpan = 0.01;

/** Shapes beside colours, so that neither is needed alone. */
const symbols = { f32: 'circle', f16: 'triangle', i8: 'square' } as const;

interface Label {
  readonly mebibytes: number;
  readonly loss: number;
  readonly name: string;
}

/** A name a point; points that lie on each other share one, a line each. `width` and `height`: what the axes span. */
function labelled(points: readonly Label[], width: number, height: number): Label[] {
  const labels: Label[] = [];
  for (const { mebibytes, loss, name } of points) {
    const at = labels.findIndex(
      (l) => Math.abs(l.mebibytes - mebibytes) < width / 50 && Math.abs(l.loss - loss) < height / 12,
    );
    const there = labels[at];
    if (there) labels[at] = { ...there, name: `${there.name}\n${name}` };
    else labels.push({ mebibytes, loss, name });
  }
  return labels;
}

export function QualityPlot({ rows, window, width }: QualityPlotProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let current = true;
    const points = rows.flatMap((row) => {
      const mean = perplexity(row);
      return mean === null || row.loss === null
        ? []
        : [
            {
              mebibytes: totalBytes(row, window) / 2 ** 20,
              loss: row.loss,
              kv: row.kv,
              name: storedAs(row),
              row,
              mean,
            },
          ];
    });
    const most = Math.max(...points.map((p) => p.mebibytes));
    const losses = points.map((p) => p.loss);
    const [low, high] = [Math.min(...losses), Math.max(...losses)];
    const around = Math.max(0, leastSpan - (high - low)) / 2;
    const labels = labelled(points, most, Math.max(high - low, leastSpan));
    void import('@observablehq/plot').then((Plot) => {
      if (!current || !place.current) return;
      const drawn = Plot.plot({
        width,
        height: 320,
        marginLeft: 64,
        marginRight: 24,
        marginBottom: 52,
        style: { background: 'transparent', color: 'inherit', fontFamily: 'inherit', fontSize: '12px' },
        x: { label: `MiB of weights, K and V of ${window} tokens`, labelOffset: 42, grid: true, zero: true },
        y: {
          label: 'loss, nats a token',
          grid: true,
          tickFormat: 'f', // as many decimals as tell the ticks apart
          nice: true,
          ...(points.length > 0 ? { domain: [low - around, high + around] } : {}),
        },
        symbol: { domain: Object.keys(symbols), range: Object.values(symbols) },
        marks: [
          Plot.dot(points, {
            x: 'mebibytes',
            y: 'loss',
            symbol: 'kv',
            r: 5,
            stroke: 'var(--ours)',
            strokeWidth: 2,
            title: (p: (typeof points)[number]) =>
              `${p.name}: ${figure(p.mebibytes)} MiB, loss ${p.loss.toFixed(4)}, perplexity ${p.mean.toFixed(4)}`,
          }),
          // names stay inside: to the left of points at the right edge
          ...(['start', 'end'] as const).map((textAnchor) =>
            Plot.text(
              labels.filter((p) => p.mebibytes > 0.6 * most === (textAnchor === 'end')),
              {
                x: 'mebibytes',
                y: 'loss',
                text: 'name',
                textAnchor,
                dx: textAnchor === 'start' ? 9 : -9,
                dy: -9,
                lineAnchor: 'bottom',
                fill: 'currentColor',
              },
            ),
          ),
        ],
      });
      drawn.setAttribute('role', 'img');
      drawn.setAttribute('aria-label', 'Loss over bytes; the table has the same figures');
      place.current.replaceChildren(drawn);
    });
    return () => {
      current = false;
    };
  }, [rows, window, width]);
  return <div ref={place} class="quality-plot" />;
}
