// The batching command's text: the table of results and the lists of its help.

import type { Knobs } from '../../src/core/knobs.ts';
import type { StrategyResult } from '../../src/engine/compare.ts';
import { metrics } from '../../src/engine/metrics/metrics.ts';
import { BOUNDS, explainsLittle, type RunBound } from '../../src/measure/bound.ts';
import type { Comparison } from '../../src/measure/rank.ts';
import { strategies } from '../../src/strategies/index.ts';
import { boundName } from '../../src/views/batching/bound-name.ts';
import type { Calibration } from '../../src/worker/serving/protocol.ts';
import { workloads } from '../../src/workloads/index.ts';
import type { MeasuredResult } from './measured.ts';

/** Three significant digits, with a unit's prefix for seconds. */
export function show(value: number | undefined, unit: string): string {
  if (value === undefined) return '–';
  const short = (x: number): string =>
    Math.abs(x) >= 1000 ? Math.round(x).toString() : Number(x.toPrecision(3)).toString();
  if (unit === 'share') return `${short(value * 100)} %`;
  if (unit === 's') return value !== 0 && value < 1 ? `${short(value * 1000)} ms` : `${short(value)} s`;
  return short(value);
}

const COLUMNS: readonly (readonly [string, string])[] = [
  ['output_throughput', 'tokens/s'],
  ['request_throughput', 'req/s'],
  ['ttft_p50', 'TTFT p50'],
  ['ttft_max', 'worst TTFT'],
  ['tpot_p50', 'TPOT p50'],
  ['itl_max', 'longest gap'],
  ['e2e_p90', 'E2E p90'],
  ['slo_attainment', 'SLO met'],
  ['preemptions', 'preempted'],
  ['padding_waste', 'padding'],
];

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function resultTable(results: readonly StrategyResult[]): string {
  const unit = new Map(metrics.map((m) => [m.id, m.unit]));
  const header = ['strategy', 'steps', ...COLUMNS.map(([, title]) => title), 'identical'];
  const rows = results.map((r, i) => [
    r.preset ?? r.strategy,
    String(r.steps),
    ...COLUMNS.map(([id]) => show(r.metrics[id], unit.get(id) ?? '')),
    i === 0 ? 'reference' : r.identical === null ? '–' : r.identical ? 'yes' : 'NO',
  ]);
  return aligned([header, ...rows]);
}

/** Both meanings of goodput, where there are objectives. */
export const goodputText = (results: readonly StrategyResult[]): string[] =>
  results.flatMap(({ strategy, preset, metrics: { goodput, goodput_capacity: capacity } }) =>
    goodput === undefined
      ? []
      : [
          `${preset ?? strategy}: goodput ${show(goodput, '')} requests/s (vLLM); as a capacity ${capacity === undefined ? '–' : `${show(capacity, '')} requests/s on the virtual clock`} (DistServe)`,
        ],
  );

/** The formulas behind the columns of the table. */
export function formulas(): string {
  const byId = new Map(metrics.map((m) => [m.id, m]));
  return COLUMNS.map(([id, title]) => `  ${title}: ${byId.get(id)?.formula ?? ''}`).join('\n');
}

const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;
const ms = (s: number): string => `${(1e3 * s).toFixed(2)} ms`;

/** `1.35× (1.22–1.50)`, or that there is no difference, with the interval that could hide one. */
export function ratioText({ ratio, low, high, verdict }: Comparison): string {
  const interval =
    verdict === 'unranked' ? '(too few turns to rank)' : `(${low.toFixed(2)}–${high.toFixed(2)})`;
  return verdict === 'no difference' ? `no difference ${interval}` : `${ratio.toFixed(2)}× ${interval}`;
}

const COMPARED_CLOCKS = ['output_throughput', 'ttft_p90', 'e2e_p90'];

/** The fitted virtual clock's figures against the measured ones. */
const clocksText = (measured: MeasuredResult, virtual: StrategyResult): string =>
  COMPARED_CLOCKS.map((id) => {
    const error = (virtual.metrics[id] ?? 0) / (measured.metrics[id] ?? 0) - 1;
    return `${id} ${error < 0 ? '' : '+'}${percent(error)}`;
  }).join(', ');

