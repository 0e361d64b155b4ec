// What was dropped on the page as a list of files, folders looked through.

import type { CheckpointFile } from '../../worker/generate/protocol.ts';

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;

/** Files of a dropped folder or of dropped files, each named with the folders before it. */
export async function filesOf(items: Iterable<DataTransferItem>): Promise<readonly CheckpointFile[]> {
  const found: CheckpointFile[] = [];
  const walk = async (entry: FileSystemEntry): Promise<void> => {
    if (isFile(entry)) {
      const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
      found.push({ name: entry.fullPath, blob: file });
    } else if (isFolder(entry)) {
      const reader = entry.createReader();
      // a reader gives a folder in pieces and ends with an empty one
      for (;;) {
        const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
          reader.readEntries(resolve, reject),
        );
        if (some.length === 0) break;
        for (const inner of some) await walk(inner);
      }
    }
  };
  // what was dropped must be asked for before the first wait: afterwards the list is empty
  const entries = [...items].map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  for (const { entry, file } of entries) {
    if (entry) await walk(entry);
    else if (file) found.push({ name: file.name, blob: file });
  }
  return found;
}
