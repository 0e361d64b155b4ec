// The documents name files that exist, and commands that package.json has.

import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const documents = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'GLOSSARY.md', 'CHANGELOG.md'];
const roots = /^(src|shaders|bench|test|scripts|docs|models|public|\.github)\//;
/** Files that CONTRIBUTING.md shows how to write. */
const examples = new Set(['src/strategies/interval.ts']);
const scripts = Object.keys(
  (JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }).scripts,
);

describe.each(documents)('%s', (name) => {
  const text = readFileSync(name, 'utf8');
  it('names only paths that exist', () => {
    const named = [...text.matchAll(/`([^`\s]+)`|\]\(([^)\s]+)\)/g)].map((m) =>
      (m[1] ?? m[2] ?? '').replace(/[,.:]$/, ''),
    );
    // a pattern (*, {a,b}, NAME) is no path
    const paths = named.filter(
      (path) => roots.test(path) && !/[*{}<>…]|[A-Z]{4}/.test(path) && !examples.has(path),
    );
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  });
  it('names only commands that exist', () => {
    const commands = [...text.matchAll(/npm run ([\w-]+)/g)].map((m) => m[1] ?? '');
    expect(commands.filter((command) => !scripts.includes(command))).toEqual([]);
  });
});
