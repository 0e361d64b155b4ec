// The Batching page: the same requests under two to four strategies on one time axis, and who waits.

import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type Failure, failure } from '../../core/result.ts';
import { asking } from '../batching/cursor.ts';
import { followTracks, useBatchingKeys } from '../batching/keys.ts';
import { loadClocks } from '../batching/on-demand.ts';
import { followTheme } from '../batching/palette.ts';
import { Question } from '../batching/question.tsx';
import { RunBadge } from '../batching/run-badge.tsx';
import { type Shown, showFailure, shown } from '../batching/shown.ts';
import { Timeline } from '../batching/timeline.tsx';
import { batching } from '../batching/view.ts';
import { lesson, ofLesson } from '../batching/wanted.ts';
import { loadWords } from '../batching/words.ts';
import { later } from '../later.ts';
import type { Page } from '../page.ts';
import { chooseFiles, useDrop } from '../ui/index.ts';
import '../styles/batching.css';
import '../styles/batching-timeline.css';

const lower = signal<typeof import('../batching/lower.tsx') | null>(null);

/** Loads the lower part: at once when it is to be seen, else when nothing waits for the first picture. */
function useLower(): void {
  const now = !asking.value && shown.value !== null;
  useEffect(() => {
    const load = (): void =>
      void import('../batching/lower.tsx').then(
        (part) => {
          lower.value = part;
        },
        (error: unknown) => {
          const message = `A part of this page could not be loaded: ${String(error)}.`;
          showFailure.value = failure('not-loaded', message, 'Check the connection and reload.');
        },
      );
    if (now) load();
    else later(load);
  }, [now]);
}

async function open(files: readonly File[]): Promise<void> {
  const { openRunFiles } = await import('../batching/files-panel.tsx');
  const problem = await openRunFiles(files);
  const hint = shown.peek() ? 'The comparison below is as it was.' : 'Choose another file.';
  if (problem) showFailure.value = failure('file', problem, hint);
}

/** Run files dropped anywhere on the page are opened. */
function openDropped(dropped: DataTransfer): void {
  // taken before the first wait: afterwards the list is empty
  void open([...dropped.files]);
}

function Batching() {
  useEffect(followTheme, []);
  useEffect(followTracks, []);
  useDrop(openDropped);
  useEffect(() => later(loadClocks), []);
  const served = shown.value?.model ?? null;
  // after the picture, which does without
  useEffect(() => later(() => void loadWords(served)), [served]);
  useBatchingKeys();
  useLower();
  const comparison = shown.value;
  const failed = showFailure.value;
  return (
    <div class="batching">
      <p class="lead">
        {(ofLesson.value && lesson.value?.lead) ||
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
      {batching.view.value.from === 'file' && !shown.value && (
        <button type="button" class="primary" onClick={() => void chooseFiles('.json').then(open)}>
          Open run files
        </button>
      )}
      <button
        type="button"
        onClick={() => {
          showFailure.value = null;
          batching.go({
            tracks: [],
            work: '',
            from: 'recorded',
            result: '',
            pages: 0,
            page: 0,
            ahead: '0',
            lesson: 'joining',
          });
        }}
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
      {!asking.value && lower.value && <lower.value.Lower shown={comparison} />}
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
