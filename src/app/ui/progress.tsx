// Progress of something long: how far, what now, how much longer, and a way out that keeps what is done.

import { duration } from '../../views/format.ts';

export interface ProgressProps {
  /** What is going on, for screen readers: `Benchmark`. */
  readonly label: string;
  readonly done: number;
  readonly total: number;
  readonly secondsLeft: number | null;
  readonly what: string;
  readonly cancelLabel?: string;
  readonly onCancel: () => void;
}

export function Progress(props: ProgressProps) {
  const { done, total, secondsLeft, what } = props;
  return (
    <div class="progress">
      <progress max={Math.max(1, total)} value={done} aria-label={props.label} />
      <p class="progress-text">
        <span class="progress-what">{what}</span>
        <span class="progress-left">{secondsLeft === null ? '' : `${duration(secondsLeft)} left`}</span>
      </p>
      <button type="button" onClick={props.onCancel}>
        {props.cancelLabel ?? 'Cancel, keep these'}
      </button>
    </div>
  );
}
