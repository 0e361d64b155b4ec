// The latency–throughput frontier: the strategies of the comparison under rising load, on the virtual clock.
// A point at a time between frames, so that the page stays alive.

import { computed, signal } from '@preact/signals';
import { prng } from '../../core/prng.ts';
import { measure } from '../../engine/metrics/metrics.ts';
import { promptLength, type Request } from '../../engine/request.ts';
import { serveVirtual } from './serve.ts';
import { serveRequests, type Wanted } from './spec.ts';
import { comparisonKey, cost, wanted } from './wanted.ts';

export interface FrontierPoint {
  /** Share of the capacity of the first strategy. */
  readonly load: number;
  /** Output tokens a second. */
  readonly throughput: number;
  /** Seconds. */
  readonly ttft: number;
}

export interface Frontier {
  readonly key: string;
  readonly lanes: readonly { readonly key: string; readonly points: readonly FrontierPoint[] }[];
  readonly requests: number;
  readonly done: boolean;
}

export const frontier = signal<Frontier | null>(null);
export const LOADS = [0.2, 0.4, 0.55, 0.7, 0.8, 0.9, 1, 1.15] as const;
const MOST_TOKENS = 12_000;

/** The comparison's requests over and over, as many as a point may cost, without arrival times. */
function manyOf(requests: readonly Request[]): readonly Request[] {
  const many: Request[] = [];
  let tokens = 0;
  for (let i = 0; many.length < 160 && tokens < MOST_TOKENS; i++) {
    const one = requests[i % requests.length];
    if (!one) break;
    tokens += promptLength(one.prompt) + (one.endsAfter ?? one.maxTokens);
    many.push({ ...one, id: i, arrival: 0 });
  }
  return many;
}

/** Poisson arrivals at `rate` requests a second. */
function arriving(requests: readonly Request[], rate: number): readonly Request[] {
  const random = prng(7);
  let time = 0;
  return requests.map((request) => {
    time += random.exponential(1 / rate);
    return { ...request, arrival: time };
  });
}

/** What the points rest on: the comparison, and the very coefficients, which another fit of the same name changes. */
export const frontierKey = computed(() => `${comparisonKey.value} | ${JSON.stringify(cost.value)}`);

let turn = 0;
/** Of what is being computed. */
let underWay: string | null = null;

/** Computes the frontier of what the address asks for; it ends one of anything else that is under way. */
export async function computeFrontier(): Promise<void> {
  const key = frontierKey.peek();
  if (underWay === key) return;
  const mine = ++turn;
  underWay = null;
  const known = frontier.peek();
  if (known?.key === key && known.done) return;
  underWay = key;
  await compute(key, () => mine !== turn);
  if (mine === turn) underWay = null;
}

async function compute(key: string, ended: () => boolean): Promise<void> {
  const want = wanted.peek();
  if (!want.ok || want.value.requests.length === 0) return;
  const many = manyOf(want.value.requests);
  const at = (requests: readonly Request[]): Wanted => ({ ...want.value, requests, closed: undefined });
  const asked = serveRequests(at(many), cost.peek());
  const saturated = asked[0] && serveVirtual(asked[0]);
  const capacity = saturated?.ok ? (measure(saturated.value.trace)['request_throughput'] ?? 0) : 0;
  if (capacity <= 0) return;
  let lanes = want.value.tracks.map((track) => ({ key: track.key, points: [] as readonly FrontierPoint[] }));
  for (const load of LOADS) {
    const runs = serveRequests(at(arriving(many, capacity * load)), cost.peek());
    for (const [i, run] of runs.entries()) {
      await new Promise((resolve) => setTimeout(resolve));
      if (ended()) return;
      const served = serveVirtual(run);
      if (!served.ok) continue;
      const figures = measure(served.value.trace);
      const point = {
        load,
        throughput: figures['output_throughput'] ?? 0,
        ttft: figures['ttft_p90'] ?? 0,
      };
      lanes = lanes.map((lane, k) => (k === i ? { ...lane, points: [...lane.points, point] } : lane));
    }
    frontier.value = { key, lanes, requests: many.length, done: load === LOADS.at(-1) };
  }
}
