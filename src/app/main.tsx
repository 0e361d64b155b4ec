// Starts the page: first the frame, then (idle) the glossary and the service worker. No GPU is touched here.

import { render } from 'preact';
import { loadGlossary } from './glossary.ts';
import { worker } from './gpu.ts';
import { later } from './later.ts';
import { watchMishaps } from './mishaps.ts';
import { Shell } from './shell.tsx';
import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/ui.css';
import './styles/charts.css';
import './styles/code.css';

const root = document.getElementById('app');
if (!root) throw new Error('index.html has no element with the id "app".');
watchMishaps(window);
render(<Shell />, root);

// for the console: `const { api } = await lockstep.worker()`, then `api.loseDevice()`
Object.assign(globalThis, { lockstep: { worker } });

later(() => void loadGlossary());
if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  // keeps pages and recorded runs usable offline; without it (a blocked setting) the site works online
  later(
    () => void navigator.serviceWorker.register(new URL('sw.js', document.baseURI)).catch(() => undefined),
  );
}
