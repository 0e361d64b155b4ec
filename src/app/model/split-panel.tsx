// Where the time of the last step goes, op by op, when it is asked for.

import { describeSplit, SplitTable } from '../../views/model/split-table.tsx';
import { Panel } from '../ui/index.ts';
import { busy, generation, loaded, split } from './state.ts';
import { TaskStatus } from './task-status.tsx';
import { splitStep, underway } from './tasks.ts';

export function SplitPanel() {
  if (!loaded.value) return null;
  const last = generation.value?.steps.at(-1);
  const sampled = last?.tokens.some((token) => token !== null) ?? false;
  const now = split.value;
  return (
    <Panel
      title="The last step by op"
      class="split-panel"
      actions={
        <button
          type="button"
          class="small"
          disabled={!sampled || busy.value || underway.value !== null}
          onClick={() => void splitStep()}
        >
          Split the last step by op
        </button>
      }
    >
      <TaskStatus of="split" />
      {now ? (
        <div class="split-of-step">
          <SplitTable split={now} />
          <p class="quiet-text small-text">{describeSplit(now)}</p>
        </div>
      ) : (
        <p class="quiet-text small-text">
          {sampled
            ? 'Times each op apart, on the buffers of the last step, in turns with the whole step; the text can go on afterwards.'
            : 'A step that draws a token can be split: generate, or take one step at a time.'}
        </p>
      )}
    </Panel>
  );
}
