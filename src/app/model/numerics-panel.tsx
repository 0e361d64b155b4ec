// In which orders the loaded model sums, and whether that keeps a token's logits the same in every batch on this device.

import { describeProbe } from '../../model/probe-report.ts';
import { Badge, Panel } from '../ui/index.ts';
import { busy, loaded, probed } from './state.ts';
import { TaskStatus } from './task-status.tsx';
import { probeDevice, underway } from './tasks.ts';

export function NumericsPanel() {
  const ready = loaded.value;
  if (!ready) return null;
  const numerics = ready.options.numerics ?? 'canonical';
  const report = probed.value;
  return (
    <Panel
      title="The same in every batch?"
      class="numerics-panel"
      actions={
        <button
          type="button"
          class="small"
          disabled={busy.value || underway.value !== null}
          aria-description="The text ends: its pages are written over."
          onClick={() => void probeDevice()}
        >
          Probe this device
        </button>
      }
    >
      <p class="small-text">
        <Badge kind={numerics === 'canonical' ? 'good' : 'warn'}>{numerics}</Badge>{' '}
        {numerics === 'canonical'
          ? 'All kernels of an op sum in one order, so a token’s logits should not depend on the batch.'
          : 'Each op takes its quickest kernel: a token’s logits depend on what runs beside it.'}{' '}
        <code>{ready.reduction}</code>
      </p>
      <TaskStatus of="probe" />
      {report && (
        <p class={`small-text${report.identical || numerics === 'fast' ? '' : ' bad-text'}`} role="status">
          {describeProbe(report)}
        </p>
      )}
    </Panel>
  );
}
