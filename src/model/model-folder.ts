// Which of the files that a reader gave are the model: those beside its config.json. What lies in other folders
// (original weights, other formats, training runs) is left alone, as transformers leaves it.

import { at } from '../core/assert.ts';
import { ok, type Result } from '../core/result.ts';
import { badCheckpoint, type CheckpointFailure, type CheckpointFile } from './checkpoint-file.ts';

export interface ModelFolder {
  /** Its own name without the folders before it; empty for files without a folder. */
  readonly name: string;
  readonly config: Blob;
  /** All of them, by name without folders. */
  readonly files: ReadonlyMap<string, Blob>;
}

interface Placed {
  readonly folder: string;
  readonly name: string;
  readonly blob: Blob;
}

/** A dropped file's path starts with a slash, a chosen one's does not. */
function placed({ name: path, blob }: CheckpointFile): Placed {
  const parts = path.split('/').filter((part) => part !== '');
  return { folder: parts.slice(0, -1).join('/'), name: parts.at(-1) ?? '', blob };
}
const depth = (folder: string): number => (folder === '' ? 0 : folder.split('/').length);
const described = (folder: string): string => (folder === '' ? 'no folder' : folder);

/** The folder of the config.json that has the fewest folders above it. */
export function modelFolder(given: readonly CheckpointFile[]): Result<ModelFolder, CheckpointFailure> {
  const all = given.map(placed);
  const configs = all
    .filter(({ name }) => name === 'config.json')
    .sort((a, b) => depth(a.folder) - depth(b.folder));
  if (configs.length === 0)
    return badCheckpoint('There is no config.json among the files.', 'Give the whole folder of the model.');
  const { folder, blob: config } = at(configs, 0);
  const rival = configs.find((other) => other.folder !== folder && depth(other.folder) === depth(folder));
  if (rival)
    return badCheckpoint(
      `There is a config.json in ${folder} and in ${rival.folder}.`,
      'Give the folder of one model.',
    );
  const files = new Map<string, Blob>();
  for (const { name, blob } of all.filter((file) => file.folder === folder)) {
    if (files.has(name))
      return badCheckpoint(`There are two files ${name} in ${described(folder)}.`, 'Give each file once.');
    files.set(name, blob);
  }
  return ok({ name: folder.split('/').at(-1) ?? '', config, files });
}
