// Whose a run is and where it was measured, beside every figure that it gives.

import { deviceLine } from '../../measure/schema.ts';
import { day } from '../../views/format.ts';
import { Badge } from '../ui/index.ts';
import type { Run } from './runs.ts';

const origins = {
  recorded: 'Recorded on',
  yours: 'Measured here, on',
  file: 'From a file, measured on',
  link: 'From a link, measured on',
} as const;

/** `Apple metal-3 · Chrome 142.0` */
export const shortDevice = (run: Run): string =>
  deviceLine(run.file.device).split(' · ').slice(0, 2).join(' · ');

export function RunBadge({ run }: { readonly run: Run }) {
  const { device, date, invalid } = run.file;
  return (
    <div class="run-badge">
      <p>
        {origins[run.origin]} <b class={device.fallback ? 'warn-text' : ''}>{shortDevice(run)}</b>,{' '}
        {day(date)}
      </p>
      {run.origin !== 'yours' && <Badge kind="warn">not your GPU</Badge>}
      {device.fallback && <Badge kind="warn">a CPU’s figures</Badge>}
      {invalid.length > 0 && (
        <p class="bad-text">
          <b>Not to be trusted:</b> {invalid.join('; ')}.
        </p>
      )}
    </div>
  );
}
