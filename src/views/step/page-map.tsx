// Block tables and the pages they name: which request owns a page, in which order its keys lie, and which entry
// and which page this statement reads. Owners are told by number as well as by tint.

import { useId } from 'preact/hooks';

export interface PageMapProps {
  /** [rows][width] page ids. */
  readonly tables: ArrayLike<number>;
  readonly rows: number;
  readonly width: number;
  readonly pages: number;
  /** Tokens a page holds, and tokens of each row's sequence. */
  readonly pageTokens: number;
  readonly lengths: readonly number[];
  /** Entries of the tables and pages that the shown step touches. */
  readonly entries: ReadonlySet<number>;
  readonly touched: ReadonlyMap<number, 'read' | 'write'>;
}

const cell = 34;
const gap = 6;
const hues = [
  'var(--decode)',
  'var(--prefill)',
  'var(--overrun)',
  'var(--rejected)',
  'var(--recompute)',
] as const;

export function PageMap(props: PageMapProps) {
  const { rows, width, pages, lengths, pageTokens } = props;
  const arrow = useId();
  const columns = Math.max(4, Math.min(12, Math.ceil(Math.sqrt(pages * 2))));
  const left = 78;
  const poolX = left + width * cell + 90;
  const used = (row: number): number => Math.ceil((lengths[row] ?? 0) / pageTokens);
  const owners = new Map<number, { readonly row: number; readonly index: number }>();
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < used(row); i++) owners.set(props.tables[row * width + i] ?? 0, { row, index: i });
  const pageX = (p: number): number => poolX + (p % columns) * (cell + gap);
  const pageY = (p: number): number => 22 + Math.floor(p / columns) * (cell + gap);
  const rowY = (row: number): number => 22 + row * (cell + 12);
  const height = Math.max(rowY(rows - 1) + cell, pageY(pages - 1) + cell) + 8;
  const total = poolX + columns * (cell + gap);
  const hue = (row: number): string => hues[row % hues.length] ?? hues[0];
  const moving = [...props.entries].map((e) => ({
    row: Math.floor(e / width),
    i: e % width,
    page: props.tables[e] ?? 0,
  }));
  const text = [...owners]
    .map(
      ([page, o]) =>
        `page ${page}: request ${o.row}, keys ${o.index * pageTokens} to ${Math.min(lengths[o.row] ?? 0, (o.index + 1) * pageTokens) - 1}`,
    )
    .join('; ');
  return (
    <div class="page-map">
      <svg
        class="chart"
        width={total}
        height={height}
        role="img"
        aria-label={`Block tables and pages. ${text}`}
      >
        <defs>
          <marker
            id={arrow}
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            orient="auto"
          >
            <path d="M0 0 L8 4 L0 8 z" fill="var(--ink)" />
          </marker>
        </defs>
        <text x={left} y={12} class="quiet-mark">
          block tables: page of keys
        </text>
        <text x={poolX} y={12} class="quiet-mark">
          pages, {pageTokens} tokens each
        </text>
        {Array.from({ length: rows }, (_, row) => (
          <g key={row}>
            <text x={0} y={rowY(row) + 15}>
              request {row}
            </text>
            <text x={0} y={rowY(row) + 29} class="quiet-mark">
              {lengths[row] ?? 0} tokens
            </text>
            {Array.from({ length: width }, (_, i) => {
              const e = row * width + i;
              const inUse = i < used(row);
              return (
                <g key={i}>
                  <rect
                    x={left + i * cell}
                    y={rowY(row)}
                    width={cell - 3}
                    height={cell - 3}
                    rx={4}
                    fill={inUse ? `color-mix(in srgb, ${hue(row)} 22%, var(--panel))` : 'none'}
                    stroke={props.entries.has(e) ? 'var(--ink)' : inUse ? hue(row) : 'var(--line)'}
                    stroke-width={props.entries.has(e) ? 2.5 : 1}
                    stroke-dasharray={inUse ? undefined : '3 3'}
                  />
                  <text
                    x={left + i * cell + (cell - 3) / 2}
                    y={rowY(row) + 20}
                    text-anchor="middle"
                    class={inUse ? '' : 'quiet-mark'}
                  >
                    {props.tables[e] ?? 0}
                  </text>
                </g>
              );
            })}
          </g>
        ))}
        {Array.from({ length: pages }, (_, p) => {
          const owner = owners.get(p);
          const touch = props.touched.get(p);
          const filled = owner
            ? Math.min(1, ((lengths[owner.row] ?? 0) - owner.index * pageTokens) / pageTokens)
            : 0;
          return (
            <g key={p}>
              <rect
                x={pageX(p)}
                y={pageY(p)}
                width={cell}
                height={cell}
                rx={4}
                fill="var(--panel)"
                stroke="var(--line-strong)"
              />
              {owner && (
                <rect
                  x={pageX(p) + 1}
                  y={pageY(p) + 1 + (1 - filled) * (cell - 2)}
                  width={cell - 2}
                  height={filled * (cell - 2)}
                  rx={3}
                  fill={`color-mix(in srgb, ${hue(owner.row)} 30%, var(--panel))`}
                />
              )}
              {touch && (
                <rect
                  x={pageX(p) - 1.5}
                  y={pageY(p) - 1.5}
                  width={cell + 3}
                  height={cell + 3}
                  rx={5}
                  fill="none"
                  stroke={touch === 'read' ? 'var(--read)' : 'var(--write)'}
                  stroke-width={3}
                />
              )}
              <text x={pageX(p) + cell / 2} y={pageY(p) + 15} text-anchor="middle">
                {p}
              </text>
              <text x={pageX(p) + cell / 2} y={pageY(p) + 28} text-anchor="middle" class="quiet-mark">
                {owner ? `R${owner.row}` : '–'}
              </text>
            </g>
          );
        })}
        {moving.map(({ row, i, page }) => {
          const [x0, y0] = [left + i * cell + cell / 2, rowY(row) + cell / 2];
          const [x1, y1] = [pageX(page) - 2, pageY(page) + cell / 2];
          return (
            <path
              key={`${row}:${i}`}
              d={`M${x0} ${y0} C ${x0 + 60} ${y0}, ${x1 - 60} ${y1}, ${x1} ${y1}`}
              fill="none"
              stroke="var(--ink)"
              stroke-width={1.6}
              marker-end={`url(#${arrow})`}
            />
          );
        })}
      </svg>
    </div>
  );
}
