// Out of the page and into it: the clipboard, a downloaded file, an opened or dropped file.

import { announce } from './announce.tsx';

/** Copies text; true when the browser let us. What was copied is announced. */
export async function copyText(text: string, what: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // an insecure page or a blocked permission: a selected text field still copies
    const field = document.createElement('textarea');
    field.value = text;
    document.body.append(field);
    field.select();
    const copied = document.execCommand('copy');
    field.remove();
    if (!copied) {
      announce(`The browser did not allow copying ${what}.`);
      return false;
    }
  }
  announce(`Copied ${what}.`);
  return true;
}

/** Saves text or bytes as a file. */
export function download(name: string, content: string | Blob, type = 'application/json'): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // the browser has its own reference once the download has begun
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Lets the reader choose files; resolves with none when they close the dialog. */
export function chooseFiles(accept: string): Promise<readonly File[]> {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = accept;
  input.multiple = true;
  return new Promise((resolve) => {
    input.onchange = () => resolve([...(input.files ?? [])]);
    input.oncancel = () => resolve([]);
    input.click();
  });
}
