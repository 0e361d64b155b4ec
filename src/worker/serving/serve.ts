// A comparison on the GPU: the same requests and weights under each strategy, taking turns. Ends with what was measured,
// also when cancelled or when the device is lost.

import { at } from '../../core/assert.ts';
import { messageOf } from '../../core/message-of.ts';
import { type Err, explain, ok, type Result } from '../../core/result.ts';
import { answersIn, identical } from '../../engine/outputs.ts';
import { doubted } from '../../engine/run-file.ts';
import { stillDiffers } from '../../model/probe-report.ts';
import { runBound } from '../bench/floors.ts';
import type { WorkerFailure } from '../protocol.ts';
import type { ServeReport, ServeRequest } from './protocol.ts';
import { makePlanner, type OneRun, runOne, type ServeHost } from './run-one.ts';
import { isPrecise, mostTurns, orderOf, sizing, turnTimes, versusFirst } from './turns.ts';

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
    const made = makePlanner(contender, host.served.limits);
    if (!made.ok) return made;
  }
  const comparison = new Comparing(host, request);
  try {
    const failed = await comparison.run();
    if (!failed) return ok(await comparison.report());
    return comparison.measured ? ok(await comparison.report(explain(failed.error))) : failed;
  } catch (error) {
    if (!comparison.measured) throw error;
    // a bug in one run does not take those that were finished with it
    console.error(error);
    return ok(await comparison.report(`A run broke off: ${messageOf(error)}`));
  }
}

class Comparing {
  readonly #host: ServeHost;
  readonly #request: ServeRequest;
  readonly #started = performance.now();
  readonly #measured: OneRun[] = [];
  readonly #invalid: string[] = [];
  #count: number;
  #turns: number;
  #warmUps = 0;
  #done = 0;

  constructor(host: ServeHost, request: ServeRequest) {
    this.#host = host;
    this.#request = request;
    this.#count = request.requests.length;
    this.#turns = request.repeats;
    if (host.served.invariance.standing === 'still differs') this.#invalid.push(stillDiffers);
  }

  get measured(): boolean {
    return this.#measured.length > 0;
  }

  /** The failure of a run that was refused; undefined when all were run or ended early. */
  async run(): Promise<Err<WorkerFailure> | undefined> {
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

  /** What was measured; `end`: why no more of it was. Every run's header says what bounds it, and what speaks against the comparison. */
  async report(end?: string): Promise<ServeReport> {
    const { served, device, ceilings, doubts } = this.#host;
    const known = ceilings ? await ceilings() : null;
    const invalid = [...this.#invalid, ...(doubts?.() ?? []), ...(end === undefined ? [] : [end])];
    return {
      device,
      runs: this.#measured.map(({ served: run, trace }) => {
        const bound = known?.ok ? runBound(trace, served.model, known.value) : null;
        const header = { ...run.file.header, ...(bound ? { bound } : {}) };
        return { ...run, file: doubted({ ...run.file, header }, invalid) };
      }),
      requests: this.#count,
      versus: this.#versus(),
      ...(known && !known.ok ? { noBound: known.error } : {}),
      identical: identical(this.#measured.map(({ trace }) => answersIn(trace))),
      invalid,
    };
  }

  /** Runs that are not counted: they warm up, and find how many requests fit into the time. */
  async #warmUp(): Promise<Err<WorkerFailure> | undefined> {
    const { contenders, seconds } = this.#request;
    const plan = sizing({ seconds, most: this.#count, contenders: contenders.length, turns: this.#turns });
    for (let next = plan.next(); ; ) {
      if (next.done) {
        this.#count = next.value;
        return undefined;
      }
      this.#count = next.value.requests;
      const took = await (next.value.what === 'run' ? this.#first() : this.#warmUpRound());
      if (!took.ok) return took;
      next = plan.next({ took: took.value, since: secondsSince(this.#started) });
    }
  }

  /** Seconds of one run of the first contender. */
  async #first(): Promise<Result<number, WorkerFailure>> {
    const one = await this.#one(0, -1, 'finding the size');
    return one.ok ? ok(one.value.served.wall) : one;
  }

  /** Seconds of a round that is not counted. */
  async #warmUpRound(): Promise<Result<number, WorkerFailure>> {
    const begun = performance.now();
    this.#warmUps++;
    return (await this.#round(-1)) ?? ok(secondsSince(begun));
  }

  /** One turn of every contender; turn −1 warms up. */
  async #round(turn: number): Promise<Err<WorkerFailure> | undefined> {
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
    const total = contenders.length * (this.#turns + Math.max(1, this.#warmUps));
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
    this.#measured.push(one);
    const { contender, file } = one.served;
    this.#host.emit({
      type: 'run',
      run: { ...one.served, file: doubted(file, this.#host.doubts?.() ?? []) },
    });
    const { incomplete } = file.header;
    if (incomplete) this.#invalid.push(`${this.#request.contenders[contender]?.label}: ${incomplete}`);
  }

  #versus(): ServeReport['versus'] {
    const runs = this.#measured.map(({ served }) => served);
    return versusFirst(turnTimes(runs, this.#request.contenders.length));
  }
}
