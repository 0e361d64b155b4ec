// What a task is doing, in place of the button that began it, or why it left nothing.

import { Progress } from '../ui/index.ts';
import { cancelTask, fruitless, type Task, underway } from './tasks.ts';
import { secondsLeft } from './time-left.ts';

const labels: Readonly<Record<Task, string>> = {
  split: 'Timing the step by op',
  probe: 'Probing the device',
  look: 'Looking inside',
};

export function TaskStatus({ of }: { readonly of: Task }) {
  const now = underway.value;
  if (now?.task === of)
    return now.total === 0 ? (
      <p class="task-row">
        <span class="quiet-text small-text">
          {labels[of]}: {now.what}
        </span>
        <button type="button" class="small" onClick={cancelTask}>
          Cancel
        </button>
      </p>
    ) : (
      <Progress
        label={labels[of]}
        done={now.done}
        total={now.total}
        secondsLeft={secondsLeft(now)}
        what={now.what}
        cancelLabel="Cancel"
        onCancel={cancelTask}
      />
    );
  const left = fruitless.value;
  if (left?.task !== of) return null;
  const { code, message, hint } = left.failure;
  return code === 'cancelled' ? (
    <p class="quiet-text small-text">{message}</p>
  ) : (
    <p class="run-failure" role="alert">
      <b>{message}</b> {hint}
    </p>
  );
}
