// The drawer below the figures: curves over time, distributions, the frontier, every metric with its formula,
// files and links. Closed until asked for.

import { useEffect } from 'preact/hooks';
import { seconds } from '../../views/batching/axis.ts';
import { LineLegend } from '../../views/batching/line-chart.tsx';
import { cumulative, type Gauge, gaugeSeries } from '../../views/batching/series.ts';
import { gaps, tpots, ttfts } from '../../views/batching/summary.ts';
import type { Track } from '../../views/batching/track.ts';
import { figure, percent } from '../../views/format.ts';
import { Panel, Segmented, Term } from '../ui/index.ts';
import { ChartFigure, type SharedPlace } from './chart-figure.tsx';
import { ClockPanel } from './clock-panel.tsx';
import { cursor, hovered, mode, range } from './cursor.ts';
import { FilesPanel } from './files-panel.tsx';
import { FormulasTable } from './formulas.tsx';
import { computeFrontier, frontier, frontierKey, LOADS } from './frontier.ts';
import type { Shown } from './shown.ts';
import { batching, type Drawer } from './view.ts';
import { cost } from './wanted.ts';

const titles: Readonly<Record<Drawer, string>> = {
  '': 'Closed',
  curves: 'Curves',
  spread: 'Distributions',
  frontier: 'Frontier',
  formulas: 'All metrics',
  clock: 'The clock',
  files: 'Files and links',
};

export function DrawerPanel({ shown }: { readonly shown: Shown }) {
  const { drawer } = batching.view.value;
  return (
    <Panel
      title="More"
      class={`drawer-panel${drawer === '' ? ' closed' : ''}`}
      actions={
        <Segmented
          label="Drawer"
          value={drawer}
          options={(Object.keys(titles) as Drawer[]).map((value) => ({ value, label: titles[value] }))}
          onChange={(next) => batching.adjust({ drawer: next })}
          small
        />
      }
    >
      <Content drawer={drawer} shown={shown} />
    </Panel>
  );
}

function Content({ drawer, shown }: { readonly drawer: Drawer; readonly shown: Shown }) {
  switch (drawer) {
    case '':
      return null;
    case 'curves':
      return <Curves shown={shown} />;
    case 'spread':
      return <Distributions shown={shown} />;
    case 'frontier':
      return <FrontierChart shown={shown} />;
    case 'formulas':
      return <FormulasTable shown={shown} />;
    case 'clock':
      return <ClockPanel />;
    case 'files':
      return <FilesPanel shown={shown} />;
  }
}

const tracksOf = (shown: Shown): readonly Track[] => shown.lanes.map((lane) => lane.track);
const namesOf = (shown: Shown): readonly string[] => tracksOf(shown).map((track) => track.title);

/** Whose figures these are, as a saved picture says it. */
const sourceOf = (shown: Shown): string =>
  `${shown.simulated ? 'Simulated on the virtual clock: ' : ''}${shown.device}`;

const gauges: Readonly<Record<Gauge, string>> = {
  running: 'Requests in slots',
  waiting: 'Requests waiting',
  usedPages: 'KV pages taken',
};

const place = (value: number): string =>
  mode.value === 'time'
    ? seconds(value)
    : `step ${Math.min(Math.floor(value) + 1, Math.ceil(range.value.to))}`;

/** The curves are read where the tracks are: one cursor for all. */
function Curves({ shown }: { readonly shown: Shown }) {
  const shared: SharedPlace = {
    at: cursor.value ?? undefined,
    set: (at) => {
      hovered.value = at;
    },
  };
  return (
    <div class="figures">
      <LineLegend names={namesOf(shown)} />
      <div class="figure-grid">
        {(Object.keys(gauges) as Gauge[]).map((gauge) => (
          <ChartFigure
            key={gauge}
            name={`lockstep-${gauge}`}
            height={170}
            titles={namesOf(shown)}
            source={sourceOf(shown)}
            shared={shared}
            chart={(width) => ({
              label: `${gauges[gauge]} over ${mode.value === 'time' ? 'time' : 'steps'}`,
              series: tracksOf(shown).map((track) => ({
                name: track.key,
                points: gaugeSeries(track, gauge, mode.value, range.value, width),
              })),
              x: { ...range.value, format: place, title: '' },
              y: {
                title: gauges[gauge],
                format: (v) => (Number.isInteger(v) ? String(v) : ''),
                exact: String,
              },
              stepped: true,
            })}
          />
        ))}
      </div>
    </div>
  );
}

