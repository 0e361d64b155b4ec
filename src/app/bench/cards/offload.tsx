// What the worker buys, measured here: the same work driven from this page's thread and from the worker, and what it costs
// to move bytes between them. The runner is loaded when it is asked for; it is the only thing that holds this page up.

import { signal } from '@preact/signals';
import type { Failure } from '../../../core/result.ts';
import type { FrameStats, OffloadReport } from '../../../measure/offload.ts';
import { bytes, figure } from '../../../views/format.ts';
import { ask, device } from '../../gpu.ts';
import { announce, Caption, type Column, DataTable, download, Panel, Progress } from '../../ui/index.ts';
import type { Card } from '../cards.tsx';
import { runningTab } from '../job.ts';

interface Going {
  readonly done: number;
  readonly total: number;
  readonly what: string;
}

const going = signal<Going | null>(null);
const report = signal<OffloadReport | null>(null);
const problem = signal<Failure | null>(null);
let stop = false;

async function measure(): Promise<void> {
  stop = false;
  problem.value = null;
  going.value = { done: 0, total: 1, what: 'loading' };
  const ended = await ask(async (client) => {
    const { runOffload } = await import('../../../worker/offload/run.ts');
    return runOffload(client, {
      want: 'auto',
      turns: 2,
      command: 'the Bench page, what the worker buys',
      say: (done, total, what) => {
        going.value = { done, total, what };
      },
      stopped: () => stop,
    });
  });
  going.value = null;
  if (ended.ok) report.value = ended.value;
  else if (ended.error.code !== 'cancelled') problem.value = ended.error;
  announce(ended.ok ? 'Measured both threads.' : ended.error.message);
}

interface Driven {
  readonly from: string;
  readonly stats: FrameStats;
  readonly rate?: number;
}

const frameColumns: readonly Column<Driven>[] = [
  { head: 'Driven from', cell: ({ from }) => from },
  { head: 'frame ms', cell: ({ stats }) => figure(stats.medianMs) },
  { head: 'p99', cell: ({ stats }) => figure(stats.p99Ms) },
  { head: 'longest', cell: ({ stats }) => figure(stats.longestMs) },
  { head: 'dropped', cell: ({ stats }) => `${stats.dropped} of ${stats.frames + stats.dropped}` },
  {
    head: 'longest task ms',
    cell: ({ stats }) => (stats.longTasks > 0 ? figure(stats.longestTaskMs) : 'none over 50'),
  },
  { head: 'dispatches/s', cell: ({ rate }) => (rate === undefined ? '–' : figure(rate)) },
];

const Frames = ({ from: { idle, main, worker } }: { readonly from: OffloadReport }) => (
  <DataTable
    label="Frames of this page while the GPU is driven"
    columns={frameColumns}
    rows={[
      { from: 'nothing runs', stats: idle },
      { from: 'this page', stats: main.frames, rate: main.dispatchesPerSecond },
      { from: 'the worker', stats: worker.frames, rate: worker.dispatchesPerSecond },
    ]}
    keyOf={({ from }) => from}
  />
);

type Move = OffloadReport['moves'][number];

const moveColumns: readonly Column<Move>[] = [
  { head: 'There and back', cell: (move) => bytes(move.bytes) },
  { head: 'copied, ms', cell: ({ copy }) => figure(copy.roundTripMs.median) },
  { head: 'page held', cell: ({ copy }) => figure(copy.heldMs.median) },
  { head: 'transferred, ms', cell: ({ transfer }) => figure(transfer.roundTripMs.median) },
  { head: 'page held', cell: ({ transfer }) => figure(transfer.heldMs.median) },
];

const Moves = ({ from }: { readonly from: OffloadReport }) => (
  <DataTable
    label="Moving a buffer to the worker and back, in milliseconds"
    columns={moveColumns}
    rows={from.moves}
    keyOf={(move) => move.bytes}
  />
);

/** One sentence that reads the first table. */
function reading({ main, worker: off }: OffloadReport): string {
  const task = (stats: FrameStats): string =>
    stats.longTasks > 0
      ? `held the page for up to ${figure(stats.longestTaskMs)} ms`
      : 'never held the page for 50 ms';
  return `Driven from this page, the work ${task(main.frames)} and cost ${main.frames.dropped} frames; driven from the worker it ${task(off.frames)} and cost ${off.frames.dropped}.`;
}

function Findings({ from }: { readonly from: OffloadReport }) {
  const { call } = from;
  return (
    <div class="findings">
      {from.invalid.map((why) => (
        <p key={why} class="run-failure" role="alert">
          Not to be trusted: {why}.
        </p>
      ))}
      <Caption>{reading(from)}</Caption>
      <Frames from={from} />
      <p class="quiet-text">
        A call takes {figure(call.idle.median)} ms, {figure(call.busy.median)} ms while the worker drives the
        GPU (medians).
      </p>
      <Moves from={from} />
    </div>
  );
}

function Offload() {
  const now = going.value;
  const from = report.value;
  return (
    <Panel
      title="What the worker buys"
      note="the same rounds of work driven from this page and from the worker, in turns"
      actions={
        from &&
        !now && (
          <button
            type="button"
            onClick={() =>
              download(`lockstep-offload-${from.date.slice(0, 10)}.json`, JSON.stringify(from, null, 1))
            }
          >
            Download JSON
          </button>
        )
      }
    >
      {now ? (
        <Progress
          label="What the worker buys"
          done={now.done}
          total={now.total}
          secondsLeft={null}
          what={now.what}
          cancelLabel="Cancel"
          onCancel={() => {
            stop = true;
          }}
        />
      ) : (
        <p>
          <button
            type="button"
            disabled={!device.value || runningTab.value !== null}
            onClick={() => void measure()}
          >
            Measure here
          </button>{' '}
          <span class="quiet-text">about 15 s; the page will stutter: that is the point</span>
        </p>
      )}
      {problem.value && (
        <p class="run-failure" role="alert">
          <b>{problem.value.message}</b> {problem.value.hint}
        </p>
      )}
      {from && <Findings from={from} />}
    </Panel>
  );
}

const card: Card = { id: 'offload', component: Offload };
export default card;
