// The capability report and the ceilings behind the figures in view.

import type { DeviceReport } from '../../measure/schema.ts';
import { bytes, exact, figure } from '../../views/format.ts';
import { device } from '../gpu.ts';
import { Badge, InTurn, Panel, Term } from '../ui/index.ts';
import { CeilingTable } from './ceiling-table.tsx';
import { source } from './here.ts';

const limitText = (name: string, value: number): string =>
  /Size|Storage/.test(name) && value >= 1024 && !/Workgroup(Size|s)|Buffers/.test(name)
    ? bytes(value)
    : exact(value);

function clock(quantum: number | null): string {
  if (quantum === null) return 'none: wall clock around each submit';
  return quantum >= 1000
    ? `GPU timestamps in steps of ${figure(quantum / 1000)} µs, so slopes between R and 2R dispatches`
    : `GPU timestamps in steps of ${quantum} ns`;
}

function Report({ report }: { readonly report: DeviceReport }) {
  const { subgroups } = report;
  return (
    <>
      <dl class="facts">
        <dt>Vendor</dt>
        <dd>{report.vendor || 'not told'}</dd>
        <dt>Architecture</dt>
        <dd>{[report.architecture, report.device].filter(Boolean).join(', ') || 'not told'}</dd>
        {report.description && (
          <>
            <dt>Description</dt>
            <dd>{report.description}</dd>
          </>
        )}
        <dt>
          <Term of="fallback adapter">Fallback</Term>
        </dt>
        <dd>{report.fallback ? <Badge kind="warn">yes: a CPU, not a GPU</Badge> : 'no'}</dd>
        <dt>
          <Term of="subgroup">Subgroups</Term>
        </dt>
        <dd>
          {subgroups
            ? subgroups.min === subgroups.max
              ? subgroups.min
              : `${subgroups.min} to ${subgroups.max}`
            : 'not available'}
        </dd>
        <dt>
          <Term of="timestamp quantum">Clock</Term>
        </dt>
        <dd>{clock(report.timestampQuantumNs)}</dd>
        <dt>Browser</dt>
        <dd>
          {report.browser}, {report.platform}, {report.cores} cores
        </dd>
        {report.flags.length > 0 && (
          <>
            <dt>Flags</dt>
            <dd>
              <code>{report.flags.join(' ')}</code>
            </dd>
          </>
        )}
        <dt>Features</dt>
        <dd class="tags">
          {[...report.features, ...report.wgslFeatures].map((feature) => (
            <code key={feature}>{feature}</code>
          ))}
        </dd>
      </dl>
      <details>
        <summary>Limits</summary>
        <dl class="facts limits">
          {Object.entries(report.limits).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{limitText(name, value)}</dd>
            </div>
          ))}
        </dl>
      </details>
    </>
  );
}

export function DeviceCard() {
  const shown = source.value?.device ?? null;
  const ceilings = source.value?.ceilings;
  const missingCeilings = source.value?.run?.file.missingCeilings;
  const own = device.value;
  const same = shown !== null && own !== null && JSON.stringify(shown) === JSON.stringify(own);
  return (
    <div class="device-cards">
      {own && (
        <InTurn>
          <Panel title="Your device">
            <Report report={own} />
          </Panel>
        </InTurn>
      )}
      {shown && !same && (
        <InTurn>
          <Panel
            title="The device of the run in view"
            note={source.value?.run ? 'not necessarily yours' : ''}
          >
            <Report report={shown} />
          </Panel>
        </InTurn>
      )}
      {ceilings && (
        <InTurn>
          <Panel flush title="Ceilings of this run">
            <CeilingTable ceilings={ceilings} {...(missingCeilings && { missingCeilings })} />
          </Panel>
        </InTurn>
      )}
    </div>
  );
}
