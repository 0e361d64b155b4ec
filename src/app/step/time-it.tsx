// The edited source timed on the GPU beside the shipped version it came from: checked first, as in the bench.

import { signal } from '@preact/signals';
import type { ResultRow } from '../../measure/schema.ts';
import { figure, spoken } from '../../views/format.ts';
import { bench, gpu, openGpu } from '../gpu.ts';
import { type Column, DataTable } from '../ui/index.ts';
import { asFile } from './as-file.ts';
import { type Session, session } from './session.ts';
import { step } from './view.ts';

type Timing =
  | { readonly kind: 'none' }
  | { readonly kind: 'running'; readonly what: string }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'done'; readonly rows: readonly ResultRow[]; readonly invalid: readonly string[] };

const timing = signal<Timing>({ kind: 'none' });

async function run(now: Session, original: string): Promise<void> {
  const { contract } = now.subject;
  if (!contract) return;
  const source = asFile(now.subject.source, original);
  await openGpu();
  if (gpu.peek().kind !== 'open') {
    timing.value = { kind: 'failed', message: 'There is no GPU to time it on.' };
    return;
  }
  const { op, version, dtype } = contract;
  const [name = 'small'] = op.shapes.quick;
  timing.value = { kind: 'running', what: 'starting' };
  const answer = await bench(
    {
      items: [
        {
          op: op.id,
          versions: [version.id],
          shapes: { [name]: op.shapes.bench[name] ?? op.shapes.step },
          dtypes: [dtype],
        },
      ],
      effort: 'quick',
      tuning: 'off',
      tuned: {},
      custom: [{ op: op.id, id: 'edited', source }],
      command: 'Step page: edited source',
    },
    (event) => {
      if (event.type === 'progress') timing.value = { kind: 'running', what: event.what };
    },
  );
  timing.value = answer.ok
    ? { kind: 'done', rows: answer.value.results, invalid: answer.value.invalid }
    : { kind: 'failed', message: `${answer.error.message} ${answer.error.hint}` };
}

const columns: readonly Column<ResultRow>[] = [
  { head: 'version', always: true, cell: (row) => spoken(row.version) },
  { head: 'shape', always: true, cell: (row) => row.shape },
  { head: 'median', cell: (row) => `${figure(row.medianMs ?? 0)} ms` },
  { head: 'p10 to p90', cell: (row) => `${figure(row.p10Ms ?? 0)} to ${figure(row.p90Ms ?? 0)} ms` },
  { head: 'GFLOP/s', cell: (row) => (row.gflops === null ? '–' : figure(row.gflops)) },
];

export function TimeIt({ original }: { readonly original: string }) {
  const now = session.value;
  const edited = step.view.value.src !== '' || step.view.value.strike.length > 0;
  const t = timing.value;
  if (!now?.subject.contract || !edited) return null;
  return (
    <>
      <p>
        <button type="button" disabled={t.kind === 'running'} onClick={() => void run(now, original)}>
          {t.kind === 'running' ? 'Timing …' : `Time it beside ${spoken(now.subject.contract.version.id)}`}
        </button>{' '}
        <span class="quiet-text">
          {t.kind === 'running'
            ? t.what
            : 'On the op’s first bench shape; checked against the reference first.'}
        </span>
      </p>
      {t.kind === 'failed' && <p class="warn-text">{t.message}</p>}
      {t.kind === 'done' && (
        <DataTable
          label="Edited and shipped"
          columns={columns}
          rows={t.rows}
          keyOf={(row) => row.version + row.peer}
          why={(row) => (row.medianMs === null ? (row.why ?? 'no figure') : null)}
          whyClass="bad-text"
        />
      )}
      {t.kind === 'done' && t.invalid.length > 0 && (
        <p class="warn-text">Not to be trusted: {t.invalid.join('; ')}.</p>
      )}
    </>
  );
}
