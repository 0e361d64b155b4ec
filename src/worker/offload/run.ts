// Measures what the worker buys: the same rounds of work driven from this page's thread and from the worker, in turns,
// while frames are watched; then what calls and moved bytes cost. Runs on the page and is loaded when it is asked for.
// It opens a device on the page's thread on purpose: the one place outside the worker that does.

import { err, type Failure, failure, ok, type Result } from '../../core/result.ts';
import { spread } from '../../core/stats.ts';
import { openGpu } from '../../gpu/device.ts';
import { Pipelines } from '../../gpu/pipelines.ts';
import {
  armOf,
  busyMachine,
  type DriveWork,
  frameStats,
  type Move,
  type MoveCost,
  type OffloadReport,
  offloadSchema,
  offloadVersion,
  type Round,
} from '../../measure/offload.ts';
import type { GpuClient } from '../client.ts';
import type { Want } from '../protocol.ts';
import { driveRound, sizeWork } from './drive.ts';
import { watchFrames } from './frames.ts';

export interface OffloadOptions {
  readonly want: Want;
  /** Turns of each thread: 2 or more, so that main, worker, worker, main … hits both alike. */
  readonly turns: number;
  readonly command: string;
  /** Steps finished and planned, and what runs now. */
  say(done: number, total: number, what: string): void;
  stopped(): boolean;
}

const kib = 1024;
const sizes = [kib, 16 * kib, 256 * kib, 1024 * kib, 4096 * kib, 16384 * kib, 65536 * kib];

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs everything: some ten seconds on a GPU. */
export async function runOffload(
  client: GpuClient,
  options: OffloadOptions,
): Promise<Result<OffloadReport, Failure>> {
  const cancelled = err(failure('cancelled', 'Cancelled before it was finished.', 'Run it again.'));
  const total = 3 + 2 * options.turns + sizes.length;
  let done = 0;
  const say = (what: string): void => options.say(done++, total, what);
  const opened = await client.api.open(options.want);
  if (!opened.ok) return opened;
  const here = await openGpu({ want: options.want, power: 'high-performance' });
  if (!here.ok) return here;
  const gpu = here.value;
  const pipelines = new Pipelines(gpu.device);
  let hidden = document.hidden;
  const look = (): void => {
    hidden ||= document.hidden;
  };
  document.addEventListener('visibilitychange', look);
  try {
    say('sizing the work');
    const sized = await sizeWork(gpu, pipelines);
    if (!sized.ok) return sized;
    const work = sized.value;
    const warm = await client.api.drive({ ...work, steps: 1 });
    if (!warm.ok) return warm;

    say('an idle page');
    const watch = watchFrames();
    await pause(1500);
    const quiet = await watch.stop();
    const idle = frameStats(quiet.deltas, quiet.longTasks);

    const seen = { main: turnOf(), worker: turnOf() };
    for (let turn = 0; turn < 2 * options.turns; turn++) {
      if (options.stopped()) return cancelled;
      const thread = turn % 4 === 0 || turn % 4 === 3 ? 'main' : 'worker';
      say(`driven from the ${thread === 'main' ? 'page' : 'worker'}`);
      const frames = watchFrames();
      for (let i = 0; i < 2; i++) {
        const round =
          thread === 'main'
            ? await driveRound(gpu, pipelines, work, options.stopped)
            : await client.api.drive(work);
        if (!round.ok) {
          await frames.stop();
          return round;
        }
        seen[thread].rounds.push(round.value);
      }
      const { deltas, longTasks } = await frames.stop();
      seen[thread].deltas.push(...deltas);
      seen[thread].longTasks.push(...longTasks);
    }
    const arm = ({ deltas, longTasks, rounds }: Turn) =>
      armOf(work, frameStats(deltas, longTasks, idle.medianMs), rounds);

    say('calls');
    const call = await calls(client, work);
    const moves: Move[] = [];
    for (const size of sizes) {
      if (options.stopped()) return cancelled;
      say(`moving ${size / kib} KiB`);
      moves.push(await move(client, size));
    }
    const busy = busyMachine(idle);
    return ok({
      schema: offloadSchema,
      version: offloadVersion,
      date: new Date().toISOString(),
      commit: null,
      command: options.command,
      device: opened.value,
      work,
      idle,
      main: arm(seen.main),
      worker: arm(seen.worker),
      call,
      moves,
      invalid: [
        ...(hidden ? ['the page was hidden while it ran, so it showed no frames'] : []),
        ...(busy ? [busy] : []),
      ],
    });
  } finally {
    document.removeEventListener('visibilitychange', look);
    gpu.device.destroy();
  }
}

interface Turn {
  readonly deltas: number[];
  readonly longTasks: number[];
  readonly rounds: Round[];
}
const turnOf = (): Turn => ({ deltas: [], longTasks: [], rounds: [] });

/** Milliseconds of one of `repeats` equal things: the page's clock may step by 0.1 ms, more than one of them takes. */
async function each(repeats: number, one: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < repeats; i++) await one();
  return (performance.now() - start) / repeats;
}

/** Round trips of a call that carries nothing, one after the other. */
async function calls(client: GpuClient, work: DriveWork): Promise<OffloadReport['call']> {
  const idle: number[] = [];
  for (let i = 0; i < 30; i++) idle.push(await each(20, () => client.api.echo(null)));
  const busy: number[] = [];
  let driving = true;
  const drive = client.api.drive(work).finally(() => {
    driving = false;
  });
  do {
    busy.push(await each(1, () => client.api.echo(null)));
    await pause(4);
  } while (driving);
  await drive;
  return { idle: spread(idle), busy: spread(busy) };
}

async function move(client: GpuClient, bytes: number): Promise<Move> {
  const count = bytes >= 2 ** 24 ? 5 : 15;
  const repeats = bytes > 2 ** 18 ? 1 : 10;
  const measure = async (send: (buffer: ArrayBuffer) => Promise<unknown>): Promise<MoveCost> => {
    const roundTrips: number[] = [];
    const held: number[] = [];
    for (let i = -1; i < count; i++) {
      // filled before the clock starts: memory that nobody touched would be free to copy
      const buffers = Array.from({ length: repeats }, () => new Uint8Array(bytes).fill(7).buffer);
      let posting = 0;
      const trip = await each(repeats, () => {
        const start = performance.now();
        const back = send(buffers.pop() ?? new ArrayBuffer(bytes));
        posting += performance.now() - start;
        return back;
      });
      if (i < 0) continue; // the first pays for memory that is mapped then
      roundTrips.push(trip);
      held.push(posting / repeats);
    }
    return { roundTripMs: spread(roundTrips), heldMs: spread(held) };
  };
  return {
    bytes,
    copy: await measure((buffer) => client.api.echo(buffer)),
    transfer: await measure((buffer) => client.api.bounce(buffer)),
  };
}
