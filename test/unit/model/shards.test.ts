// Which of the files given are the model: one folder, and in it what the index lists.

import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../../src/model/checkpoint.ts';
import type { CheckpointFile } from '../../../src/model/checkpoint-file.ts';
import type { ModelConfig } from '../../../src/model/config.ts';
import { modelFolder } from '../../../src/model/model-folder.ts';
import { presets } from '../../../src/model/presets.ts';
import { checkpointFiles, configJson, safetensors, seededTensors } from './checkpoint-files.ts';

const config: ModelConfig = { ...presets.nano, layers: 1, vocab: 32, width: 32, hidden: 16 };
const tensors = seededTensors(config, 3);
const other = seededTensors(config, 4);
const one = checkpointFiles(config, tensors, 'F32');
const three = checkpointFiles(config, tensors, 'F32', 3);
const INDEX = 'model/model.safetensors.index.json';
const [first, second] = ['model-00001-of-00003.safetensors', 'model-00002-of-00003.safetensors'];
const embedding = 'model.embed_tokens.weight';

const json = (value: unknown): Blob => new Blob([JSON.stringify(value)]);
const named = (name: string, blob = json(configJson({ ...config, window: 77 }))): CheckpointFile => ({
  name,
  blob,
});
const moved = (files: readonly CheckpointFile[], to: (name: string) => string): CheckpointFile[] =>
  files.map(({ name, blob }) => ({ name: to(name), blob }));
const replaced = (name: string, blob: Blob): CheckpointFile[] =>
  three.map((file) => (file.name === name ? { name, blob } : file));
/** The three shards with this index. */
const indexed = (index: unknown): CheckpointFile[] => replaced(INDEX, json(index));
/** The three shards with their own index, changed. */
function edited(change: (map: Record<string, string>) => void): CheckpointFile[] {
  const map = Object.fromEntries(
    tensors.map(({ name }, i) => [name, `model-0000${(i % 3) + 1}-of-00003.safetensors`]),
  );
  change(map);
  return indexed({ metadata: { total_size: 1 }, weight_map: map });
}

async function verdict(files: readonly CheckpointFile[]): Promise<string> {
  const opened = await openCheckpoint(files);
  if (!opened.ok) return opened.error.message;
  expect(opened.value.config.window).toBe(config.window);
  expect([...opened.value.tensors.keys()].sort()).toEqual(tensors.map(({ name }) => name).sort());
  const stored = opened.value.tensors.get(embedding);
  const held = await stored?.blob.slice(stored.start, stored.end).arrayBuffer();
  expect(held && new Float32Array(held)).toEqual(tensors[0]?.cells);
  return 'accepted';
}

describe('one model among the files is opened', () => {
  const cases: readonly (readonly [string, readonly CheckpointFile[]])[] = [
    ['a chosen folder', one],
    ['a dropped folder, whose paths begin with a slash', moved(one, (name) => `/${name}`)],
    ['files without a folder', moved(three, (name) => name.replace('model/', ''))],
    ['dropped files without a folder', moved(one, (name) => name.replace('model/', '/'))],
    ['a folder deep down', moved(one, (name) => `a/b/c/${name}`)],
    [
      'with what else is in the folder',
      [...one, named('model/README.md'), named('model/generation_config.json')],
    ],
    ['with a config.json further down, after it', [...one, named('model/sub/config.json')]],
    ['with a config.json further down, before it', [named('model/sub/config.json'), ...one]],
    [
      'with weights in another folder',
      [...one, named('model/onnx/x.safetensors', safetensors(other, 'F32'))],
    ],
    [
      'with weights that the index does not list',
      [...three, named('model/consolidated.safetensors', safetensors(other, 'F32'))],
    ],
  ];
  for (const [what, files] of cases) it(what, async () => expect(await verdict(files)).toBe('accepted'));

  it('and named after its folder', () => {
    const name = (files: readonly CheckpointFile[]): string => {
      const folder = modelFolder(files);
      return folder.ok ? folder.value.name : folder.error.message;
    };
    expect(name(moved(one, (path) => `/a/${path}`))).toBe('model');
    expect(name(moved(one, (path) => path.replace('model/', '')))).toBe('');
  });
});

