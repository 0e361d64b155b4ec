// What the address asks for, checked: the tracks, the requests, the pool and the clock of a comparison.

import { computed, effect, signal } from '@preact/signals';
import type { Failure, Result } from '../../core/result.ts';
import { type CostModel, storedText } from '../../engine/cost-model.ts';
import { costModels } from '../../engine/devices/index.ts';
import type { DeviceReport } from '../../measure/schema.ts';
import type { Calibration, ServedModel } from '../../worker/serving/protocol.ts';
import { device } from '../gpu.ts';
import { couldServe, fitFor, isOf, shippedFor, storedAs } from './fits.ts';
import { lessons } from './lessons.ts';
import { modelFor } from './serving-model.ts';
import { isLengths, LISTED, REAL_TEXT, readNamed, readWanted, type Wanted, type WantedText } from './spec.ts';
import { loadText, textSource } from './text-source.ts';
import { batching } from './view.ts';

/** The lesson that is open, if one is. */
export const lesson = computed(() => lessons.get(batching.view.value.lesson) ?? null);

/** What decides the runs, apart from where the reader looks: the rest of the address changes with every cursor. */
const asked = computed(() => {
  const { tracks, work, pages, page, ahead } = batching.view.value;
  return JSON.stringify({ tracks, work, pages, page, ahead });
});
const askedNow = () =>
  JSON.parse(asked.value) as Pick<typeof batching.view.value, 'tracks' | 'work' | 'pages' | 'page' | 'ahead'>;

/** Keys of the tracks in view: the address's, else the lesson's, else a usual pair. */
export const trackKeys = computed((): readonly string[] => {
  const { tracks } = askedNow();
  return tracks.length > 0 ? tracks : (lesson.value?.tracks ?? ['static', 'continuous']);
});

export const workText = computed(() => askedNow().work || lesson.value?.work || '8x2,8x8,8x4,8x6');

/** The pool: the address's, else the lesson's. A workload of its own brings its own; zeros mean "as usual". */
export const pool = computed(() => {
  const { pages, page, work } = askedNow();
  const own = work === '' || isLengths(work) ? lesson.value : null;
  return { pages: pages || (own?.pages ?? 0), pageSize: page || (own?.pageSize ?? 0) };
});

/** Whatever changes what is planned is in it. */
const keyOf = (what: Pick<WantedText, 'tracks' | 'work' | 'pages' | 'pageSize' | 'lookahead'>): string =>
  [...what.tracks, what.work, `pool ${what.pages} of ${what.pageSize}`, `ahead ${what.lookahead}`].join(
    ' | ',
  );

const lookahead = computed(() => (askedNow().ahead === '1' ? 1 : 0));

/** Tells comparisons apart: only runs of the same one are held against each other. */
export const comparisonKey = computed(() =>
  keyOf({ tracks: trackKeys.value, work: workText.value, ...pool.value, lookahead: lookahead.value }),
);

/** Whether the open lesson's own comparison is asked for: with other tracks, requests or pages its text does not hold. */
export const ofLesson = computed(
  () => lesson.value !== null && comparisonKey.value === keyOf({ ...lesson.value, lookahead: 0 }),
);

/** Whether it is the open lesson's test that must find nothing. */
export const ofNullTest = computed(
  () =>
    lesson.value !== null &&
    comparisonKey.value === keyOf({ ...lesson.value, work: lesson.value.nullTest.work, lookahead: 0 }),
);

/** Fits to the reader's own devices, kept in the browser (own-run.ts). */
export const ownFits = signal<readonly Calibration[]>([]);

/** The reader's own first, then those that ship. */
export const allCosts = computed((): readonly CostModel[] => [
  ...ownFits.value.map((fit) => fit.cost),
  ...costModels.values(),
]);

/** The model that would serve these requests on a device. */
export const servedOn = ({ fallback }: Pick<DeviceReport, 'fallback'>): ServedModel => {
  const id = isLengths(workText.value) ? LISTED : readNamed(workText.value).name;
  return modelFor({ workload: { id, knobs: {} } }, fallback);
};

/**
 * The chosen coefficients; else the reader's own of what would serve here; else those that ship of it; else any fitted ones, the
 * reader's first; else an illustration.
 */
export const cost = computed((): CostModel => {
  const all = allCosts.value;
  const chosen = all.find((m) => m.id === batching.view.value.cost);
  const kind = (wanted: CostModel['provenance']['kind']) => all.find((m) => m.provenance.kind === wanted);
  const own = fitFor(ownFits.value, servedOn, device.value)?.cost;
  const shipped = shippedFor([...costModels.values()], servedOn, device.value);
  const best = chosen ?? own ?? shipped ?? kind('fitted') ?? kind('illustrative') ?? all[0];
  if (!best) throw new Error('src/engine/devices holds no cost model.');
  return best;
});

/** Where the clock in use was fitted to another model than would serve these requests: which model, and the whole of it in a sentence. */
export const clockOfOther = computed((): { readonly model: string; readonly why: string } | null => {
  const { provenance } = cost.value;
  if (provenance.kind !== 'fitted' || !provenance.stored) return null;
  const could = couldServe(servedOn, device.value);
  if (could.some((shape) => isOf(cost.value, shape))) return null;
  const serving = [...new Set(could.map((shape) => storedText(storedAs(shape))))].join(' or ');
  const why = `The virtual clock was fitted to steps of ${storedText(provenance.stored)} on ${provenance.device}, ${provenance.date}; ${serving} would serve these requests, and its steps take other times.`;
  return { model: provenance.stored.model, why };
});

effect(() => {
  if (readNamed(workText.value).name === REAL_TEXT) void loadText();
});

export const wanted = computed((): Result<Wanted, Failure> => {
  return readWanted({
    tracks: trackKeys.value,
    work: workText.value,
    ...pool.value,
    lookahead: lookahead.value,
    cost: cost.value,
    ...(textSource.value ? { text: textSource.value } : {}),
  });
});
