// JSON as a checkpoint must hold it: every name once. JSON.parse keeps the last of two equal names and others keep the
// first, so that a file with both would be two models.

import { err, ok, type Result } from '../core/result.ts';

/** As deep as serde_json goes, which reads safetensors' own headers; the real files have four levels. */
const DEEPEST = 128;

/** The value of `text`, or what is wrong with it: "is no JSON", "names … twice". */
export function parseStrictJson(text: string): Result<unknown, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return err('is no JSON');
  }
  const fault = faultOf(text);
  return fault === undefined ? ok(value) : err(fault);
}

/** What is wrong with a text that JSON.parse has accepted. */
function faultOf(text: string): string | undefined {
  const open: (Set<string> | 'list')[] = []; // the names so far of each object around
  let naming = false; // whether the next string is a name
  for (let i = 0; i < text.length; i++) {
    switch (text[i]) {
      case '{':
        open.push(new Set());
        naming = true;
        break;
      case '[':
        open.push('list');
        naming = false;
        break;
      case '}':
      case ']':
        open.pop();
        break;
      case ',':
        naming = open.at(-1) !== 'list';
        break;
      case '"': {
        const from = i++;
        while (text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
        const names = open.at(-1);
        if (!naming || !(names instanceof Set)) break;
        const name: string = JSON.parse(text.slice(from, i + 1));
        if (names.has(name)) return `names ${show(name)} twice`;
        names.add(name);
        naming = false;
      }
    }
    if (open.length > DEEPEST) return `is nested deeper than ${DEEPEST} levels`;
  }
  return undefined;
}

/** A value for a message: as JSON, cut where it gets long. */
export function show(value: unknown): string {
  // JSON has no infinity, and 1e999 reads as one
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'missing');
  return clip(text);
}

/** What a file calls something, cut for a message: a hostile name may have megabytes. */
export const clip = (text: string): string => (text.length > 80 ? `${text.slice(0, 79)}…` : text);