describe('files that are no model, or more than one, are refused', () => {
  const cases: readonly (readonly [string, readonly CheckpointFile[], string])[] = [
    ['nothing', [], 'no config.json'],
    ['no config', one.slice(1), 'no config.json'],
    ['no weights', one.slice(0, 1), 'no .safetensors'],
    [
      'weights in another folder only',
      [...one.slice(0, 1), ...moved(one.slice(1), (n) => `x/${n}`)],
      'no .safetensors',
    ],
    [
      'two models',
      [...one, ...moved(one, () => 'other/config.json').slice(0, 1)],
      'config.json in model and in other',
    ],
    ['one config twice', [...one, named('model/config.json')], 'two files config.json in model'],
    ['one shard twice', [...one, ...one.slice(1)], 'two files model.safetensors in model'],
    ['a config that is no JSON', [{ name: 'config.json', blob: new Blob(['{']) }], 'config.json is no JSON'],
    [
      'a config with a field twice',
      [named('config.json', new Blob(['{"head_dim":1,"head_dim":2}']))],
      'config.json names "head_dim" twice',
    ],
    [
      'two files with one tensor',
      [...one, named('model/again.safetensors', safetensors(tensors.slice(0, 1), 'F32'))],
      `Tensor ${embedding} is in again.safetensors and in model.safetensors`,
    ],
  ];
  for (const [what, files, message] of cases)
    it(what, async () => expect(await verdict(files)).toContain(message));
});

describe('an index that does not fit its shards is refused', () => {
  const shard = (index: number, of: typeof tensors): Blob =>
    safetensors(
      of.filter((_, i) => i % 3 === index),
      'F32',
    );
  const cases: readonly (readonly [string, readonly CheckpointFile[], string])[] = [
    ['no JSON', replaced(INDEX, new Blob(['{"weight_map":'])), 'index.json is no JSON'],
    ['null', indexed(null), 'has no weight_map'],
    ['a list', indexed([]), 'has no weight_map'],
    ['without a weight_map', indexed({ metadata: {} }), 'has no weight_map'],
    ['a weight_map that is a list', indexed({ weight_map: [first] }), 'has no weight_map'],
    ['an empty weight_map', indexed({ weight_map: {} }), 'lists no tensor'],
    [
      'a tensor in no file',
      edited((m) => Object.assign(m, { [embedding]: null })),
      `places tensor ${embedding} in null`,
    ],
    [
      'a tensor in another folder',
      edited((m) => Object.assign(m, { [embedding]: '../x.safetensors' })),
      `places tensor ${embedding} in "../x`,
    ],
    [
      'a tensor in a pickle',
      edited((m) => Object.assign(m, { [embedding]: 'model.bin' })),
      `places tensor ${embedding} in "model.bin"`,
    ],
    [
      'a tensor in a shard that is not there',
      edited((m) => Object.assign(m, { [embedding]: 'x.safetensors' })),
      'shard x.safetensors is not among',
    ],
    [
      'a shard that is missing',
      three.filter(({ name }) => !name.endsWith(second)),
      `shard ${second} is not among`,
    ],
    [
      'a tensor in another shard',
      edited((m) => Object.assign(m, { [embedding]: second })),
      `Tensor ${embedding} is in ${first}; model.safetensors.index.json places it in ${second}`,
    ],
    [
      'a tensor that is nowhere',
      edited((m) => Object.assign(m, { ghost: second })),
      `Tensor ghost is not in ${second}, where`,
    ],
    [
      'a tensor that it does not list',
      edited((m) => delete m[embedding]),
      `Tensor ${embedding} is in ${first}; model.safetensors.index.json does not list it`,
    ],
    [
      'a tensor twice',
      replaced(INDEX, new Blob([`{"weight_map":{"a":"${first}","a":"${second}"}}`])),
      'index.json names "a" twice',
    ],
    [
      'shards that changed places',
      replaced(`model/${first}`, shard(1, tensors)).map((file) =>
        file.name.endsWith(second) ? { ...file, blob: shard(0, tensors) } : file,
      ),
      'index.json places it in',
    ],
  ];
  for (const [what, files, message] of cases)
    it(what, async () => expect(await verdict(files)).toContain(message));
});
