// The lower part of the page: running it here, the caption, figures, pages, and what goes deeper. Not there while the question
// waits for its answer, so that it is loaded after the first picture.

import { CaptionPanel } from './caption.tsx';
import { ChoosePanel } from './choose.tsx';
import { Doors } from './doors.tsx';
import { DrawerPanel } from './drawer.tsx';
import { InsidePanel } from './inside-panel.tsx';
import { KeptOffer } from './kept-offer.tsx';
import { PagesPanel } from './pages-panel.tsx';
import { RunBar } from './run-bar.tsx';
import type { Shown } from './shown.ts';
import { SummaryPanel } from './summary-panel.tsx';
import { TextForm } from './text-form.tsx';
import '../styles/batching-choose.css';
import '../styles/batching-figures.css';

export function Lower({ shown }: { readonly shown: Shown }) {
  return (
    <>
      {!shown.running && <KeptOffer />}
      <RunBar shown={shown} />
      <div class="batching-below">
        <div>
          <CaptionPanel shown={shown} />
          <SummaryPanel shown={shown} />
          <Doors shown={shown} />
        </div>
        <PagesPanel shown={shown} />
      </div>
      <InsidePanel shown={shown} />
      {!shown.running && (
        <>
          <DrawerPanel shown={shown} />
          <ChoosePanel shown={shown} />
          <TextForm shown={shown} />
        </>
      )}
    </>
  );
}
