// Which model is chosen (a trained one from the box, a shape with generated weights, or a dropped checkpoint), and what it
// would take of the device.

import { computed, effect, signal } from '@preact/signals';
import { messageOf } from '../../core/message-of.ts';
import { type Failure, failure } from '../../core/result.ts';
import { type BuiltIn, builtIns } from '../../model/built-in.ts';
import type { ModelConfig } from '../../model/config.ts';
import { modelFolder } from '../../model/model-folder.ts';
import { type PresetName, presets } from '../../model/presets.ts';
import type {
  CheckpointFile,
  GenerateEstimate,
  GenerateModel,
  GenerateSource,
} from '../../worker/generate/protocol.ts';
import { ask, device, gpu } from '../gpu.ts';
import { announce } from '../ui/index.ts';
import { model } from './view.ts';
import { byteVocabulary, stopsOf, tokenizerVocabulary, type Vocabulary } from './vocabulary.ts';

export interface Dropped {
  readonly name: string;
  readonly files: readonly CheckpointFile[];
  readonly vocabulary: Vocabulary | null;
  /** What is odd about it without being in the way: a tokenizer that cannot be read. */
  readonly note: string;
}

/** The dropped checkpoint; null while a shape is chosen. Files cannot be in an address. */
export const dropped = signal<Dropped | null>(null);

/** The model in the box that is chosen, if it is one. */
export const trained = computed(() => (dropped.value ? undefined : builtIns.get(model.view.value.config)));
/** Weights from a seed: text is noise, and says so. */
export const noise = computed(() => !dropped.value && !trained.value);

const shape = (name: string): ModelConfig =>
  presets[Object.hasOwn(presets, name) ? (name as PresetName) : 'nano'];

function chosenSource(): GenerateSource {
  const files = dropped.value;
  if (files) return { kind: 'files', name: files.name, files: files.files };
  if (trained.value) return { kind: 'built-in', name: trained.value.name };
  const { config, wseed } = model.view.value;
  return { kind: 'seeded', config: shape(config), seed: wseed };
}

/** Files are the same when they came in one drop: their names and sizes say nothing of what is in them. */
const sameSource = (a: GenerateSource, b: GenerateSource): boolean =>
  a.kind === 'files' && b.kind === 'files' ? a.files === b.files : JSON.stringify(a) === JSON.stringify(b);

/** Whether two choices are one. */
export const sameChoice = (a: GenerateModel, b: GenerateModel): boolean =>
  sameSource(a.source, b.source) &&
  JSON.stringify({ ...a, source: null }) === JSON.stringify({ ...b, source: null });

export const wanted = computed((): GenerateModel => {
  const v = model.view.value;
  return {
    source: chosenSource(),
    options: {
      weights: v.weights,
      activations: v.activations,
      kv: v.kv,
      kernels: 'auto',
      numerics: v.numerics,
    },
    window: Number(v.window),
    ...(v.kvmib > 0 ? { kvBudget: v.kvmib * 2 ** 20 } : {}),
    pageSize: Number(v.page),
  };
});

export type Estimated =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'known'; readonly estimate: GenerateEstimate }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** There is no GPU to load anything on: it was asked for, and the notice above the page says what to do. */
export const noGpu = computed((): boolean => !['idle', 'opening', 'open'].includes(gpu.value.kind));

/** What the chosen model would take here. */
export const estimated = signal<Estimated>({ kind: 'unknown' });

/** Why it does not fit; null when it does or nothing is known yet. */
export const misfit = computed((): Failure | null => {
  const e = estimated.value;
  if (e.kind === 'failed') return e.failure;
  return e.kind === 'known' ? e.estimate.misfit : null;
});

/** Whether the choice can be loaded, as far as is known. */
export const loadable = computed(() => estimated.value.kind === 'known' && misfit.value === null);

/** Of the models in the box, once read; `estimated` is not known before the chosen one's. */
const ownVocabularies = signal<ReadonlyMap<string, Vocabulary>>(new Map());

export const vocabulary = computed((): Vocabulary => {
  const e = estimated.value;
  const size = e.kind === 'known' ? e.estimate.config.vocab : shape(model.view.value.config).vocab;
  const own = trained.value && ownVocabularies.value.get(trained.value.name);
  return dropped.value?.vocabulary ?? own ?? byteVocabulary(size);
});

async function readVocabulary(of: BuiltIn | undefined): Promise<void> {
  if (!of || ownVocabularies.value.has(of.name)) return;
  const read = await tokenizerVocabulary(await of.tokenizer(), {}, [of.end]);
  ownVocabularies.value = new Map(ownVocabularies.value).set(of.name, read);
}

const notRead = (name: string, error: unknown): Failure =>
  failure(
    'no-tokenizer',
    `The tokenizer of ${name} could not be read: ${messageOf(error)}.`,
    'Check the connection and choose it again.',
  );

/** Keeps `estimated` up to date while the page is shown. */
export function followChoice(): () => void {
  let round = 0;
  let before: GenerateSource | undefined;
  return effect(() => {
    const want = wanted.value;
    const own = trained.value;
    const mine = ++round;
    // what is known of one way of storing a model may stand until the next is; of another model it may not
    if (!before || !sameSource(before, want.source)) estimated.value = { kind: 'unknown' };
    before = want.source;
    // the tokenizer is there before the device is, so that the first click waits for neither
    const spelling = readVocabulary(own);
    spelling.catch(() => undefined); // told below, once there is a device
    if (gpu.value.kind !== 'open' || !device.value) {
      estimated.value = { kind: 'unknown' };
      return;
    }
    const tell = (next: Estimated): void => {
      if (mine === round) estimated.value = next;
    };
    spelling.then(
      () =>
        ask(({ api }) => api.estimate(want)).then((answer) =>
          tell(
            answer.ok ? { kind: 'known', estimate: answer.value } : { kind: 'failed', failure: answer.error },
          ),
        ),
      (error: unknown) => tell({ kind: 'failed', failure: notRead(own?.name ?? '', error) }),
    );
  });
}

let drops = 0;
/**
 * Takes the files of a checkpoint: config.json, *.safetensors, and a tokenizer.json next to them. What is wrong with the first two is
 * the worker's to say.
 */
export async function takeFiles(files: readonly CheckpointFile[]): Promise<void> {
  if (files.length === 0) return;
  const mine = ++drops;
  const folder = modelFolder(files);
  let vocabulary: Vocabulary | null = null;
  let note = 'There is no tokenizer.json beside config.json: the prompt is bytes or token ids.';
  const beside = folder.ok ? folder.value.files : undefined;
  const tokenizer = beside?.get('tokenizer.json');
  if (tokenizer) {
    try {
      const stops = await stopsOf(beside?.get('config.json'));
      const config = await beside?.get('tokenizer_config.json')?.text();
      vocabulary = await tokenizerVocabulary(
        JSON.parse(await tokenizer.text()) as object,
        JSON.parse(config ?? '{}') as object,
        stops,
      );
      note = '';
    } catch (error) {
      note = `tokenizer.json cannot be used (${messageOf(error)}): the prompt is bytes or token ids.`;
    }
  }
  if (mine !== drops) return; // reading a tokenizer takes time: another drop has come since
  const name = (folder.ok && folder.value.name) || 'checkpoint';
  dropped.value = { name, files, vocabulary, note };
  announce(`${files.length} files taken.`);
}