/** Lines a strategy: spread, against the first, the fitted clock against the device, the harness's own costs. */
export const measuredText = (
  results: readonly MeasuredResult[],
  virtual: readonly StrategyResult[] = [],
): string =>
  results
    .map((r, i) => {
      const onVirtual = virtual[i];
      const { p10 = 0, p90 = 0 } = r.spread['output_throughput'] ?? {};
      const against = r.againstFirst ? `; speed against the first: ${ratioText(r.againstFirst)}` : '';
      const latencies = Object.entries(r.latencies)
        .map(([id, c]) => `${id} ${ratioText(c)}`)
        .join(', ');
      return [
        `${r.preset ?? r.strategy}: ${r.repeats} turns, ${Math.round(p10)}–${Math.round(p90)} tokens/s (p10–p90)${against}`,
        ...(r.bound ? [`  ${boundText(r.bound)}`] : []),
        ...(latencies ? [`  latencies, the first's over its own: ${latencies}`] : []),
        `  host a step: ${ms(r.host.encode)} encoding, ${ms(r.host.between)} planning, commits and trace; lag ${ms(r.lag.mean)} mean, ${ms(r.lag.max)} most`,
        ...(onVirtual ? [`  the fitted virtual clock says: ${clocksText(r, onVirtual)}`] : []),
        ...(r.refused ? [`  ${r.refused.count} requests were not taken: ${r.refused.why}`] : []),
        ...(r.incomplete ? [`  stopped early: ${r.incomplete}`] : []),
      ].join('\n');
    })
    .join('\n');

/** `launch-bound: of the least time that the ceilings allow its steps, launch limits 92 %, bandwidth 8 %` */
function boundText(bound: RunBound): string {
  const parts = BOUNDS.filter((name) => bound[name] >= 0.005)
    .sort((a, b) => bound[b] - bound[a])
    .map((name) => `${name} limits ${(100 * bound[name]).toFixed(0)} %`);
  const rest = explainsLittle(bound)
    ? '; the rest of a step is kernels far from these limits, encoding and reading back'
    : '';
  return `${boundName(bound)}: of the least time that the ceilings allow its steps, ${parts.join(', ')}${rest}`;
}

export const calibrationText = ({ residuals, served, capacity, cost, took }: Calibration): string =>
  [
    `calibrated in ${took.toFixed(1)} s: ${residuals.n} kinds of steps, error of unseen ones ${percent(residuals.median)} median, ${percent(residuals.p90)} p90`,
    `  ${served.n} steps served: error ${percent(served.median)} median, ${percent(served.p90)} p90; host between steps ${ms(cost.host)}`,
    ...(cost.ticks ? [`  the browser tells of a step's end every ${ms(cost.ticks.every)}`] : []),
    `  saturated: ${capacity.requests.toFixed(1)} requests/s, ${capacity.tokens.toFixed(0)} tokens/s`,
  ].join('\n');

const knobLines = (knobs: Knobs): string =>
  Object.entries(knobs)
    .map(([name, knob]) => {
      const values =
        knob.kind === 'choice'
          ? ` (${Object.keys(knob.options).join(' | ')})`
          : knob.kind === 'int' || knob.kind === 'number'
            ? ` (${knob.min} … ${knob.max}${knob.unit ? ` ${knob.unit}` : ''})`
            : '';
      return `      ${name} = ${knob.default === '' ? '""' : knob.default}${values}  ${knob.doc}`;
    })
    .join('\n');

/** Strategies, presets and workloads with their knobs, from the registries. */
export function registryHelp(): string {
  const lines = ['', 'Strategies (knob = default):'];
  for (const s of strategies.values()) {
    lines.push(`  ${s.id}  ${s.rule}`, knobLines(s.knobs));
    for (const p of s.presets) {
      const set = Object.entries(p.knobs).map(([k, v]) => `${k}=${v}`);
      lines.push(
        `      preset ${p.id}: ${p.title}${set.length > 0 ? `, ${set.join(' ')}` : ''} (${p.source})`,
      );
    }
  }
  lines.push('', 'Workloads (knob = default):');
  for (const w of workloads.values()) lines.push(`  ${w.id}  ${w.about}`, knobLines(w.knobs));
  lines.push(
    '  PATH  A trace file: Azure, BurstGPT, Vidur (CSV), Mooncake (JSON lines), ShareGPT (JSON).',
    '      first = 0, scale = 0 (fits), speed = 1, spread = true, limit = exact',
  );
  return lines.join('\n');
}
