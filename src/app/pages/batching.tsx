// The Batching page: the same requests under two to four strategies on one time axis, and who waits.

import { useEffect } from 'preact/hooks';
import { CaptionPanel } from '../batching/caption.tsx';
import { ChoosePanel } from '../batching/choose.tsx';
import { DrawerPanel } from '../batching/drawer.tsx';
import { followTracks, useBatchingKeys } from '../batching/keys.ts';
import { PagesPanel } from '../batching/pages-panel.tsx';
import { followTheme } from '../batching/palette.ts';
import { Doors, Question } from '../batching/question.tsx';
import { RunBadge, RunBar } from '../batching/run-bar.tsx';
import { showFailure, shown } from '../batching/shown.ts';
import { SummaryPanel } from '../batching/summary-panel.tsx';
import { TextForm } from '../batching/text-form.tsx';
import { Timeline } from '../batching/timeline.tsx';
import { batching } from '../batching/view.ts';
import { lesson } from '../batching/wanted.ts';
import type { Page } from '../page.ts';
import '../styles/batching.css';

function Batching() {
  useEffect(followTheme, []);
  useEffect(followTracks, []);
  useBatchingKeys();
  const comparison = shown.value;
  const failed = showFailure.value;
  return (
    <div class="batching">
      <p class="lead">
        {lesson.value?.lead ??
          'The same requests, served under different strategies. Every cell is a step of the engine.'}
      </p>
      {failed && (
        <div class="run-failure" role="alert">
          <p>
            <b>{failed.message}</b> {failed.hint}
          </p>
          <button
            type="button"
            onClick={() =>
              batching.go({ tracks: [], work: '', from: 'recorded', result: '', pages: 0, page: 0 })
            }
          >
            Back to the first comparison
          </button>
        </div>
      )}
      {comparison && (
        <>
          <RunBadge shown={comparison} />
          <Question shown={comparison} />
          <Timeline shown={comparison} />
          <RunBar shown={comparison} />
          <div class="batching-below">
            <div>
              <CaptionPanel />
              <SummaryPanel shown={comparison} />
              <Doors shown={comparison} />
            </div>
            <PagesPanel shown={comparison} />
          </div>
          <DrawerPanel />
          <ChoosePanel shown={comparison} />
          <TextForm shown={comparison} />
        </>
      )}
    </div>
  );
}

const page: Page = {
  id: 'batching',
  title: 'Batching',
  question: 'Same requests. Who waits?',
  component: Batching,
};
export default page;
