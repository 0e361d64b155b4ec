// WGSL text into coloured pieces, a line at a time. A highlighter, not a parser: the front end in
// src/stepper/front decides what is valid.

export interface Token {
  readonly kind: 'plain' | 'comment' | 'keyword' | 'type' | 'number' | 'builtin' | 'attribute';
  readonly text: string;
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

const keywords = words(
  'alias break case const const_assert continue continuing default diagnostic discard else enable false fn for if let loop override requires return struct switch true var while',
);
const types = words(
  'array atomic bool f16 f32 i32 u32 ptr vec2 vec3 vec4 vec2f vec3f vec4f vec2u vec3u vec4u vec2i vec3i vec4i vec2h vec3h vec4h mat2x2f mat3x3f mat4x4f storage uniform workgroup private function read read_write Elem',
);
const builtins = words(
  'abs atomicAdd atomicLoad atomicMax atomicStore bitcast ceil clamp dot dot4I8Packed dot4U8Packed exp exp2 floor fma inverseSqrt log log2 max min pack4xI8 pack4xI8Clamp round select sqrt storageBarrier subgroupAdd subgroupBroadcast subgroupBroadcastFirst subgroupMax subgroupShuffle subgroupShuffleXor tanh trunc unpack4xI8 unpack4xU8 workgroupBarrier workgroupUniformLoad arrayLength',
);

const pattern = /(\/\/.*)|(@\w+)|(\b\d(?:[\w.]|(?<=[eE])[+-])*)|(\b[A-Za-z_]\w*)|(\s+|[^\w\s@/]+|\/)/g;

/** What a word is; the editor colours by it too. */
export function wordKind(word: string): Token['kind'] {
  if (keywords.has(word)) return 'keyword';
  if (types.has(word)) return 'type';
  return builtins.has(word) ? 'builtin' : 'plain';
}

function tokenizeLine(line: string): Token[] {
  const tokens: Token[] = [];
  const push = (kind: Token['kind'], text: string): void => {
    const last = tokens.at(-1);
    if (last?.kind === kind) tokens[tokens.length - 1] = { kind, text: last.text + text };
    else tokens.push({ kind, text });
  };
  for (const [text, comment, attribute, number, word] of line.matchAll(pattern)) {
    if (comment) push('comment', text);
    else if (attribute) push('attribute', text);
    else if (number) push('number', text);
    else if (word) push(wordKind(word), text);
    else push('plain', text);
  }
  return tokens;
}

/** Tokens of each line; joined, they give the source back (block comments are coloured a line at a time). */
export function tokenize(source: string): readonly (readonly Token[])[] {
  let open = 0;
  return source.split('\n').map((line) => {
    const inside = open > 0;
    const opens = line.split('//')[0]?.match(/\/\*/g)?.length ?? 0;
    const closes = line.match(/\*\//g)?.length ?? 0;
    open = Math.max(0, open + opens - closes);
    return inside || opens > 0 ? [{ kind: 'comment', text: line }] : tokenizeLine(line);
  });
}
