// A comparison that is being measured, drawn as its blocks come: each is appended to its run's trace, drawn with the next frame,
// and only then taken, so that the worker sends no faster than the page draws. The page rests in proportion to what drawing
// cost it: on a machine whose GPU is a CPU, drawing takes time from the run.

import { promptLength, type Request } from '../../engine/request.ts';
import type { RunHeader } from '../../engine/run-file.ts';
import { Trace } from '../../engine/trace.ts';
import type { Limits } from '../../engine/view.ts';
import { makeTrack } from '../../views/batching/make-track.ts';
import type { Track } from '../../views/batching/track.ts';
import type { LiveBlock, ServedRun } from '../../worker/serving/protocol.ts';
import { device } from '../gpu.ts';
import { type DrawnRun, medianTrack, memoryOf, modelOfRun, type ShownLane, standingOf } from './lanes.ts';
import { liveShown, type Shown } from './shown.ts';
import type { Wanted } from './spec.ts';
import { titlesOf, trackName } from './titles.ts';

/** Share of its time that the page may draw: where the GPU is the CPU, drawing takes from the run itself. */
const share = (): number => (device.value?.fallback ? 0.03 : 0.1);
/** Milliseconds after which it draws again in any case: tokens are to be seen coming. */
const LONGEST_REST = 300;

interface LiveLane {
  readonly key: string;
  /** The run that goes on, or the last one. */
  trace: Trace;
  header: RunHeader | undefined;
  /** Runs that reached their end. */
  readonly runs: DrawnRun[];
  readonly turns: (Track | null)[];
}

/** Requests that nobody has served yet. */
function unserved(requests: readonly Request[]): Trace {
  const trace = new Trace();
  for (const request of requests) {
    const n = trace.requests.extend();
    const { columns } = trace.requests;
    columns.id[n] = request.id;
    columns.arrival[n] = request.arrival;
    columns.prompt[n] = promptLength(request.prompt);
    columns.limit[n] = request.maxTokens;
  }
  return trace;
}

/** An axis that is outgrown gets half as long again: it must not creep with every step. */
const outgrown = (length: number, reached: number): number => (reached > length ? reached * 1.5 : length);

export class LiveComparison {
  readonly #lanes: readonly LiveLane[];
  readonly #titles: ReadonlyMap<string, string>;
  readonly #limits: Limits;
  readonly #requests: readonly Request[];
  readonly #repeats: number;
  #now: Pick<LiveBlock, 'contender' | 'repeat'> = { contender: 0, repeat: 'warm-up' };
  #span = { seconds: 0, steps: 0 };
  #taken: (() => void)[] = [];
  #frame = 0;
  #ended = false;

  constructor(want: Wanted, limits: Limits, repeats: number) {
    this.#limits = limits;
    this.#requests = want.requests;
    this.#repeats = repeats;
    this.#titles = titlesOf(want.tracks.map(({ key }) => key));
    this.#lanes = want.tracks.map(({ key }) => ({
      key,
      trace: unserved(want.requests),
      header: undefined,
      runs: [],
      turns: [],
    }));
  }

  /** A block: drawn with the next frame, then answered. */
  take(event: LiveBlock, taken: () => void): void {
    const lane = this.#lanes[event.contender];
    if (!lane || this.#ended) {
      taken();
      return;
    }
    if (event.header) {
      lane.header = event.header;
      lane.trace = new Trace();
      this.#now = event;
    }
    lane.trace.append(event.block);
    this.#taken.push(taken);
    // a hidden page draws no frame, takes nothing, and gets everything with the run's last block
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  /** A run that reached its end: its trace has arrived block by block. */
  finished({ contender, repeat, file }: ServedRun): void {
    const lane = this.#lanes[contender];
    if (!lane || file.header.incomplete) return;
    const track = this.#track(lane);
    lane.runs.push({ served: { trace: lane.trace, header: file.header, requests: file.requests }, track });
    while (lane.turns.length < repeat) lane.turns.push(null);
    lane.turns[repeat] = track;
    const tracks = this.#lanes.flatMap((l) => l.runs.map((run) => run.track));
    // from the first counted run on, the axis is as long as the longest of them
    this.#span = {
      seconds: Math.max(...tracks.map((t) => t.end)),
      steps: Math.max(...tracks.map((t) => t.steps)),
    };
  }

  /** Nothing comes any more; what is shown is the finished comparison's business. */
  end(): void {
    this.#ended = true;
    cancelAnimationFrame(this.#frame);
    liveShown.value = null;
  }

  #draw(): void {
    this.#frame = 0;
    const taken = this.#taken;
    this.#taken = [];
    const from = performance.now();
    liveShown.value = this.#shown();
    // after the frame's rendering, which is a microtask and a layout
    setTimeout(() => {
      const cost = performance.now() - from;
      setTimeout(
        () => {
          for (const answer of taken) answer();
        },
        Math.min(LONGEST_REST, cost / share() - cost),
      );
    });
  }

  #track({ key, trace, header }: LiveLane): Track {
    return makeTrack(trace, trackName(key, this.#titles, header?.settings.slots ?? 0));
  }

  #lane(lane: LiveLane, runs: boolean): ShownLane {
    const done = lane.runs.map((run) => run.track);
    return {
      key: lane.key,
      runs: lane.runs,
      turns: lane.turns,
      cut: 0,
      track: (runs ? undefined : medianTrack(done)) ?? this.#track(lane),
      limits: lane.header?.limits ?? this.#limits,
      memory: lane.header ? memoryOf(lane.header) : undefined,
      bound: null,
      harness: null,
    };
  }

  #shown(): Shown | null {
    const { contender, repeat } = this.#now;
    const header = this.#lanes[contender]?.header;
    if (!header) return null;
    const lanes = this.#lanes.map((lane, i) => this.#lane(lane, i === contender));
    const track = lanes[contender]?.track;
    this.#span = {
      seconds: outgrown(this.#span.seconds, track?.end ?? 0),
      steps: outgrown(this.#span.steps, track?.steps ?? 0),
    };
    return {
      source: 'yours',
      lanes,
      device: header.device,
      simulated: false,
      taken: 'turns',
      date: undefined,
      browser: header.browser,
      model: modelOfRun(header),
      standing: standingOf(header),
      requests: this.#requests,
      invalid: [],
      of: null,
      running: { lane: contender, repeat, repeats: this.#repeats, span: this.#span },
    };
  }
}
