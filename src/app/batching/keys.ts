// The keyboard of the page, and what follows the address while it is open.

import { momentAt } from '../../views/batching/caption.ts';
import { useKeys } from '../ui/index.ts';
import {
  asking,
  chosen,
  cursor,
  mode,
  panBy,
  pauseReplay,
  pin,
  playedTo,
  playing,
  playReplay,
  playWhenAnswered,
  rowScroll,
  showRange,
  stopReplay,
  toggleAxis,
  whole,
  zoomBy,
} from './cursor.ts';
import { skipGuess } from './guess.tsx';
import { goInside, runOwn } from './on-demand.ts';
import { follow } from './shown.ts';
import { batching, drawers } from './view.ts';
import { jump, stepBy } from './walk.ts';

/** Follows address and question; returns how to stop. */
export function followTracks(): () => void {
  const stops = [follow(), playWhenAnswered(), followPresenting()];
  return () => {
    for (const stop of stops) stop();
    stopReplay();
  };
}

function followPresenting(): () => void {
  const stop = batching.view.subscribe(({ show }) => {
    if (show === 'present') document.documentElement.dataset['present'] = '';
    else delete document.documentElement.dataset['present'];
  });
  return () => {
    stop();
    delete document.documentElement.dataset['present'];
  };
}

export const togglePresenting = (): void =>
  batching.adjust({ show: batching.view.peek().show === 'present' ? '' : 'present' });

function chooseRequest(by: number): void {
  const track = chosen.peek();
  if (!track) return;
  const { request } = batching.view.peek();
  const r = request > 0 ? track.ids.indexOf(request - 1) + by : by > 0 ? 0 : track.requests - 1;
  const id = track.ids[Math.min(track.requests - 1, Math.max(0, r))];
  if (id !== undefined) batching.adjust({ request: id + 1 });
}

/** Dense tracks scroll: brings the first request that runs at the cursor into view. */
function showRunning(): void {
  const track = chosen.peek();
  const rows = document.querySelector('.track-rows');
  const content = rows?.firstElementChild;
  const place = cursor.peek();
  if (!track || place === null || !rows || !(content instanceof HTMLElement)) return;
  const { decoding, prefilling, recomputing } = momentAt(track, mode.peek(), place);
  const first = Math.min(...decoding, ...prefilling, ...recomputing);
  if (!Number.isFinite(first)) return;
  const rowHeight = content.offsetHeight / Math.max(1, track.requests);
  rowScroll.value = Math.max(0, Math.min(content.offsetHeight - rows.clientHeight, (first - 4) * rowHeight));
}

function nextDrawer(): void {
  const at = drawers.indexOf(batching.view.peek().drawer);
  batching.adjust({ drawer: drawers[(at + 1) % drawers.length] ?? '' });
}

function letGo(): void {
  if (playedTo.peek() !== null) stopReplay();
  else if (batching.view.peek().show === 'present') togglePresenting();
  else batching.adjust({ at: '', request: 0 });
}

const playOrPause = (): void => {
  if (asking.peek()) return;
  if (playing.peek()) pauseReplay();
  else playReplay();
};

export function useBatchingKeys(): void {
  useKeys('Batching', [
    { key: 'ArrowLeft', label: 'one step back', run: () => stepBy(-1) },
    { key: 'ArrowRight', label: 'one step on', run: () => stepBy(1) },
    { key: 'Shift+ArrowLeft', label: 'to the last step where someone joined or left', run: () => jump(-1) },
    { key: 'Shift+ArrowRight', label: 'to the next one', run: () => jump(1) },
    { key: 'ArrowUp', label: 'pick the request above', run: () => chooseRequest(-1) },
    { key: 'ArrowDown', label: 'pick the request below', run: () => chooseRequest(1) },
    { key: 'i', label: 'inside the step at the cursor', run: goInside },
    { key: 'Enter', label: 'pin the cursor; on a control, use it', run: () => pin(cursor.peek()) },
    { key: ' ', label: 'replay, pause', run: playOrPause },
    { key: 't', label: 'axis in time or in equal steps', run: toggleAxis },
    { key: 'w', label: 'zoom in (or Ctrl and the wheel)', run: () => zoomBy(0.6) },
    { key: 's', label: 'zoom out', run: () => zoomBy(1 / 0.6) },
    { key: 'a', label: 'move left', run: () => panBy(-0.25) },
    { key: 'd', label: 'move right', run: () => panBy(0.25) },
    { key: '0', label: 'the whole run', run: () => showRange(whole.peek()) },
    { key: 'f', label: 'scroll to the rows that run at the cursor', run: showRunning },
    { key: 'v', label: 'next drawer: curves, distributions, …', run: nextDrawer },
    { key: 'r', label: 'run it here', run: runOwn },
    { key: 'p', label: 'present: large text, two tracks', run: togglePresenting },
    { key: 'k', label: 'skip the question', run: () => (asking.peek() ? skipGuess() : undefined) },
    { key: 'Escape', label: 'end the replay, unpin, stop presenting', run: letGo },
  ]);
}
