// int8 kernels: the packed words that the focus lane loads, as four signed bytes each, their products, the
// accumulator and the scales.

import { useSignalEffect } from '@preact/signals';
import { exactValue } from '../../../views/step/matrix.ts';
import { hex, product4, unpack4 } from '../../../views/step/packed.ts';
import { ownerOf } from './memories.ts';
import { extraWatches, frame, session } from './session.ts';
import { toLane } from './timeline-bar.tsx';
import { step } from './view.ts';

/** Whether the source works on packed bytes. */
export const hasInt8 = (): boolean =>
  /4xI8|4I8Packed|unpack_i8|i8/.test(session.value?.subject.source ?? '') && packedTensors().length > 0;

const packedTensors = (): readonly string[] =>
  [...(session.value?.subject.layouts ?? [])]
    .filter(([, layout]) => layout.cells === 'i8')
    .map(([name]) => name);

interface Word {
  readonly name: string;
  readonly index: number;
  readonly word: number;
}

/** The newest step up to the shown one in which a lane reads a packed tensor; null when the trail has none. */
function newestLoad(lane: number): number | null {
  const now = session.value;
  const f = frame.value;
  if (!now || !f) return null;
  const packed = packedTensors();
  for (let i = f.accessSteps.length - 1; i >= 0; i--) {
    if (f.accesses.lane[i] !== lane || f.accesses.mode[i] !== 0) continue;
    const owner = ownerOf(now.memories, f.accesses.memory[i] ?? 0, f.accesses.byte[i] ?? 0);
    if (owner && packed.includes(owner.name)) return f.accessSteps[i] ?? null;
  }
  return null;
}

/** Words of packed tensors that a lane reads in a step, in order. */
function wordsOf(lane: number, step: number | null): readonly Word[] {
  const now = session.value;
  const f = frame.value;
  if (!now || !f) return [];
  const packed = new Set(packedTensors());
  const words: Word[] = [];
  for (let i = 0; i < f.accessSteps.length; i++) {
    if (f.accessSteps[i] !== step || f.accesses.lane[i] !== lane || f.accesses.mode[i] !== 0) continue;
    const byte = f.accesses.byte[i] ?? 0;
    const owner = ownerOf(now.memories, f.accesses.memory[i] ?? 0, byte);
    const bytes = owner && f.memories.get(owner.memory);
    if (!owner || !bytes || !packed.has(owner.name)) continue;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = byte; at < byte + (f.accesses.bytes[i] ?? 4) && at + 4 <= bytes.byteLength; at += 4)
      words.push({ name: owner.name, index: at >> 2, word: view.getUint32(at, true) });
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

export function Int8Tab() {
  useSignalEffect(followAccumulators);
  const now = session.value;
  const f = frame.value;
  if (!now || !f) return null;
  const { lane } = step.view.value;
  const at = newestLoad(lane);
  const words = wordsOf(lane, at);
  const ago = at === null ? 0 : f.time - 1 - at;
  const names = [...new Set(words.map((w) => w.name))];
  const [first, second] = names.map((name) => words.filter((w) => w.name === name));
  const pairs =
    first && second
      ? first.slice(0, Math.min(first.length, second.length)).map((a, i) => ({ a, b: second[i] }))
      : [];
  const scales = now.memories.filter((m) => /scale/.test(m.name) && m.space === 'storage');
  return (
    <>
      <p class="quiet-text">
        Lane {lane}, {ago === 0 ? 'this statement' : `${ago} statement${ago === 1 ? '' : 's'} ago`}. Four
        signed bytes share a word, the lowest first; a product of two words adds four terms to an integer.
        <button type="button" class="small" onClick={() => toLane('forward')}>
          the lane’s next statement
        </button>
      </p>
      {words.length === 0 && <p>It has loaded no packed word just now: step on until it does.</p>}
      {pairs.length > 0
        ? pairs.slice(0, 8).map(({ a, b }) => (b ? <Pair key={`${a.index}:${b.index}`} a={a} b={b} /> : null))
        : words.slice(0, 8).map((w) => (
            <p key={w.index}>
              {w.name}[{w.index}] <code>{hex(w.word)}</code> = {unpack4(w.word).join(', ')}
            </p>
          ))}
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
        Scales: {scales.map((m) => m.name).join(', ') || 'none'}. Show one beside the lanes to see which cell
        is read; hover a cell of the output for its error against the reference and against the unquantized
        result.
      </p>
    </>
  );
}
