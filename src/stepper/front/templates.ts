// WGSL's template list discovery (WGSL §3.9): which `<` open a template list and which compare. The parser
// (0.7.31) takes some comparisons for templates, `f(a < b) >> c` among them, and then finds a syntax error;
// where that happens, parse.ts puts the compared name in parentheses.

const TOKEN = /\/\/[^\n]*|\/\*|[A-Za-z_]\w*|\d[\w.]*|<<=|>>=|<<|<=|>=|==|!=|&&|\|\||[<>()[\];{}:=]/g;

/** End of a (nested) block comment whose `/*` lies before `at`. */
function commentEnd(source: string, at: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = at;
  let depth = 1;
  for (let m = mark.exec(source); m; m = mark.exec(source)) {
    depth += m[0] === '/*' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return source.length;
}

interface Candidate {
  /** Start and end of the name before `<`. */
  readonly start: number;
  readonly end: number;
  readonly depth: number;
}

/** Names (start and end offsets) that stand before a `<` that is no template list. */
export function comparedNames(source: string): { readonly start: number; readonly end: number }[] {
  const compared: { start: number; end: number }[] = [];
  let pending: Candidate[] = [];
  let depth = 0;
  let name: { start: number; end: number } | undefined;
  const drop = (keep: (c: Candidate) => boolean): void => {
    for (const c of pending) if (!keep(c)) compared.push({ start: c.start, end: c.end });
    pending = pending.filter(keep);
  };
  TOKEN.lastIndex = 0;
  for (let m = TOKEN.exec(source); m; m = TOKEN.exec(source)) {
    const text = m[0];
    const before = name;
    name = undefined;
    if (text.startsWith('//')) name = before;
    else if (text === '/*') {
      TOKEN.lastIndex = commentEnd(source, TOKEN.lastIndex);
      name = before;
    } else if (/^[A-Za-z_]/.test(text)) name = { start: m.index, end: TOKEN.lastIndex };
    else if (text === '<') {
      if (before) pending.push({ ...before, depth });
    } else if (text.startsWith('>')) {
      // each > closes one list; what is left of the token is read again
      const top = pending.at(-1);
      if (top && top.depth === depth) {
        pending.pop();
        TOKEN.lastIndex = m.index + 1;
      }
    } else if (text === '(' || text === '[') depth++;
    else if (text === ')' || text === ']') {
      const at = depth;
      drop((c) => c.depth < at);
      depth = Math.max(0, depth - 1);
    } else if (text === '&&' || text === '||') {
      const at = depth;
      drop((c) => c.depth < at);
    } else if (text === ';' || text === '{' || text === ':' || text === '=') {
      depth = 0;
      drop(() => false);
    }
  }
  drop(() => false);
  return compared.sort((a, b) => a.start - b.start);
}
