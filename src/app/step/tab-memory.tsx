// How the shown step's accesses fall on memory: sectors of storage, banks of workgroup memory, and what padding
// would change.

import { useSignal } from '@preact/signals';
import { bankLoad, type LaneAddress, sectors } from '../../stepper/index.ts';
import { percent } from '../../views/format.ts';
import { Term } from '../ui/index.ts';
import { type Memory, ownerOf } from './memories.ts';
import { frame, session } from './session.ts';

interface Access {
  readonly memory: Memory;
  readonly mode: 'read' | 'write' | 'atomic';
  readonly bytes: number;
  readonly lanes: readonly LaneAddress[];
  readonly text: string;
}

/** The shown step's accesses, one for each place in the source. */
function accessesNow(): readonly Access[] {
  const now = session.value;
  const f = frame.value;
  if (!now || !f) return [];
  const groups = new Map<string, Access & { lanes: LaneAddress[] }>();
  for (let i = 0; i < f.accessSteps.length; i++) {
    if (f.accessSteps[i] !== f.time - 1) continue;
    const byte = f.accesses.byte[i] ?? 0;
    const memory = ownerOf(now.memories, f.accesses.memory[i] ?? 0, byte);
    if (!memory || memory.space === 'uniform') continue;
    const start = f.accesses.start[i] ?? 0;
    const mode = f.accesses.mode[i] === 0 ? 'read' : f.accesses.mode[i] === 1 ? 'write' : 'atomic';
    const key = `${start}:${mode}:${memory.name}`;
    const known = groups.get(key);
    const at = { lane: f.accesses.lane[i] ?? 0, byte: byte - memory.matrix.offset };
    if (known) known.lanes.push(at);
    else
      groups.set(key, {
        memory,
        mode,
        bytes: f.accesses.bytes[i] ?? 4,
        lanes: [at],
        text: now.subject.source.slice(start, f.accesses.end[i] ?? start),
      });
  }
  return [...groups.values()];
}

const verbs = { read: 'reads', write: 'writes', atomic: 'updates' } as const;
const units = [32, 64, 128] as const;

function SectorView({ access, unit }: { readonly access: Access; readonly unit: number }) {
  const s = sectors(
    access.lanes.map(({ byte }) => byte),
    access.bytes,
    unit,
  );
  const first = s.touched[0] ?? 0;
  const span = Math.min(128, (s.touched.at(-1) ?? 0) - first + 1);
  const hit = new Set(s.touched);
  return (
    <div class="access">
      <p>
        <code>{access.text}</code> {verbs[access.mode]} <b>{access.memory.name}</b>: {access.lanes.length}{' '}
        lanes × {access.bytes} B in <b>{s.touched.length}</b> {unit === 128 ? 'lines' : 'sectors'} of {unit}{' '}
        B, {s.ideal} would do:{' '}
        <b class={s.used >= 0.99 ? 'good-text' : 'warn-text'}>{percent(Math.min(1, s.used))} used</b>
      </p>
      <div class="sectors" aria-hidden="true">
        {Array.from({ length: span }, (_, i) => (
          <span key={i} class={hit.has(first + i) ? access.mode : ''} />
        ))}
        {(s.touched.at(-1) ?? 0) - first >= span && <em>…</em>}
      </div>
    </div>
  );
}

/** A word that is read goes to all its lanes at once; of several writes one stays. */
function sharedWords(n: number, mode: Access['mode']): string {
  const words = n === 1 ? '1 word' : `${n} words`;
  return mode === 'read' ? `${words} shared (broadcast)` : `${words} asked for by several lanes`;
}

function BankView({ access, pad }: { readonly access: Access; readonly pad: number }) {
  const load = bankLoad(access.lanes, access.bytes, access.memory.matrix.rowBytes, pad);
  return (
    <div class="access">
      <p>
        <code>{access.text}</code> {verbs[access.mode]} <b>{access.memory.name}</b>:{' '}
        <b class={load.ways === 1 ? 'good-text' : 'warn-text'}>
          {load.ways === 1 ? 'no conflict' : `${load.ways}-way conflict`}
        </b>
        , {load.groups === 1 ? 'all lanes together' : `${load.groups} groups of lanes`}
        {load.shared > 0 && `, ${sharedWords(load.shared, access.mode)}`}
      </p>
      <div class="banks" role="img" aria-label={`Words asked of each of 32 banks: ${load.perBank.join(' ')}`}>
        {load.perBank.map((n, bank) => (
          <span key={bank} class={n > 1 ? 'conflict' : n === 1 ? access.mode : ''} style={{ '--n': n }}>
            {n > 1 ? n : ''}
          </span>
        ))}
      </div>
    </div>
  );
}

export function MemoryTab() {
  const unit = useSignal<(typeof units)[number]>(32);
  const pad = useSignal(0);
  const all = accessesNow();
  const storage = all.filter((a) => a.memory.space === 'storage');
  const shared = all.filter((a) => a.memory.space === 'workgroup');
  if (all.length === 0)
    return <p class="quiet-text">This statement touches no memory. Step to one that does (→).</p>;
  return (
    <div class="pair">
      <section>
        <h3>
          <Term of="coalescing">Coalescing</Term>{' '}
          <select
            class="small"
            aria-label="Unit"
            value={unit.value}
            onChange={(e) => {
              unit.value = units.find((u) => u === Number(e.currentTarget.value)) ?? 32;
            }}
          >
            {units.map((u) => (
              <option key={u} value={u}>
                {u} B
              </option>
            ))}
          </select>
        </h3>
        <p class="quiet-text small-text">
          A model: one access of a subgroup costs the distinct {unit.value}-byte units that its lanes touch.
        </p>
        {storage.length === 0 ? (
          <p class="quiet-text">No storage is touched.</p>
        ) : (
          storage.map((a) => <SectorView key={a.text + a.mode} access={a} unit={unit.value} />)
        )}
      </section>
      <section>
        <h3>
          Banks{' '}
          <label class="small-text">
            what if each row had{' '}
            <select
              class="small"
              value={pad.value}
              onChange={(e) => {
                pad.value = Number(e.currentTarget.value);
              }}
            >
              {[0, 1, 2, 4, 8].map((n) => (
                <option key={n} value={n}>
                  {n}
                </option>
              ))}
            </select>{' '}
            more words
          </label>
        </h3>
        <p class="quiet-text small-text">
          A model, NVIDIA’s rule: 32 banks of 4 bytes, one word of each a pass; lanes that read one word share
          it. 32 lanes are served together; where each asks for 8 bytes 16, for 16 bytes 8.
        </p>
        {shared.length === 0 ? (
          <p class="quiet-text">No workgroup memory is touched.</p>
        ) : (
          shared.map((a) => <BankView key={a.text + a.mode} access={a} pad={pad.value} />)
        )}
      </section>
    </div>
  );
}
