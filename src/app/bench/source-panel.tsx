// The source of the chosen version, beside what its header says about it: what changed, why, and whether it won.

import type { KernelVersion } from '../../kernels/catalog.ts';
import { codeStart } from '../../kernels/header.ts';
import { ours } from '../../views/facts.ts';
import { spoken } from '../../views/format.ts';
import { pages } from '../page.ts';
import { Badge, CodePane, CopyButton, Panel, Term } from '../ui/index.ts';
import { catalog } from './catalog.ts';
import { here } from './here.ts';
import { bench, stepLink } from './view.ts';

function HeaderFacts({ version }: { readonly version: KernelVersion }) {
  return (
    <dl class="version-facts">
      <dt>What</dt>
      <dd>
        <b>{version.title}</b>
      </dd>
      <dt>Change</dt>
      <dd>{version.change}</dd>
      <dt>Why</dt>
      <dd>{version.why}</dd>
      <dt>Result</dt>
      <dd>{version.result}</dd>
      <dt>
        <Term of="reduction id">Sums as</Term>
      </dt>
      <dd>
        <code>{version.reduction}</code>
        {version.needs.map((need) => (
          <Badge key={need}>needs {need}</Badge>
        ))}
      </dd>
    </dl>
  );
}

/** The version whose source is shown: the chosen row's, else the first of the op. */
function useVersion(): KernelVersion | null {
  const entry = catalog.value?.get(bench.view.value.op);
  const { row } = bench.view.value;
  const { chosen } = here.value;
  const named = entry?.versions.find((v) => v.id === row);
  const ran = chosen?.peer === ours ? entry?.versions.find((v) => v.id === chosen.version) : undefined;
  return named ?? ran ?? entry?.versions[0] ?? null;
}

export function SourcePanel() {
  const version = useVersion();
  if (!version) return <Panel title="Source" class="source-panel" />;
  return (
    <Panel
      flush
      class="source-panel"
      title={spoken(version.id)}
      actions={
        <>
          {pages.has('step') && (
            <a class="button small" href={stepLink(version.op, version.id, here.value.dtype)}>
              Step
            </a>
          )}
          <CopyButton
            class="small"
            label="Copy"
            what={`the source of ${version.id}`}
            text={() => version.source}
          />
        </>
      }
    >
      <HeaderFacts version={version} />
      <CodePane
        label={`Source of ${version.path}`}
        source={version.source}
        from={codeStart(version.source)}
      />
    </Panel>
  );
}
