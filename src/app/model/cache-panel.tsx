// The KV pages of the text: one square a page, which fills from its foot as tokens come.

import { signal } from '@preact/signals';
import { describeFill, describeFills, type PageFill, pageFills } from '../../views/model/page-fill.ts';
import { Measured, Panel, Term } from '../ui/index.ts';
import { estimated } from './choice.ts';
import { generation, loaded } from './state.ts';
import { model } from './view.ts';

const page = signal<PageFill | null>(null);

const pitchFor = (pages: number, width: number): number => {
  let pitch = 30;
  while (pitch > 4 && Math.ceil(pages / Math.max(1, Math.floor(width / pitch))) * pitch > 150) pitch--;
  return pitch;
};

function PageSquares({
  fills,
  size,
  width,
}: {
  readonly fills: readonly PageFill[];
  readonly size: number;
  readonly width: number;
}) {
  const pitch = pitchFor(fills.length, width);
  const columns = Math.max(1, Math.floor(width / pitch));
  const side = pitch - (pitch > 10 ? 3 : 1);
  const last = fills.reduce((max, fill) => Math.max(max, fill.index ?? -1), -1);
  return (
    <svg
      class="chart page-squares"
      width={width}
      height={Math.ceil(fills.length / columns) * pitch}
      role="img"
      aria-label={describeFills(fills, size)}
      onPointerLeave={() => {
        page.value = null;
      }}
    >
      {fills.map((fill) => {
        const [x, y] = [(fill.page % columns) * pitch + 1, Math.floor(fill.page / columns) * pitch + 1];
        return (
          <g
            key={fill.page}
            class={`page-square ${fill.state}${fill.index !== null && fill.index === last ? ' newest' : ''}${fill.answers.length > 1 ? ' shared' : ''}`}
            onPointerEnter={() => {
              page.value = fill;
            }}
          >
            <rect class="ground" x={x} y={y} width={side} height={side} rx={side > 10 ? 3 : 0} />
            <rect
              class="fill"
              x={x}
              y={y + side * (1 - fill.tokens / size)}
              width={side}
              height={(side * fill.tokens) / size}
              rx={side > 10 ? 2 : 0}
            />
            {side >= 17 && fill.index !== null && (
              <text x={x + side / 2} y={y + side / 2 + 4} text-anchor="middle">
                {fill.answers.length > 1 ? `×${fill.answers.length}` : fill.index}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}

export function CachePanel() {
  const e = estimated.value;
  const ready = loaded.value;
  const pages = ready?.pages ?? (e.kind === 'known' ? e.estimate.pages : 0);
  const size = ready?.choice.pageSize ?? Number(model.view.value.page);
  const state = generation.value?.state;
  const several = (state?.answers.length ?? 0) > 1;
  const fills = pageFills(pages, size, state?.answers ?? []);
  return (
    <Panel title={<Term of="KV pages">KV pages</Term>} note={`${size} tokens a page`} class="cache-panel">
      {pages > 0 ? (
        <>
          <Measured>{(width) => <PageSquares fills={fills} size={size} width={width} />}</Measured>
          <p class="quiet-text small-text">
            {page.value ? describeFill(page.value, size) : describeFills(fills, size)}
          </p>
          {state && (
            <p class="quiet-text small-text">
              A number is the page’s entry in the block table
              {several && '; × says how many answers share it'}. The framed page is the one being filled.
            </p>
          )}
        </>
      ) : (
        <p class="quiet-text small-text">How many there are is known once a model can be loaded.</p>
      )}
    </Panel>
  );
}