const kinds = [
  ['TTFT', 'Time to first token', ttfts],
  ['TPOT', 'Time per output token', tpots],
  ['ITL', 'Gap between tokens', gaps],
] as const;

function Distributions({ shown }: { readonly shown: Shown }) {
  return (
    <div class="figures">
      <LineLegend names={namesOf(shown)} />
      <p class="quiet-text">
        The share of <Term of="TTFT">first tokens</Term>, of requests by <Term of="TPOT">TPOT</Term> and of
        all <Term of="ITL">gaps</Term> that took at most so long. Further left is sooner.
      </p>
      <div class="figure-grid">
        {kinds.map(([id, title, samplesOf]) => {
          const samples = tracksOf(shown).map((track) => samplesOf(track));
          const to = Math.max(0, ...samples.map((s) => s.reduce((m, v) => Math.max(m, v), 0)));
          return (
            <ChartFigure
              key={id}
              name={`lockstep-${id.toLowerCase()}`}
              height={190}
              titles={namesOf(shown)}
              source={sourceOf(shown)}
              chart={() => ({
                label: `Distribution of ${title.toLowerCase()}`,
                series: tracksOf(shown).map((track, i) => ({
                  name: track.key,
                  points: [[0, 0], ...cumulative(samples[i] ?? []), [to, 1]],
                })),
                x: { from: 0, to: to || 1, format: seconds, title: 'at most' },
                y: { title: `${id}: at most`, format: percent, exact: percent, top: 1 },
                stepped: true,
              })}
            />
          );
        })}
      </div>
    </div>
  );
}

function FrontierChart({ shown }: { readonly shown: Shown }) {
  const key = frontierKey.value;
  useEffect(() => void computeFrontier(), [key]);
  const now = frontier.value?.key === key ? frontier.value : null;
  if (shown.source === 'file' || shown.source === 'link')
    return (
      <p class="quiet-text">The frontier needs runs at many rates: choose a workload under “What runs”.</p>
    );
  if (!now) return <p role="status">Computing the first of {LOADS.length} rates …</p>;
  const high = Math.max(...now.lanes.flatMap((lane) => lane.points.map((p) => p.throughput)));
  return (
    <div class="figures">
      <LineLegend names={namesOf(shown)} />
      <p class="quiet-text">
        {now.requests} requests of these lengths arrive at random (Poisson), at {LOADS.length} rates from{' '}
        {percent(LOADS[0])} to {percent(LOADS.at(-1) ?? 1)} of what the first track serves when saturated.
        Virtual clock: {cost.value.label}. Further right and lower is better. {!now.done && 'Computing …'}
      </p>
      <ChartFigure
        name="lockstep-frontier"
        height={280}
        widest={760}
        titles={namesOf(shown)}
        source={`Simulated on the virtual clock: ${cost.value.label}`}
        chart={() => ({
          label: 'p90 of the time to first token over output tokens a second',
          series: now.lanes.map((lane) => ({
            name: lane.key,
            points: lane.points.map((p) => [p.throughput, p.ttft] as const),
            marks: true,
          })),
          x: { from: 0, to: high * 1.05, format: (v) => `${figure(v)}/s`, title: 'output tokens a second' },
          y: { title: 'p90 TTFT over output tokens a second', format: seconds, exact: seconds },
        })}
      />
    </div>
  );
}
