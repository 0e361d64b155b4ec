// The buttons that save the chart of the figure that they stand in.

import { saveFigure } from './save-figure.ts';

interface ActionsProps {
  /** Of its file. */
  readonly name: string;
  /** What the lines are called, in their order. */
  readonly titles: readonly string[];
  /** Whose figures these are: written below a saved picture. */
  readonly source: string;
}

export function FigureActions({ name, titles, source }: ActionsProps) {
  return (
    <div class="figure-actions">
      {(['svg', 'png'] as const).map((how) => (
        <button
          key={how}
          type="button"
          class="quiet small"
          aria-label={`Save ${name} as ${how.toUpperCase()}`}
          onClick={(event) => void saveFigure(event.currentTarget, name, how, titles, source)}
        >
          {how.toUpperCase()}
        </button>
      ))}
    </div>
  );
}
