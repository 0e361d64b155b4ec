// The same source and inputs on the reader's GPU, and how its result differs from the simulation's.

import { signal } from '@preact/signals';
import { explain } from '../../core/result.ts';
import { declared } from '../../kernels/reflect.ts';
import { deviceLine } from '../../measure/schema.ts';
import { figure } from '../../views/format.ts';
import { exactValue } from '../../views/step/matrix.ts';
import { type Difference, difference } from '../../views/step/ulp.ts';
import type { RawDispatch } from '../../worker/protocol.ts';
import { ask, device, gpu, openGpu } from '../gpu.ts';
import { findings, type Session, session, whole } from './session.ts';
import { TimeIt } from './time-it.tsx';

type Check =
  | { readonly kind: 'none' }
  | { readonly kind: 'running' }
  | { readonly kind: 'failed'; readonly message: string }
  | {
      readonly kind: 'done';
      readonly of: Session;
      readonly on: string;
      readonly outputs: ReadonlyMap<string, Difference>;
    };

const deviceName = (): string => (device.value ? (deviceLine(device.value).split(' · ')[0] ?? '') : '');

const check = signal<Check>({ kind: 'none' });

function request({ subject, opened }: Session): RawDispatch | null {
  const names = subject.contract?.prepared.bindings ?? declared(subject.source).bindings;
  const bindings = names.flatMap((b) => {
    const bytes = subject.launch.buffers.find((x) => x.group === b.group && x.binding === b.binding)?.bytes;
    return bytes ? [{ group: b.group, binding: b.binding, name: b.name, access: b.access, bytes }] : [];
  });
  if (bindings.length < opened.bindings.length) return null;
  const { constants, passes, pass } = subject.launch;
  return {
    label: subject.title,
    code: subject.source,
    constants,
    passes: passes.slice(0, pass + 1),
    bindings,
  };
}

async function run(): Promise<void> {
  const now = session.peek();
  const all = whole.peek();
  if (!now || !all) return;
  const fail = (message: string): void => {
    check.value = { kind: 'failed', message };
  };
  if (findings.peek().some((f) => f.kind === 'runaway'))
    return fail('This kernel did not end in the simulation. It is not run on the GPU, which it could block.');
  const raw = request(now);
  if (!raw)
    return fail(
      'A binding of this source has no bytes to send. Write it as @group(0) @binding(0) var<…> name, and give it a size below the source.',
    );
  check.value = { kind: 'running' };
  await openGpu();
  const state = gpu.peek();
  if (state.kind !== 'open') {
    return fail(
      state.kind === 'failed'
        ? `There is no GPU to check on: ${state.failure.message} ${state.failure.hint}`
        : 'There is no GPU to check on.',
    );
  }
  const answer = await ask(({ api }) => api.runOnce(raw));
  if (!answer.ok) return fail(explain(answer.error));
  const outputs = new Map<string, Difference>();
  for (const memory of now.memories) {
    if (memory.space !== 'storage' || !memory.written) continue;
    const binding = now.opened.bindings[memory.memory - 1];
    const ours = all.outputs.find((o) => o.group === binding?.group && o.binding === binding?.binding)?.bytes;
    const theirs = answer.value[memory.name];
    if (ours && theirs) outputs.set(memory.name, difference(memory.matrix, ours, theirs));
  }
  check.value = { kind: 'done', of: now, on: deviceName(), outputs };
}

function Line({ name, d, now }: { readonly name: string; readonly d: Difference; readonly now: Session }) {
  const reading = now.memories.find((m) => m.name === name)?.matrix.reading ?? 'f32';
  const float = reading === 'f32' || reading === 'f16';
  return (
    <li>
      <b>{name}</b>:{' '}
      {d.different === 0 ? (
        <>
          <b class="good-text">identical</b>, {d.cells.toLocaleString('en')} of {d.cells.toLocaleString('en')}{' '}
          cells bit for bit
        </>
      ) : (
        <>
          <b class={float && d.worst !== null && d.worst <= 64 ? 'warn-text' : 'bad-text'}>
            {d.different.toLocaleString('en')} of {d.cells.toLocaleString('en')} cells differ
          </b>
          {float &&
            (d.worst === null
              ? ', a NaN against a number'
              : `, by at most ${d.worst.toLocaleString('en')} ULP (${figure(d.apart)})`)}
          {d.first &&
            `; first [${d.first.row}, ${d.first.column}]: ${exactValue(reading, d.first.ours)} here, ${exactValue(reading, d.first.theirs)} there`}
        </>
      )}
    </li>
  );
}

/** A captured dispatch brings what the model's GPU made of it. */
function Captured({ now }: { readonly now: Session }) {
  const all = whole.value;
  if (now.subject.after.size === 0 || !all) return null;
  const outputs = now.memories.flatMap((memory) => {
    const binding = now.opened.bindings[memory.memory - 1];
    const ours = all.outputs.find((o) => o.group === binding?.group && o.binding === binding?.binding)?.bytes;
    const theirs = now.subject.after.get(memory.name);
    return memory.written && ours && theirs
      ? [{ name: memory.name, d: difference(memory.matrix, ours, theirs) }]
      : [];
  });
  return (
    <>
      <h3>Against what the model’s step had afterwards</h3>
      <ul class="findings">
        {outputs.map(({ name, d }) => (
          <Line key={name} name={name} d={d} now={now} />
        ))}
      </ul>
    </>
  );
}

export function GpuTab() {
  const c = check.value;
  const now = session.value;
  const mine = c.kind === 'done' && c.of === now ? c : null;
  return (
    <>
      <p>
        <button type="button" disabled={c.kind === 'running' || !whole.value} onClick={() => void run()}>
          {c.kind === 'running' ? 'Running …' : 'Run this source and these inputs on my GPU'}
        </button>{' '}
        <span class="quiet-text">
          {device.value
            ? device.value.fallback
              ? `${deviceName()}: a CPU`
              : deviceName()
            : 'Asks the browser for the GPU.'}{' '}
          Nothing of a link runs there before this click.
        </span>
      </p>
      {now && <Captured now={now} />}
      <TimeIt original={now?.subject.contract?.original ?? ''} />
      {c.kind === 'failed' && <p class="warn-text">{c.message}</p>}
      {c.kind === 'done' && !mine && (
        <p class="quiet-text">The last check was of another source or other inputs.</p>
      )}
      {mine && now && (
        <ul class="findings">
          {[...mine.outputs].map(([name, d]) => (
            <Line key={name} name={name} d={d} now={now} />
          ))}
        </ul>
      )}
      <p class="quiet-text small-text">
        Integers must agree bit for bit. Floats may differ in the last places where a GPU fuses, flushes
        denormals, approximates exp or rsqrt, or has subgroups of another width than the simulated one.
      </p>
    </>
  );
}
