// In which orders the loaded model sums, and whether that keeps a token's logits the same in every batch on this device.

import { describeProbe, describeStanding } from '../../model/probe-report.ts';
import { Badge, Panel } from '../ui/index.ts';
import { busy, loaded, measuring, probeDevice, probed } from './session.ts';

const badges = { kept: 'good', 'fell back': 'warn', 'still differs': 'bad', 'not promised': 'warn' } as const;

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
          disabled={busy.value || measuring.value}
          aria-description="The text ends: its pages are written over."
          onClick={() => void probeDevice()}
        >
          {measuring.value ? 'Measuring …' : 'Probe this device'}
        </button>
      }
    >
      <p class="small-text">
        <Badge kind={badges[standing]}>{served}</Badge> {describeStanding(ready.invariance)}{' '}
        <code>{ready.reduction}</code>
      </p>
      {report && (
        <p class={`small-text${report.identical || served === 'fast' ? '' : ' bad-text'}`} role="status">
          {describeProbe(report)}
        </p>
      )}
    </Panel>
  );
}
