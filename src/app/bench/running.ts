// The benchmark in progress: what was asked, how far it is, and the rows so far. Events come many times a
// frame; the page is told a few times a second, so that drawing never takes the time of what is measured.

import { batch, signal } from '@preact/signals';
import { get, set } from 'idb-keyval';
import type { Failure } from '../../core/result.ts';
import type { ParamValues } from '../../kernels/specialize.ts';
import {
  type Ceilings,
  type DeviceReport,
  type ResultRow,
  schemaName,
  schemaVersion,
} from '../../measure/schema.ts';
import { rowKey } from '../../views/facts.ts';
import type { BenchEvent, BenchProgress, BenchRequest } from '../../worker/protocol.ts';
import * as gpu from '../gpu.ts';
import { announce } from '../ui/index.ts';
import { addOwn } from './runs.ts';
import { bench } from './view.ts';

export interface Live {
  readonly request: BenchRequest;
  readonly startedAt: string;
  readonly device: DeviceReport | null;
  readonly ceilings: Ceilings | null;
  readonly rows: ReadonlyMap<string, ResultRow>;
}

/** What runs now; null when nothing does. */
export const live = signal<Live | null>(null);
/** How far it is; null before the first word of the worker. */
export const progress = signal<BenchProgress | null>(null);
/** The reader asked to stop; the worker stops after its submit. */
export const stopping = signal(false);

/** Milliseconds between two tellings. */
const pace = 200;
/** Why the last run ended without a result. */
export const runFailure = signal<Failure | null>(null);

type Winners = Readonly<Record<string, ParamValues>>;
const tunedKey = 'lockstep.tuned';

async function storedWinners(): Promise<Winners> {
  try {
    return (await get<Winners>(tunedKey)) ?? {};
  } catch {
    return {}; // storage is blocked: defaults run
  }
}

function apply(state: Live, event: BenchEvent): Live {
  switch (event.type) {
    case 'device':
      return { ...state, device: event.device };
    case 'ceilings':
      return { ...state, ceilings: event.ceilings };
    case 'row':
      return { ...state, rows: new Map(state.rows).set(rowKey(event.row), event.row) };
    case 'progress':
    case 'tuned':
      return state;
  }
}

/** Keeps what was measured when the run ended without a result of its own. */
function salvage(state: Live, why: string): void {
  const { device, ceilings, rows, request, startedAt } = state;
  const results = [...rows.values()];
  if (!device || !ceilings || !results.some((row) => row.medianMs !== null)) return;
  addOwn({
    schema: schemaName,
    version: schemaVersion,
    date: startedAt,
    commit: null,
    command: request.command,
    device,
    ceilings,
    invalid: [why],
    results,
  });
}

/** Runs a benchmark; one at a time. `live` follows it, and the finished run becomes the one in view. */
export async function run(wanted: Omit<BenchRequest, 'tuned'>): Promise<void> {
  if (live.value) return;
  runFailure.value = null;
  const startedAt = new Date().toISOString();
  const request: BenchRequest = { ...wanted, tuned: {} };
  let state: Live = {
    request,
    startedAt,
    device: null,
    ceilings: null,
    rows: new Map(),
  };
  live.value = state;
  const winners: Record<string, ParamValues> = { ...(await storedWinners()) };

  let timer: ReturnType<typeof setTimeout> | undefined;
  let far: BenchProgress | null = null;
  const tell = (): void => {
    timer = undefined;
    batch(() => {
      live.value = state;
      progress.value = far;
    });
  };
  const outcome = await gpu.bench({ ...request, tuned: winners }, (event) => {
    if (event.type === 'tuned') winners[event.key] = event.params;
    if (event.type === 'progress') far = event;
    state = apply(state, event);
    timer ??= setTimeout(tell, pace);
  });
  clearTimeout(timer);
  if (request.tuning === 'search') await set(tunedKey, winners).catch(() => undefined);
  batch(() => {
    if (outcome.ok) {
      const rows = outcome.value.results.length;
      // cancelled before its first row, a run has nothing to show, and must not hide the one in view
      if (rows > 0) addOwn(outcome.value);
      announce(rows > 0 ? `Done: ${rows} rows.` : 'Cancelled before the first row.');
    } else {
      runFailure.value = outcome.error;
      salvage(state, outcome.error.message);
    }
    live.value = null;
    progress.value = null;
    stopping.value = false;
    bench.adjust({ run: '', result: '', recipe: '' });
  });
}

/** Ends the run after its current submit; what is done is kept. */
export function cancelRun(): void {
  if (!live.value || stopping.value) return;
  stopping.value = true;
  gpu.cancel();
}
