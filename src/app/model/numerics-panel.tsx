// In which orders the loaded model sums, and whether that keeps a token's logits the same in every batch on this device.

import { describeProbe, describeStanding } from '../../model/probe-report.ts';
import { standingBadges } from '../standing-badges.ts';
import { Badge, Panel, Term } from '../ui/index.ts';
import { busy, generation, loaded, probed } from './state.ts';
import { TaskStatus } from './task-status.tsx';
import { probeDevice, underway } from './tasks.ts';

export function NumericsPanel() {
  const ready = loaded.value;
  if (!ready) return null;
  const { standing, served } = ready.invariance;
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
          onClick={() => void probeDevice()}
        >
          Probe this device
        </button>
      }
    >
      <p class="small-text">
        <Badge kind={standingBadges[standing]}>{served}</Badge> {describeStanding(ready.invariance)}{' '}
        <Term of="reduction id">Summed as</Term> <code>{ready.reduction}</code>.
      </p>
      {generation.value && (
        <p class="small-text quiet-text">
          Probing ends the text: its pages are written over, and the panels beside it start anew.
        </p>
      )}
      <TaskStatus of="probe" />
      {report && (
        <p class={`small-text${report.identical || served === 'fast' ? '' : ' bad-text'}`} role="status">
          {describeProbe(report)}
        </p>
      )}
    </Panel>
  );
}
