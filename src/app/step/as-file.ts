// An edited source as a file of a version, for the benchmark. The benchmark appends the libs that a header names; where the
// edit reaches into their text, the file brings that text itself and its header names none.

const mark = '\n// ---- lib/';

const libraryOf = (source: string): string => {
  const at = source.indexOf(mark);
  return at < 0 ? '' : source.slice(at);
};

/** `edited` and `prepared` are whole sources, as they run: directives on the first line, libs at the end. */
export function asFile(edited: string, prepared: string): string {
  const library = libraryOf(edited);
  const own = edited.slice(0, edited.length - library.length);
  const enables = /^((?:enable [\w, ]+; ?)*)/.exec(own)?.[1] ?? '';
  const lines = own.slice(enables.length).split('\n');
  const end = Math.max(
    0,
    lines.findIndex((line) => !line.startsWith('//')),
  );
  const same = library === libraryOf(prepared);
  const header = same ? lines.slice(0, end) : withoutLibs(lines.slice(0, end));
  // directives go behind the header, which begins a file, and no line moves
  const [first = '', ...rest] = lines.slice(end);
  return [...header, enables.trim() + first, ...rest].join('\n') + (same ? '' : library);
}

/** A header's lines but those of @lib; a line without a directive belongs to the one before. */
function withoutLibs(header: readonly string[]): readonly string[] {
  let inLib = false;
  return header.filter((line) => {
    const directive = /^\/\/ ?@(\w+)/.exec(line)?.[1];
    if (directive) inLib = directive === 'lib';
    return !inLib;
  });
}
