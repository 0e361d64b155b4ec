// Striking out a line: its statements go, its length stays, so that every span keeps its place.

/** Comments the code of the given lines out without moving anything; trailing comments stay. */
export function strikeOut(source: string, lines: readonly number[]): string {
  const struck = new Set(lines);
  return source
    .split('\n')
    .map((text, i) => {
      if (!struck.has(i + 1)) return text;
      const [code = '', ...comment] = text.split('//');
      return `${code.replace(/\S/g, ' ')}${comment.length > 0 ? `//${comment.join('//')}` : ''}`;
    })
    .join('\n');
}

/** Lines that hold nothing but a barrier: what can be struck out with one click. */
export function barrierLines(source: string): ReadonlySet<number> {
  const found = new Set<number>();
  source.split('\n').forEach((text, i) => {
    if (/^\s*(workgroup|storage)Barrier\(\);/.test(text)) found.add(i + 1);
  });
  return found;
}
