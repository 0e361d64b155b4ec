// The first thing to act on: which op, Run, and while it runs how far it is. Also what a recipe link invites to.

import { spoken } from '../../views/format.ts';
import { gpu } from '../gpu.ts';
import { Progress } from '../ui/index.ts';
import { catalog } from './catalog.ts';
import { OpSelect } from './choose-panel.tsx';
import { runningTab } from './job.ts';
import { blocked, ElsewhereNote } from './job-bar.tsx';
import { chosenShapes, chosenVersions, dtypeOf, requestOf } from './request.ts';
import { cancelRun, live, progress, run, runFailure, stopping } from './running.ts';
import { bench } from './view.ts';

/** Starts what the address describes, when it can run. */
export function startRun(): void {
  const entry = catalog.value?.get(bench.view.value.op);
  if (entry && gpu.value.kind === 'open' && !runningTab.value) void run(requestOf(entry, bench.view.value));
}

function Summary() {
  const view = bench.view.value;
  const entry = catalog.value?.get(view.op);
  if (!entry) return null;
  const versions = chosenVersions(entry, view).length;
  const shapes = [...chosenShapes(entry, view.shapes).keys()];
  const named = shapes.length > 3 ? `${shapes.length} shapes` : shapes.map(spoken).join(', ');
  return (
    <span class="quiet-text">
      {dtypeOf(entry, view.dtype)} at {named} · {versions} {versions === 1 ? 'version' : 'versions'}
      {view.tuning === 'search' ? ' · searching parameters' : ''}
    </span>
  );
}

export function RunBar() {
  const now = live.value !== null;
  const far = progress.value;
  const why = blocked();
  return (
    <>
      {bench.view.value.recipe === 'ask' && !now && (
        <p class="recipe">
          <b>A recipe.</b> This link describes a benchmark; nothing has run yet. Run it on your device, then
          copy a result link to answer.
        </p>
      )}
      <div class="run-bar">
        <OpSelect />
        {now ? (
          <Progress
            label="Benchmark"
            done={far?.done ?? 0}
            total={far?.total ?? 1}
            secondsLeft={far?.secondsLeft ?? null}
            what={stopping.value ? 'stopping after this submit' : (far?.what ?? 'starting')}
            onCancel={cancelRun}
          />
        ) : (
          <>
            <button
              type="button"
              class="primary"
              disabled={why !== null || !catalog.value?.has(bench.view.value.op) || runningTab.value !== null}
              onClick={startRun}
            >
              Run on this device
            </button>
            {why ? <span class="quiet-text">{why}</span> : runningTab.value ? <ElsewhereNote /> : <Summary />}
          </>
        )}
      </div>
      {runFailure.value && (
        <p class="run-failure" role="alert">
          <b>{runFailure.value.message}</b> {runFailure.value.hint}
        </p>
      )}
    </>
  );
}
