// What the Bench page shows: one run (or the one in progress), one op, dtype and shape of it, one metric and
// one chosen row. All of it follows from the address and the runs; nothing is stored twice.

import { computed } from '@preact/signals';
import type { Ceilings, DeviceReport, ResultRow } from '../../measure/schema.ts';
import {
  isMeasured,
  type Ladder,
  ladderRows,
  type Measured,
  type Metric,
  readLadder,
  rowKey,
  rowName,
  type Selection,
} from '../../views/facts.ts';
import type { Pending } from '../../views/ladder.tsx';
import { catalog } from './catalog.ts';
import { chosenVersions } from './request.ts';
import { type Live, live, progress } from './running.ts';
import { type Run, shown } from './runs.ts';
import { defaultMetric } from './shapes.ts';
import { bench, previewed } from './view.ts';

export interface Source {
  /** The finished run in view; null while one is in progress. */
  readonly run: Run | null;
  readonly live: Live | null;
  readonly rows: readonly ResultRow[];
  readonly ceilings: Ceilings | null;
  readonly device: DeviceReport | null;
}

/** Where the figures on the page come from: the run in progress, else the one in view. */
export const source = computed((): Source | null => {
  const now = live.value;
  if (now) {
    return { run: null, live: now, rows: [...now.rows.values()], ceilings: now.ceilings, device: now.device };
  }
  const run = shown.value;
  if (!run) return null;
  const { results, ceilings, device } = run.file;
  return { run, live: null, rows: results, ceilings, device };
});

/** Rows of the op and dtype in view, all shapes. */
export const opRows = computed((): readonly ResultRow[] => {
  const { op, dtype } = bench.view.value;
  return source.value?.rows.filter((row) => row.op === op && row.dtype === dtype) ?? [];
});

/** Shapes that have rows (or will, in a run), in the order of the run. */
export const shapesInView = computed((): readonly string[] => {
  const { op } = bench.view.value;
  const asked = source.value?.live?.request.items.filter((item) => item.op === op) ?? [];
  return [
    ...new Set([
      ...opRows.value.map((row) => row.shape),
      ...asked.flatMap((item) => Object.keys(item.shapes)),
    ]),
  ];
});

/** The version that the worker is at. */
const current = computed(() => progress.value?.running ?? null);

/** The shape in view: the chosen one, the one that is running, else the one with the most figures, the slowest of these. */
const shape = computed((): string => {
  const { show } = bench.view.value;
  const all = shapesInView.value;
  if (all.includes(show)) return show;
  const rows = opRows.value.filter(isMeasured);
  if (source.value?.live) return current.value?.shape || (all[0] ?? '');
  const weight = (name: string): number => {
    const here = rows.filter((row) => row.shape === name);
    return here.length * 1e9 + Math.min(1e8, Math.max(0, ...here.map((row) => row.medianMs)));
  };
  return all.toSorted((a, b) => weight(b) - weight(a))[0] ?? '';
});

/** Before any run: the versions that Run would start. */
function waitingForRun(op: string): readonly Pending[] {
  const entry = catalog.value?.get(op);
  if (!entry) return [];
  return chosenVersions(entry, bench.view.value).map((version) => ({ version, text: 'not run yet' }));
}

/** Versions take turns within one shape, so all of a shape run until the worker goes on to the next. */
function pendingOf(now: Live, at: Selection): readonly Pending[] {
  const running = current.value;
  const isHere = running?.op === at.op && running.shape === at.shape && running.dtype === at.dtype;
  const rows = [...now.rows.values()].filter(
    (row) => row.op === at.op && row.shape === at.shape && row.dtype === at.dtype,
  );
  const asked = now.request.items.filter((item) => item.op === at.op).flatMap((item) => item.versions);
  const waiting = asked.filter((version) => !rows.some((row) => row.version === version));
  const timed = isHere ? rows.filter((row) => row.medianMs !== null).map((row) => row.version) : [];
  return [...new Set([...timed, ...waiting, ...(isHere ? [running.version] : [])])].map((version) => ({
    version,
    text: isHere && running.version === version ? running.doing : 'waiting',
  }));
}

/** Versions of the ladder in view that still run, or that Run would start; only the ladder follows this. */
export const pending = computed((): readonly Pending[] => {
  const now = source.value?.live;
  if (now) return pendingOf(now, here.value);
  return source.value ? [] : waitingForRun(bench.view.value.op);
});

export interface Here {
  readonly op: string;
  readonly dtype: string;
  readonly shape: string;
  readonly ladder: Ladder;
  readonly metric: Metric;
  /** The row that the page speaks of: the chosen one, else the best, else the first. */
  readonly chosen: ResultRow | null;
}

export const here = computed((): Here => {
  const { op, dtype, row: name, unit } = bench.view.value;
  const at = { op, dtype, shape: shape.value };
  const ladder = readLadder(ladderRows(opRows.value, at));
  const measured: readonly Measured[] = ladder.rows.filter(isMeasured);
  return {
    ...at,
    ladder,
    metric: unit === 'auto' ? defaultMetric(measured) : unit,
    chosen: ladder.rows.find((row) => rowName(row) === name) ?? ladder.best ?? ladder.rows[0] ?? null,
  };
});

/** Key of the chosen row; of the previewed one. */
export const chosenKey = computed(() => (here.value.chosen ? rowKey(here.value.chosen) : null));
export const previewKey = computed(() => (previewed.value ? rowKey(previewed.value) : null));
