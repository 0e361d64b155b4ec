// What the address of the Batching page holds: everything needed to see the same picture again.

import { AXIS_MODES } from '../../views/batching/axis.ts';
import { list, oneOf, text, whole } from '../codec.ts';
import { pageView } from '../router.ts';

export const sources = ['recorded', 'virtual', 'yours', 'file', 'link'] as const;
export const drawers = ['', 'curves', 'spread', 'frontier', 'formulas', 'clock', 'files'] as const;
export type Drawer = (typeof drawers)[number];
export const doors = ['', 'wait', 'gap', 'step'] as const;

export const batching = pageView('batching', {
  /** Whose runs are shown. */
  from: oneOf(sources),
  /** A lesson's id; `none` for the page alone. */
  lesson: text('joining'),
  /** Keys of the tracks (spec.ts); none means the lesson's. */
  tracks: list,
  /** Lengths of the requests (spec.ts), or a workload with its knobs; empty means the lesson's. */
  work: text(),
  /** Pages of the pool; 0 fits all requests. */
  pages: whole(0, 0, 1_000_000),
  /** Tokens a page; 0 means the lesson's, else 16. */
  page: whole(0, 0, 64),
  /** A cost model; empty means the best there is. */
  cost: text(),
  ahead: oneOf(['0', '1']),
  axis: oneOf(AXIS_MODES),
  /** Part of the axis in view, `from~to` in its unit. */
  zoom: list,
  /** The pinned place on the axis. */
  at: text(),
  /** The pinned request, by its number. */
  request: whole(0, 0, 1_000_000_000),
  /** Steps that the reader guessed, in the order of the lesson's marks; `skip` when none was given. */
  guess: list,
  door: oneOf(doors),
  /** The track that is looked into, and that keys and clicks act on. */
  lane: whole(0, 0, 3),
  drawer: oneOf(drawers),
  /** What the metrics are held against (objectives.tsx): `ttft:200`, `tpot:50`, `price:0.4`, `watts:65`. */
  goals: list,
  show: oneOf(['', 'present']),
  /** How many generated requests a run on the GPU serves: as many as fit into some seconds, or all. */
  size: oneOf(['short', 'all']),
  /** Whether runs on the GPU are drawn while they go on. */
  live: oneOf(['on', 'off']),
  /** A comparison that the link itself carries. */
  result: text(),
});

/** How a change enters the history: as an entry of its own, or in place of the one at hand. */
export type Move = 'go' | 'adjust';
