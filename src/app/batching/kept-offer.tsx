// Runs of a comparison whose tab was closed or reloaded: to open as they are, or to discard.

import { batch } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { day } from '../../views/format.ts';
import { announce } from '../ui/index.ts';
import { accept, discard, type Early, early, readEarly } from './kept.ts';
import { ownRuns } from './shown.ts';
import { titlesOf } from './titles.ts';
import { batching } from './view.ts';

async function open(kept: Early): Promise<void> {
  const own = await accept(kept);
  if (!own) {
    announce('The runs that were kept cannot be read by this version.');
    return;
  }
  batch(() => {
    ownRuns.value = new Map(ownRuns.value).set(kept.head.key, own);
    batching.go({ ...kept.head.view, from: 'yours', at: '', zoom: [], result: '' });
  });
  announce('The runs that were kept are shown.');
}

const titles = ({ head }: Early): string => [...titlesOf(head.tracks).values()].join('; ');

export function KeptOffer() {
  useEffect(() => void readEarly(), []);
  return (
    <>
      {early.value.map((kept) => (
        <div key={kept.head.id} class="kept-offer batching-bar" role="status">
          <p>
            <b>
              Ended early: {kept.runs} {kept.runs === 1 ? 'run' : 'runs'} kept
              {kept.cut && (kept.runs === 1 ? ', cut short' : ', the last one cut short')}
            </b>{' '}
            of {titles(kept)}, measured here on {day(kept.head.id.split(' ')[0] ?? '')} until the tab was
            closed or reloaded.
          </p>
          <button type="button" onClick={() => void open(kept)}>
            Open {kept.runs === 1 ? 'it' : 'them'}
          </button>
          <button type="button" class="quiet" onClick={() => void discard(kept)}>
            Discard
          </button>
        </div>
      ))}
    </>
  );
}
