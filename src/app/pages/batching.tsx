// The Batching page: the same requests under two to four strategies on one time axis, and who waits.

import { useEffect } from 'preact/hooks';
import type { Failure } from '../../core/result.ts';
import { CaptionPanel } from '../batching/caption.tsx';
import { ChoosePanel } from '../batching/choose.tsx';
import { asking } from '../batching/cursor.ts';
import { DrawerPanel } from '../batching/drawer.tsx';
import { openRunFiles } from '../batching/files-panel.tsx';
import { InsidePanel } from '../batching/inside-panel.tsx';
import { followTracks, useBatchingKeys } from '../batching/keys.ts';
import { loadClocks } from '../batching/own-run.ts';
import { PagesPanel } from '../batching/pages-panel.tsx';
import { followTheme } from '../batching/palette.ts';
import { Doors, Question } from '../batching/question.tsx';
import { RunBadge, RunBar } from '../batching/run-bar.tsx';
import { type Shown, showFailure, shown } from '../batching/shown.ts';
import { SummaryPanel } from '../batching/summary-panel.tsx';
import { TextForm } from '../batching/text-form.tsx';
import { Timeline } from '../batching/timeline.tsx';
import { batching } from '../batching/view.ts';
import { lesson } from '../batching/wanted.ts';
import { loadWords } from '../batching/words.ts';
import { later } from '../later.ts';
import type { Page } from '../page.ts';
import { announce } from '../ui/index.ts';
import '../styles/batching.css';
import '../styles/batching-choose.css';
import '../styles/batching-figures.css';
import '../styles/batching-timeline.css';

/** Run files dropped anywhere on the page are opened. */
function openDropped(): () => void {
  const over = (event: DragEvent): void => event.preventDefault();
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    void openRunFiles([...(event.dataTransfer?.files ?? [])]).then(announce);
  };
  document.addEventListener('dragover', over);
  document.addEventListener('drop', drop);
  return () => {
    document.removeEventListener('dragover', over);
    document.removeEventListener('drop', drop);
  };
}

function Batching() {
  useEffect(followTheme, []);
  useEffect(followTracks, []);
  useEffect(openDropped, []);
  useEffect(() => void loadClocks(), []);
  const served = shown.value?.model ?? null;
  // after the picture, which does without
  useEffect(() => later(() => void loadWords(served).catch(() => undefined)), [served]);
  useBatchingKeys();
  const comparison = shown.value;
  const failed = showFailure.value;
  return (
    <div class="batching">
      <p class="lead">
        {lesson.value?.lead ??
          'The same requests, served under different strategies. Every cell is a step of the engine.'}
      </p>
      {failed && <Failed failure={failed} />}
      {comparison && <Comparison shown={comparison} />}
    </div>
  );
}

function Failed({ failure }: { readonly failure: Failure }) {
  return (
    <div class="run-failure" role="alert">
      <p>
        <b>{failure.message}</b> {failure.hint}
      </p>
      <button
        type="button"
        onClick={() =>
          batching.go({
            tracks: [],
            work: '',
            from: 'recorded',
            result: '',
            pages: 0,
            page: 0,
            lesson: 'joining',
          })
        }
      >
        Back to the first comparison
      </button>
    </div>
  );
}

function Comparison({ shown: comparison }: { readonly shown: Shown }) {
  return (
    <>
      <RunBadge shown={comparison} />
      <Question shown={comparison} />
      <Timeline shown={comparison} />
      {!asking.value && (
        <>
          <RunBar shown={comparison} />
          <div class="batching-below">
            <div>
              <CaptionPanel shown={comparison} />
              <SummaryPanel shown={comparison} />
              <Doors shown={comparison} />
            </div>
            <PagesPanel shown={comparison} />
          </div>
          <InsidePanel shown={comparison} />
          {!comparison.running && (
            <>
              <DrawerPanel shown={comparison} />
              <ChoosePanel shown={comparison} />
              <TextForm shown={comparison} />
            </>
          )}
        </>
      )}
    </>
  );
}

const page: Page = {
  id: 'batching',
  title: 'Batching',
  question: 'Same requests. Who waits?',
  component: Batching,
};
export default page;
