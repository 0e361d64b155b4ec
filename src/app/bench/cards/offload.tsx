// What the worker buys, measured here: the same work driven from this page's thread and from the worker, and what it costs
// to move bytes between them. The runner is loaded when it is asked for; it is the only thing that holds this page up.

import { signal } from '@preact/signals';
import type { Failure } from '../../../core/result.ts';
import type { FrameStats, MoveCost, OffloadReport } from '../../../measure/offload.ts';
import { bytes, figure } from '../../../views/format.ts';
import { ask, device } from '../../gpu.ts';
import { announce, Caption, download, Panel, Progress, TableFrame } from '../../ui/index.ts';
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

function FrameRow({
  name,
  stats,
  rate,
}: {
  readonly name: string;
  readonly stats: FrameStats;
  readonly rate?: number;
}) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{figure(stats.medianMs)}</td>
      <td>{figure(stats.p99Ms)}</td>
      <td>{figure(stats.longestMs)}</td>
      <td>
        {stats.dropped} of {stats.frames + stats.dropped}
      </td>
      <td>{stats.longTasks > 0 ? figure(stats.longestTaskMs) : 'none over 50'}</td>
      <td>{rate === undefined ? '–' : figure(rate)}</td>
    </tr>
  );
}

function Frames({ from }: { readonly from: OffloadReport }) {
  return (
    <TableFrame label="Frames of this page while the GPU is driven">
      <thead>
        <tr>
          <th scope="col">Driven from</th>
          <th scope="col">frame ms</th>
          <th scope="col">p99</th>
          <th scope="col">longest</th>
          <th scope="col">dropped</th>
          <th scope="col">longest task ms</th>
          <th scope="col">dispatches/s</th>
        </tr>
      </thead>
      <tbody>
        <FrameRow name="nothing runs" stats={from.idle} />
        <FrameRow name="this page" stats={from.main.frames} rate={from.main.dispatchesPerSecond} />
        <FrameRow name="the worker" stats={from.worker.frames} rate={from.worker.dispatchesPerSecond} />
      </tbody>
    </TableFrame>
  );
}

const costs = ({ roundTripMs, heldMs }: MoveCost) => (
  <>
    <td>{figure(roundTripMs.median)}</td>
    <td>{figure(heldMs.median)}</td>
  </>
);

function Moves({ from }: { readonly from: OffloadReport }) {
  return (
    <TableFrame label="Moving a buffer to the worker and back, in milliseconds">
      <thead>
        <tr>
          <th scope="col">There and back</th>
          <th scope="col">copied, ms</th>
          <th scope="col">page held</th>
          <th scope="col">transferred, ms</th>
          <th scope="col">page held</th>
        </tr>
      </thead>
      <tbody>
        {from.moves.map((move) => (
          <tr key={move.bytes}>
            <th scope="row">{bytes(move.bytes)}</th>
            {costs(move.copy)}
            {costs(move.transfer)}
          </tr>
        ))}
      </tbody>
    </TableFrame>
  );
}

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
