// What is dropped on the Model page: a folder is looked through, whatever pieces the browser hands it over in.

import { describe, expect, it } from 'vitest';
import { filesOf } from '../../../src/app/model/dropped-files.ts';
import { unwrap } from '../../../src/core/result.ts';
import { modelFolder } from '../../../src/model/model-folder.ts';

const later = (call: () => void): void => void setTimeout(call, 0);

function file(fullPath: string): FileSystemEntry {
  const made = new File([fullPath], fullPath.split('/').at(-1) ?? '');
  return {
    isFile: true,
    isDirectory: false,
    fullPath,
    file: (done: (file: File) => void) => later(() => done(made)),
  } as unknown as FileSystemEntry;
}

/** A folder whose reader gives at most two entries at once, as Chrome gives a hundred. */
function folder(fullPath: string, inner: readonly FileSystemEntry[]): FileSystemEntry {
  const createReader = () => {
    const left = [...inner];
    return {
      readEntries: (done: (some: FileSystemEntry[]) => void) => later(() => done(left.splice(0, 2))),
    };
  };
  return { isFile: false, isDirectory: true, fullPath, createReader } as unknown as FileSystemEntry;
}

/** Items as a drop has them: once its event is over they say nothing. */
function dropped(...entries: readonly (FileSystemEntry | File)[]): DataTransferItem[] {
  let over = false;
  queueMicrotask(() => {
    over = true;
  });
  return entries.map(
    (entry) =>
      ({
        webkitGetAsEntry: () => (over || entry instanceof File ? null : entry),
        getAsFile: () => (over || !(entry instanceof File) ? null : entry),
      }) as unknown as DataTransferItem,
  );
}

const shards = [1, 2, 3, 4, 5].map((n) => `model-0000${n}-of-00005.safetensors`);

describe('what is dropped', () => {
  it('is every file of a folder and of those in it, by its path', async () => {
    const model = folder('/model', [
      file('/model/config.json'),
      folder('/model/onnx', [file('/model/onnx/model.onnx'), folder('/model/onnx/empty', [])]),
      ...shards.map((name) => file(`/model/${name}`)),
    ]);
    const found = await filesOf(dropped(model));
    expect(found.map(({ name }) => name)).toEqual([
      '/model/config.json',
      '/model/onnx/model.onnx',
      ...shards.map((name) => `/model/${name}`),
    ]);
    for (const { name, blob } of found) expect(await blob.text()).toBe(name);
    const taken = unwrap(modelFolder(found));
    expect(taken.name).toBe('model');
    expect([...taken.files.keys()]).toEqual(['config.json', ...shards]);
  });

  it('is all of several folders and files, although the list is empty after the first wait', async () => {
    const both = dropped(folder('/a', [file('/a/one')]), folder('/b', [file('/b/two')]), file('/three'));
    expect((await filesOf(both)).map(({ name }) => name)).toEqual(['/a/one', '/b/two', '/three']);
  });

  it('is the files themselves where there are no entries, and nothing of what is no file', async () => {
    const items = dropped(new File(['{}'], 'config.json'));
    const text = { webkitGetAsEntry: () => null, getAsFile: () => null } as unknown as DataTransferItem;
    const found = await filesOf([...items, text]);
    expect(found.map(({ name }) => name)).toEqual(['config.json']);
  });

  it('fails where a folder cannot be read', async () => {
    const torn = {
      ...folder('/torn', []),
      createReader: () => ({
        readEntries: (_: unknown, failed: (why: Error) => void) => later(() => failed(new Error('gone'))),
      }),
    };
    await expect(filesOf(dropped(torn))).rejects.toThrow('gone');
  });
});
