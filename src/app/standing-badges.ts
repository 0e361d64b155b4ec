// How a badge takes what the probe of batch invariance found.

import type { Standing } from '../model/probe-report.ts';

export const standingBadges = {
  kept: 'good',
  'fell back': 'warn',
  'still differs': 'bad',
  'not promised': 'warn',
} as const satisfies Record<Standing, string>;
