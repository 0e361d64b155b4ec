// What the address of the Bench page holds.

import { signal } from '@preact/signals';
import type { ResultRow } from '../../measure/schema.ts';
import { activationFormats, kvFormats, weightFormats } from '../../model/formats.ts';
import { numericsModes } from '../../model/numerics.ts';
import { type PresetName, presets } from '../../model/presets.ts';
import { type MarkEvents, rowName } from '../../views/facts.ts';
import { list, oneOf, someOf, text } from '../codec.ts';
import { pageView } from '../router.ts';

export const tunings = ['stored', 'search', 'off'] as const;
export const efforts = ['quick', 'full'] as const;
export const units = ['auto', 'gflops', 'gbps', 'ms'] as const;

export const benchTabs = ['kernels', 'attention', 'model', 'quality'] as const;
export type TabId = (typeof benchTabs)[number];
export const tabTitles: Readonly<Record<TabId, string>> = {
  kernels: 'Kernels',
  attention: 'Attention',
  model: 'Whole model',
  quality: 'Quality',
};

/** What the tabs Attention, Whole model and Quality let choose. */
export const choices = {
  phases: ['decode', 'prefill'],
  batches: ['1', '2', '4', '8', '16', '32', '64'],
  contexts: ['256', '1024', '4096', '16384', '32768'],
  groups: ['1', '2', '4', '8'],
  pages: ['8', '16', '32', '64'],
  kv: kvFormats,
  weights: weightFormats,
  numerics: numericsModes,
  configs: Object.keys(presets) as readonly PresetName[],
  activations: activationFormats,
  texts: ['10', '40', '120', '1200'],
} as const;

/** The chosen of a closed set. */
export const kept = <T extends string>(options: readonly T[], chosen: readonly string[]): readonly T[] =>
  options.filter((option) => chosen.includes(option));

export const bench = pageView('bench', {
  tab: oneOf(benchTabs),
  op: text('matmul'),
  dtype: text('f32'),
  /** Names of shapes to run; none means the op's quick ones. */
  shapes: list,
  /** Versions to run; none means all that are meant for a shape. */
  versions: list,
  tuning: oneOf(tunings),
  effort: oneOf(efforts),
  /** The shape in view; empty: the largest that has results. */
  show: text(),
  /** The row in view, by version or peer; empty: the best. */
  row: text(),
  unit: oneOf(units),
  /** The run in view; empty: the newest of the reader's own, else a recorded one. */
  run: text(),
  /** A run carried by the link itself. */
  result: text(),
  /** Of the tabs Attention and Whole model. */
  phases: someOf(choices.phases, ['decode']),
  batches: someOf(choices.batches, ['1', '8']),
  contexts: someOf(choices.contexts, ['256', '1024']),
  groups: someOf(choices.groups, ['4']),
  pages: someOf(choices.pages, ['16']),
  kv: someOf(choices.kv, ['f32']),
  weights: someOf(choices.weights, ['f32', 'i8-row']),
  activations: someOf(choices.activations, ['f32']),
  numerics: someOf(choices.numerics, ['canonical', 'fast']),
  configs: someOf(choices.configs, ['nano']),
  /** Of the tab Quality: how weights, inputs of matrices, K and V are stored, and how many documents are read. */
  ways: someOf(choices.weights, ['f32', 'f16', 'i8-row', 'i8-g32']),
  inputs: someOf(choices.activations, ['f32', 'i8']),
  caches: someOf(choices.kv, ['f32', 'i8']),
  texts: oneOf(choices.texts),
  /** The attention chart or the step split in view; empty: the first. */
  chart: text(),
  /** `ask`: the link invites to run this here. */
  recipe: oneOf(['', 'ask']),
});

/** The Step page on a version, with inputs of its own small shape. */
export const stepLink = (op: string, version: string, dtype: string): string =>
  `#/step?kernel=${op}/${version}${dtype === 'f16' ? '&dtype=f16' : ''}`;

/** The row under the pointer or the focus. */
export const previewed = signal<ResultRow | null>(null);

/** How marks in charts act on the page: hover and focus preview, a click goes to the row. */
export const marks: MarkEvents = {
  preview: (row) => {
    previewed.value = row;
  },
  link: (row) => bench.link({ op: row.op, dtype: row.dtype, show: row.shape, row: rowName(row) }),
};
