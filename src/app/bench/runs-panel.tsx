// The runs at hand: choose the one in view, compare several, open, download, and link.

import { day } from '../../views/format.ts';
import { absolute } from '../router.ts';
import { Badge, CopyButton, chooseFiles, download, Panel, tipOn } from '../ui/index.ts';
import { shortDevice } from './badge.tsx';
import { source } from './here.ts';
import { encodeRun, trimmed } from './link.ts';
import { compared, type Origin, openFailures, openFiles, type Run, remove, runs } from './runs.ts';
import { bench } from './view.ts';

const originText: Readonly<Record<Origin, string>> = {
  recorded: 'recorded',
  yours: 'yours',
  file: 'file',
  link: 'link',
};

const fileName = (run: Run): string =>
  `lockstep-kernels-${run.file.date.slice(0, 19).replaceAll(':', '')}.json`;

/** Opens files and shows the first that could be read. */
export async function open(files: readonly File[]): Promise<void> {
  const ids = await openFiles(files);
  const [first] = ids;
  if (first) bench.go({ run: first, result: '' });
  if (ids.length > 1) compared.value = ids;
}

export const openDialog = async (): Promise<void> => open(await chooseFiles('.json,application/json'));

export function downloadShown(): void {
  const run = source.value?.run;
  if (run) download(fileName(run), `${JSON.stringify(run.file, null, 1)}\n`);
}

/** A link that carries the figures in view, with their device. */
export async function resultLink(): Promise<string> {
  const run = source.value?.run;
  const { op, dtype } = bench.view.value;
  if (!run) return location.href;
  const text = await encodeRun(trimmed(run.file, (row) => row.op === op && row.dtype === dtype));
  return absolute(bench.link({ result: text, run: '', recipe: '' }));
}

/** A link that asks its reader to run the same. */
export const recipeLink = (): string => absolute(bench.link({ result: '', run: '', recipe: 'ask' }));

function RunRow({ run }: { readonly run: Run }) {
  const inView = source.value?.run?.id === run.id;
  const toggle = (): void => {
    compared.value = compared.value.includes(run.id)
      ? compared.value.filter((id) => id !== run.id)
      : [...compared.value, run.id];
  };
  return (
    <li class={inView ? 'chosen' : ''}>
      <input
        type="checkbox"
        aria-label={`Compare ${run.id}`}
        checked={compared.value.includes(run.id)}
        onChange={toggle}
      />
      <div>
        <a
          href={bench.link({ run: run.id, result: run.origin === 'link' ? bench.view.value.result : '' })}
          aria-current={inView ? 'true' : undefined}
          {...tipOn(
            `${run.file.command}${run.file.commit ? `, at commit ${run.file.commit.slice(0, 12)}` : ''}`,
          )}
        >
          <span class={run.file.device.fallback ? 'warn-text' : ''}>{shortDevice(run)}</span>
          <span class="quiet-text">
            {' '}
            {day(run.file.date)} · {run.file.results.length} rows
          </span>
        </a>
        <Badge>{originText[run.origin]}</Badge>
        {run.file.invalid.length > 0 && <Badge kind="bad">marked invalid</Badge>}
      </div>
      {run.origin !== 'recorded' && (
        <button
          type="button"
          class="quiet small"
          aria-label={`Remove ${run.id}`}
          onClick={() => remove(run.id)}
        >
          Remove
        </button>
      )}
    </li>
  );
}

export function RunsPanel() {
  return (
    <Panel
      title="Runs"
      class="runs-panel"
      note="tick two or more to compare them"
      actions={
        <>
          <button type="button" class="small" onClick={() => void openDialog()}>
            Open JSON
          </button>
          <button type="button" class="small" disabled={!source.value?.run} onClick={downloadShown}>
            Download JSON
          </button>
          {source.value?.run && (
            <CopyButton
              class="small"
              label="Result link"
              what="a link that carries these figures"
              text={resultLink}
            />
          )}
          <CopyButton
            class="small"
            label="Recipe link"
            what="a link that asks to run this"
            text={recipeLink}
          />
        </>
      }
    >
      {openFailures.value.map((failure) => (
        <p key={failure.message} class="bad-text" role="alert">
          {failure.message} {failure.hint}
        </p>
      ))}
      <ul class="runs">
        {runs.value.map((run) => (
          <RunRow key={run.id} run={run} />
        ))}
      </ul>
      {runs.value.length === 0 && (
        <p class="empty">
          No run yet. Press Run, or open a file; files can also be dropped anywhere on this page.
        </p>
      )}
    </Panel>
  );
}
