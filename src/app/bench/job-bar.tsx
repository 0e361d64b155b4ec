// The run button, progress and problem of a tab's benchmark.

import { gpu } from '../gpu.ts';
import { Progress } from '../ui/index.ts';
import { type Job, runningTab } from './job.ts';
import { bench, tabTitles } from './view.ts';

export interface JobBarProps {
  readonly job: Pick<Job<unknown>, 'tab' | 'progress' | 'problem' | 'running' | 'stop'>;
  /** Why it cannot run; empty when it can. */
  readonly obstacle: string;
  readonly onRun: () => void;
  readonly note: string;
}

/** Why Run cannot be pressed; null when it can. */
export function blocked(): string | null {
  switch (gpu.value.kind) {
    case 'open':
      return null;
    case 'idle':
    case 'opening':
      return 'waiting for the GPU';
    case 'failed':
    case 'lost':
    case 'dead':
      return 'needs a GPU: see above';
  }
}

/** That another tab measures, and the way to it: its progress and its cancel button are there. */
export function ElsewhereNote() {
  const tab = runningTab.value;
  return (
    tab && (
      <span class="quiet-text small-text" role="status">
        One benchmark at a time: <a href={bench.link({ tab })}>{tabTitles[tab]}</a> is being measured.
      </span>
    )
  );
}

export function JobBar({ job, obstacle, onRun, note }: JobBarProps) {
  const now = job.progress.value;
  const failed = job.problem.value;
  const why = blocked();
  return (
    <>
      {job.running.value ? (
        <Progress
          label={tabTitles[job.tab]}
          done={now?.done ?? 0}
          total={now?.total ?? 1}
          secondsLeft={now?.secondsLeft ?? null}
          what={now?.what ?? 'starting'}
          onCancel={job.stop}
        />
      ) : (
        <p class="job-bar">
          <button
            type="button"
            class="primary"
            disabled={why !== null || runningTab.value !== null || obstacle !== ''}
            onClick={onRun}
          >
            Run on this device
          </button>
          {runningTab.value ? (
            <ElsewhereNote />
          ) : (
            <span class="quiet-text small-text">{why || obstacle || note}</span>
          )}
        </p>
      )}
      {failed && (
        <p class="run-failure" role="alert">
          <b>{failed.message}</b> {failed.hint}
        </p>
      )}
    </>
  );
}
