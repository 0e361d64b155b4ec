// What the address of the Step page holds: the kernel, its inputs, the run's settings, the cursor and the layout.

import { list, oneOf, text, type View, whole } from '../codec.ts';
import { pageView } from '../router.ts';

export const subgroupSizes = ['32', '4', '8', '16', '64'] as const;
export const orders = ['round-robin', 'sequential', 'adversarial', 'seeded'] as const;
export const fills = ['normal', 'iota', 'outliers', 'special', 'zeros'] as const;
export const drawers = [
  'findings',
  'counters',
  'memory',
  'watch',
  'origin',
  'compare',
  'breakpoints',
  'pages',
  'int8',
  'gpu',
] as const;
export type Drawer = (typeof drawers)[number];

/** The kernel of a page without one in its address: the case that the page's question is about. */
export const firstKernel = 'matmul/02_shared_tile';
/** The kernel id of what a person pasted. */
export const ownKernel = 'own';

const schema = {
  /** `op/version`, or `own`. */
  kernel: text(firstKernel),
  dtype: oneOf(['f32', 'f16']),
  /** `m=32,n=32,k=32`; empty: the shape that the op offers for stepping. */
  dims: text(),
  /** `TILE=8`; empty: the version's defaults. */
  params: text(),
  fill: oneOf(fills),
  seed: whole(1, 0, 2 ** 31),
  pass: whole(0, 0, 15),
  /** The workgroup in view, x fastest. */
  wg: whole(0, 0, 2 ** 26),
  sg: oneOf(subgroupSizes),
  order: oneOf(orders),
  /** The cursor; empty: the first statement that touches memory. */
  t: text(),
  lane: whole(0, 0, 1023),
  /** 1: stepping moves with that lane alone. */
  follow: whole(0, 0, 1),
  /** Memories shown beside the one that chooses itself. */
  mem: list,
  watch: list,
  breaks: list,
  /** Lines that are struck out. */
  strike: list,
  /** An edited or own source, packed. */
  src: text(),
  /** The fills of an own kernel's bindings, packed. */
  own: text(),
  /** The captured dispatch that is shown (captures.ts); `kernel` is then its kernel. */
  capture: text(),
  /** The picked cell: `c:3,4`. */
  cell: text(),
  /** The version whose counters stand beside this one's. */
  compare: text(),
  /** Which passes of the two are compared, `mine:its`; empty: the sums of all. */
  passes: text(),
  /** 1: counters by line over all passes of the kernel, 0: of the pass in view. */
  allpasses: whole(0, 0, 1),
  drawer: oneOf(drawers),
  tour: text(),
  stop: whole(0, 0, 99),
};

export type StepView = View<typeof schema>;
export const step = pageView('step', schema);

/** What of the address belongs to one kernel alone: its shape, edits, cursor and picks, as they begin. */
export const fresh = {
  dims: '',
  params: '',
  pass: 0,
  wg: 0,
  t: '',
  passes: '',
  mem: [],
  watch: [],
  breaks: [],
  strike: [],
  src: '',
  own: '',
  capture: '',
  cell: '',
  tour: '',
  stop: 0,
} satisfies Partial<StepView>;

/** `m=32,n=16` as numbers; null when it is not that. */
export function readNumbers(list: string): Readonly<Record<string, number>> | null {
  const out: Record<string, number> = {};
  for (const part of list.split(',').filter(Boolean)) {
    const [name = '', value = ''] = part.split('=');
    const number = Number(value);
    if (!/^\w+$/.test(name) || value.trim() === '' || !Number.isFinite(number)) return null;
    out[name] = number;
  }
  return out;
}

export const writeNumbers = (values: Readonly<Record<string, number>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
