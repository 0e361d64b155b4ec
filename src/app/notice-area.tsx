// Draws what stands in the way of the GPU, and what went wrong in the page, below the header, with what to do about it.

import { notices, openGpu } from './gpu.ts';
import { mishap } from './mishaps.ts';
import type { Notice } from './notices.ts';

const labels = { retry: 'Try again', dismiss: 'Understood', reload: 'Reload the page' } as const;

function take(offer: Notice['offers'][number], notice: Notice): void {
  switch (offer) {
    case 'retry':
      void openGpu();
      return;
    case 'dismiss':
      if (notice.id === mishap.shown?.id) mishap.dismiss();
      else notices.dismiss(notice.id);
      return;
    case 'reload':
      location.reload();
  }
}

export function NoticeArea() {
  const all = mishap.shown ? [...notices.shown.value, mishap.shown] : notices.shown.value;
  return (
    <div class="notices" aria-live="polite">
      {all.map((notice) => (
        <section
          key={notice.id}
          class={`notice ${notice.kind}`}
          aria-label={notice.title}
          data-notice={notice.id}
        >
          <div>
            <h2>{notice.title}</h2>
            <p>{notice.text}</p>
            <ul>
              {notice.todo.map((step) => (
                <li key={step}>{step}</li>
              ))}
            </ul>
          </div>
          <div class="notice-offers">
            {notice.offers.map((offer) => (
              <button key={offer} type="button" onClick={() => take(offer, notice)}>
                {labels[offer]}
              </button>
            ))}
          </div>
        </section>
      ))}
    </div>
  );
}
