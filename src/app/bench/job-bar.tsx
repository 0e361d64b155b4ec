// The run button, progress and problem of a tab's benchmark.

import { device } from '../gpu.ts';
import { Progress } from '../ui/index.ts';
import type { Job } from './job.ts';
import { live } from './running.ts';

export interface JobBarProps {
  readonly job: Pick<Job<unknown>, 'progress' | 'problem' | 'running' | 'stop'>;
  readonly label: string;
  /** Why it cannot run; empty when it can. */
  readonly obstacle: string;
  readonly onRun: () => void;
  readonly note: string;
}

export function JobBar({ job, label, obstacle, onRun, note }: JobBarProps) {
  const now = job.progress.value;
  const failed = job.problem.value;
  return (
    <>
      {job.running.value ? (
        <Progress
          label={label}
          done={now?.done ?? 0}
          total={now?.total ?? 1}
          secondsLeft={now?.secondsLeft ?? null}
          what={now?.what ?? 'starting'}
          onCancel={job.stop}
        />
      ) : (
        <p>
          <button
            type="button"
            class="primary"
            disabled={!device.value || live.value !== null || obstacle !== ''}
            onClick={onRun}
          >
            Run on this device
          </button>{' '}
          <span class="quiet-text small-text">{obstacle || note}</span>
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
