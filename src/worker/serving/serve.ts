// A comparison on the GPU: the same requests and weights under each strategy, taking turns. Ends with what was measured,
// also when cancelled or when the device is lost.

import { at } from '../../core/assert.ts';
import { ok, type Result } from '../../core/result.ts';
import { mean } from '../../core/stats.ts';
import { identical } from '../../engine/outputs.ts';
import { promptLength } from '../../engine/request.ts';
import { stillDiffers } from '../../model/probe-report.ts';
import type { WorkerFailure } from '../protocol.ts';
import type { ServedRun, ServeReport, ServeRequest } from './protocol.ts';
import { makePlanner, type OneRun, runOne, type ServeHost } from './run-one.ts';
import { fewestRequests, isPrecise, mostTurns, orderOf, requestsFor, versusFirst } from './turns.ts';

export type { ServeHost } from './run-one.ts';

/**
 * The page takes in a finished run (it parses, draws, or hands it on) while the next one would be measured: it gets a tenth of the
 * run's time for it, a quarter of a second at most.
 */
const pause = (wall: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.min(250, 100 * wall)));

const secondsSince = (start: number): number => (performance.now() - start) / 1e3;

/** Runs every contender in turns: as often as was asked, and on until the comparison is as precise as was asked. */
export async function serve(
  host: ServeHost,
  request: ServeRequest,
): Promise<Result<ServeReport, WorkerFailure>> {
  for (const contender of request.contenders) {
    const made = makePlanner(contender, request);
    if (!made.ok) return made;
  }
  const comparison = new Comparing(host, request);
  const failed = await comparison.run();
  return failed ?? ok(comparison.report());
}

class Comparing {
  readonly #host: ServeHost;
  readonly #request: ServeRequest;
  readonly #started = performance.now();
  readonly #runs: ServedRun[] = [];
  readonly #answers: OneRun[] = [];
  readonly #invalid: string[] = [];
  #count: number;
  #turns: number;
  #done = 0;

  constructor(host: ServeHost, request: ServeRequest) {
    this.#host = host;
    this.#request = request;
    this.#count = request.requests.length;
    this.#turns = request.repeats;
    if (host.served.invariance.standing === 'still differs') this.#invalid.push(stillDiffers);
  }

  /** The failure of a run that was refused; undefined when all were run or ended early. */
  async run(): Promise<Result<never, WorkerFailure> | undefined> {
    const { precision, longest } = this.#request;
    const warmed = await this.#warmUp();
    if (warmed) return warmed;
    const measured = performance.now();
    for (let turn = 0; !this.#host.stop(); turn++) {
      if (turn > 1 && longest !== undefined && secondsSince(this.#started) > longest) break;
      if (turn >= this.#turns) {
        if (!precision || turn >= mostTurns || secondsSince(measured) > precision.seconds) break;
        if (isPrecise(this.#versus(), precision.width)) break;
        this.#turns++;
      }
      const failed = await this.#round(turn);
      if (failed) return failed;
    }
    const stopped = this.#host.stop();
    if (stopped) this.#invalid.push(stopped);
    return undefined;
  }

  report(): ServeReport {
    return {
      device: this.#host.device,
      runs: this.#runs,
      requests: this.#count,
      versus: this.#versus(),
      bound: null,
      identical: identical(this.#answers),
      invalid: this.#invalid,
    };
  }

  /**
   * One run each that is not counted: first use of a kernel compiles and touches memory. With a time to keep to, a
   * few requests show how fast the device is, the warm-up serves as many as should fit, and the turns as many as then do.
   */
  async #warmUp(): Promise<Result<never, WorkerFailure> | undefined> {
    const { contenders, seconds } = this.#request;
    const most = this.#count;
    const rounds = this.#turns + 1;
    if (seconds !== undefined && most > fewestRequests) {
      this.#count = fewestRequests;
      const first = await this.#one(0, -1, 'finding the size');
      if (!first.ok) return first;
      const probe = { requests: this.#count, took: first.value.served.wall, most };
      this.#count = requestsFor({ ...probe, seconds, runs: rounds * contenders.length });
    }
    const begun = performance.now();
    const failed = await this.#round(-1);
    if (failed || seconds === undefined) return failed;
    const left = seconds - secondsSince(this.#started);
    const probe = { requests: this.#count, took: secondsSince(begun), most };
    const fitting = requestsFor({ ...probe, seconds: left, runs: this.#turns });
    // what is a quarter off would make the comparison last 2 s more or less; less is not worth another shape of steps
    if (Math.abs(fitting / this.#count - 1) > 0.25) this.#count = fitting;
    return undefined;
  }

  /** One turn of every contender; turn −1 warms up. */
  async #round(turn: number): Promise<Result<never, WorkerFailure> | undefined> {
    for (const index of orderOf(this.#request.contenders.length, turn + 1)) {
      if (this.#host.stop()) return undefined;
      const what = turn < 0 ? 'warming up' : `${turn + 1} of ${this.#turns}`;
      const one = await this.#one(index, turn, what);
      if (!one.ok) return one;
      this.#done++;
      if (turn >= 0) this.#keep(one.value);
      await pause(one.value.served.wall);
    }
    return undefined;
  }

  async #one(index: number, turn: number, what: string): Promise<Result<OneRun, WorkerFailure>> {
    const { contenders, requests } = this.#request;
    const contender = at(contenders, index);
    const total = contenders.length * (this.#turns + 1);
    this.#host.emit({
      type: 'progress',
      done: this.#done,
      total,
      secondsLeft: this.#done > 0 ? (secondsSince(this.#started) / this.#done) * (total - this.#done) : null,
      what: `${contender.label}: ${what}`,
    });
    const sized = { ...this.#request, requests: requests.slice(0, this.#count) };
    return runOne(this.#host, sized, contender, index, turn);
  }

  #keep(one: OneRun): void {
    this.#runs.push(one.served);
    this.#answers.push(one);
    this.#host.emit({ type: 'run', run: one.served });
    const { incomplete } = one.served.file.header;
    if (incomplete)
      this.#invalid.push(`${this.#request.contenders[one.served.contender]?.label}: ${incomplete}`);
  }

  #versus(): ServeReport['versus'] {
    const turns = Math.max(0, ...this.#runs.map((run) => run.repeat + 1));
    const times = this.#request.contenders.map((_, index) =>
      Array.from({ length: turns }, (_, turn) => {
        const run = this.#runs.find((r) => r.contender === index && r.repeat === turn);
        return run && !run.file.header.incomplete && run.tokens > 0 ? run.wall / run.tokens : null;
      }),
    );
    return versusFirst(times);
  }
}

/** The mean step of these runs: rows in it, and tokens of context of a row halfway through its answer. */
export function typicalStep(runs: readonly ServedRun[]): {
  readonly batch: number;
  readonly context: number;
} {
  const rows = runs.flatMap(({ file }) => file.steps.map((step) => step.rows.length));
  const requests = runs[0]?.file.requests ?? [];
  const contexts = requests.map((r) => promptLength(r.prompt) + (r.endsAfter ?? r.maxTokens) / 2);
  return {
    batch: rows.length > 0 ? Math.max(1, Math.round(mean(rows))) : 1,
    context: contexts.length > 0 ? Math.round(mean(contexts)) : 1,
  };
}
