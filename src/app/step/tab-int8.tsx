// int8 kernels: the packed words that the focus lane touches, as four signed bytes each with their scale, their
// products, and the accumulators.

import { useSignalEffect } from '@preact/signals';
import { exactValue } from '../../views/step/matrix.ts';
import { hex, product4, unpack4 } from '../../views/step/packed.ts';
import { packedTensors, type WordKind, wordKind } from './int8.ts';
import { ownerOf } from './memories.ts';
import { extraWatches, frame, session } from './session.ts';
import { toLane } from './timeline-bar.tsx';
import { step } from './view.ts';

const packedNames = (): readonly string[] => {
  const subject = session.value?.subject;
  return subject ? packedTensors(subject.layouts, subject.dims) : [];
};

/** Whether the kernel has tensors of packed bytes. */
export const hasInt8 = (): boolean => packedNames().length > 0;

interface Word {
  readonly name: string;
  readonly index: number;
  readonly word: number;
  readonly written: boolean;
  readonly kind: WordKind;
  /** What its bytes are multiplied by, where the contract names it. */
  readonly scale: number | null;
}

/** The newest step up to the shown one in which a lane touches a packed tensor; null when the trail has none. */
function newestTouch(lane: number): number | null {
  const now = session.value;
  const f = frame.value;
  if (!now || !f) return null;
  const packed = packedNames();
  for (let i = f.accessSteps.length - 1; i >= 0; i--) {
    if (f.accesses.lane[i] !== lane) continue;
    const owner = ownerOf(now.memories, f.accesses.memory[i] ?? 0, f.accesses.byte[i] ?? 0);
    if (owner && packed.includes(owner.name)) return f.accessSteps[i] ?? null;
  }
  return null;
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The f32 that a word's kind points to. */
function scaleAt(kind: WordKind): number | null {
  if (kind.kind !== 'scaled') return null;
  const memory = session.value?.memories.find((m) => m.name === kind.tensor);
  const bytes = memory && frame.value?.memories.get(memory.memory);
  return bytes && kind.byte + 4 <= bytes.byteLength ? viewOf(bytes).getFloat32(kind.byte, true) : null;
}

/** Words of packed bytes that a lane touches in a step, in order. */
function wordsOf(lane: number, at: number | null): readonly Word[] {
  const now = session.value;
  const f = frame.value;
  if (!now || !f) return [];
  const { layouts, dims } = now.subject;
  const packed = new Set(packedNames());
  const words: Word[] = [];
  for (let i = 0; i < f.accessSteps.length; i++) {
    if (f.accessSteps[i] !== at || f.accesses.lane[i] !== lane) continue;
    const first = (f.accesses.byte[i] ?? 0) & ~3;
    const owner = ownerOf(now.memories, f.accesses.memory[i] ?? 0, first);
    const bytes = owner && f.memories.get(owner.memory);
    if (!owner || !bytes || !packed.has(owner.name)) continue;
    for (let byte = first; byte < first + (f.accesses.bytes[i] ?? 4); byte += 4) {
      if (byte + 4 > bytes.byteLength) break;
      const kind = wordKind(owner.name, byte, layouts, dims);
      if (kind.kind === 'scale') continue;
      const word = viewOf(bytes).getUint32(byte, true);
      const written = f.accesses.mode[i] !== 0;
      words.push({ name: owner.name, index: byte >> 2, word, written, kind, scale: scaleAt(kind) });
    }
  }
  return words;
}

/** Variables that a lane accumulates in: scalars in scope that may change. */
function followAccumulators(): void {
  const names = (frame.value?.variables ?? [])
    .filter(
      (v) =>
        v.declared === 'var' &&
        v.type.kind === 'scalar' &&
        v.type.scalar !== 'bool' &&
        v.type.scalar !== 'u32',
    )
    .map((v) => v.name)
    .slice(0, 4);
  if (names.join() !== extraWatches.peek().join()) extraWatches.value = names;
}

function Pair({ a, b }: { readonly a: Word; readonly b: Word }) {
  const p = product4(a.word, b.word);
  return (
    <table class="bytes">
      <caption class="offscreen">Four products</caption>
      <tbody>
        <tr>
          <th scope="row">
            {a.name}[{a.index}] <code>{hex(a.word)}</code>
          </th>
          {p.a.map((x, i) => (
            <td key={i}>{x}</td>
          ))}
          <td />
        </tr>
        <tr>
          <th scope="row">
            {b.name}[{b.index}] <code>{hex(b.word)}</code>
          </th>
          {p.b.map((x, i) => (
            <td key={i}>× {x}</td>
          ))}
          <td />
        </tr>
        <tr class="total">
          <th scope="row">products</th>
          {p.terms.map((x, i) => (
            <td key={i}>{x}</td>
          ))}
          <td>Σ {p.sum}</td>
        </tr>
      </tbody>
    </table>
  );
}

const scaleName = (kind: WordKind): string =>
  kind.kind === 'scaled'
    ? kind.tensor === 'pages'
      ? `the page’s own${kind.place}`
      : `${kind.tensor}${kind.place}`
    : '';

/** One word alone: its bytes, and the values that they stand for. */
function Unpacked({ w }: { readonly w: Word }) {
  const bytes = unpack4(w.word);
  return (
    <table class="bytes">
      <caption class="offscreen">Four bytes and their values</caption>
      <tbody>
        <tr>
          <th scope="row">
            {w.written ? 'wrote ' : ''}
            {w.name}[{w.index}] <code>{hex(w.word)}</code>
          </th>
          {bytes.map((x, i) => (
            <td key={i}>{x}</td>
          ))}
        </tr>
        {w.scale !== null && (
          <tr class="total">
            <th scope="row">
              × {exactValue('f32', w.scale)} <span class="quiet-text">({scaleName(w.kind)})</span>
            </th>
            {bytes.map((x, i) => (
              <td key={i}>{exactValue('f32', Math.fround(x * (w.scale ?? 0)))}</td>
            ))}
          </tr>
        )}
      </tbody>
    </table>
  );
}

/** Scales of the words in view, each once. */
function Scales({ words }: { readonly words: readonly Word[] }) {
  const all = new Map(
    words.flatMap((w) => (w.scale === null ? [] : [[scaleName(w.kind), w.scale] as const])),
  );
  if (all.size === 0) return null;
  return (
    <ul class="accumulators">
      {[...all].map(([name, scale]) => (
        <li key={name}>
          <code>{name}</code> = <b>{exactValue('f32', scale)}</b>
        </li>
      ))}
    </ul>
  );
}

export function Int8Tab() {
  useSignalEffect(followAccumulators);
  const now = session.value;
  const f = frame.value;
  if (!now || !f) return null;
  const { lane } = step.view.value;
  const at = newestTouch(lane);
  const words = wordsOf(lane, at);
  const ago = at === null ? 0 : f.time - 1 - at;
  const names = [...new Set(words.map((w) => w.name))];
  const [first, second] = names.map((name) => words.filter((w) => w.name === name));
  const pairs =
    first && second
      ? first.slice(0, Math.min(first.length, second.length)).map((a, i) => ({ a, b: second[i] }))
      : [];
  return (
    <>
      <p class="quiet-text">
        Lane {lane}, {ago === 0 ? 'this statement' : `${ago} statement${ago === 1 ? '' : 's'} ago`}. Four
        signed bytes share a word, the lowest first; a product of two words adds four terms to an integer.
        <button type="button" class="small" onClick={() => toLane('forward')}>
          the lane’s next statement
        </button>
      </p>
      {words.length === 0 && <p>It has touched no packed word just now: step on until it does.</p>}
      {pairs.length > 0 ? (
        <>
          {pairs
            .slice(0, 8)
            .map(({ a, b }) => (b ? <Pair key={`${a.index}:${b.index}`} a={a} b={b} /> : null))}
          <Scales words={words} />
        </>
      ) : (
        words.slice(0, 8).map((w) => <Unpacked key={w.index} w={w} />)
      )}
      <ul class="accumulators">
        {f.watches
          .filter((w) => extraWatches.value.includes(w.expression))
          .map((w) =>
            w.answer.ok && w.answer.value.valid[lane] === 1 ? (
              <li key={w.expression}>
                <code>{w.expression}</code> = <b>{exactValue('f32', w.answer.value.values[lane] ?? 0)}</b>
                {w.before && !Object.is(w.before[lane], w.answer.value.values[lane])
                  ? ` (was ${exactValue('f32', w.before[lane] ?? 0)})`
                  : ''}
              </li>
            ) : null,
          )}
      </ul>
      <p class="small-text quiet-text">
        Hover a cell of the output for its error against the reference and against the unquantized result.
      </p>
    </>
  );
}
