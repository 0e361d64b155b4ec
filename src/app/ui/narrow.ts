// Whether the page is narrow (a phone): for what differs in structure, not only in style.

import { signal } from '@preact/signals';

const query = matchMedia('(max-width: 760px)');

export const narrow = signal(query.matches);
query.addEventListener('change', () => {
  narrow.value = query.matches;
});
