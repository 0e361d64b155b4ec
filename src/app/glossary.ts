// GLOSSARY.md as data: one sentence a term. It is fetched after the first paint; a term that is shown
// before its sentence has arrived is plain text.

import { signal } from '@preact/signals';

/** Entries are paragraphs or list items that start `**term**`, several names separated by commas. */
export function parseGlossary(markdown: string): ReadonlyMap<string, string> {
  const entries = new Map<string, string>();
  const joined = markdown.replace(/\n(?!\s*(?:[-*|#]|\*\*|\n))\s*/g, ' ');
  for (const match of joined.matchAll(/^(?:[-*] )?\*\*([^*]+)\*\*[\s:,—–.-]*(.+)$/gm)) {
    const [, names = '', sentence = ''] = match;
    const plain = sentence.replace(/[`*]/g, '').replace(/\[([^\]]+)\]\([^)]*\)/g, '$1');
    for (const name of names.split(/,\s*/)) entries.set(name.trim().toLowerCase(), plain.trim());
  }
  return entries;
}

export const glossary = signal<ReadonlyMap<string, string>>(new Map());

const text = import.meta.glob<string>('/GLOSSARY.md', { query: '?raw', import: 'default' });

export async function loadGlossary(): Promise<void> {
  const markdown = await text['/GLOSSARY.md']?.();
  if (markdown) glossary.value = parseGlossary(markdown);
}
