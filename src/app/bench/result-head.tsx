// Whose figures a tab shows, and what spoils them.

import { type DeviceReport, deviceLine } from '../../measure/schema.ts';
import { day } from '../../views/format.ts';
import { Badge, download } from '../ui/index.ts';

export interface MeasuredFile {
  readonly schema: string;
  readonly date: string;
  readonly device: DeviceReport;
  readonly command: string;
  readonly invalid: readonly string[];
}

export function ResultHead({ file, name }: { readonly file: MeasuredFile; readonly name: string }) {
  return (
    <>
      <p class="run-badge">
        <span>
          Measured here, on <b class={file.device.fallback ? 'warn-text' : ''}>{deviceLine(file.device)}</b>,{' '}
          {day(file.date)}.
        </span>
        {file.device.fallback && <Badge kind="warn">a CPU: says nothing about a GPU</Badge>}
        <button
          type="button"
          class="small"
          onClick={() =>
            download(`lockstep-${name}-${file.date.slice(0, 10)}.json`, JSON.stringify(file, null, 1))
          }
        >
          Download JSON
        </button>
      </p>
      {file.invalid.map((why) => (
        <p key={why} class="run-failure" role="alert">
          Not to be trusted: {why}.
        </p>
      ))}
    </>
  );
}
