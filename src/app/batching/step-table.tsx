// What the step at the cursor was made of, one column a track: rows, tokens, pages, and where its time went.

import { seconds } from '../../views/batching/axis.ts';
import { momentAt } from '../../views/batching/caption.ts';
import type { Track } from '../../views/batching/track.ts';
import { TableFrame, Term } from '../ui/index.ts';
import { cursor, mode, tracks } from './cursor.ts';

interface Line {
  readonly label: string;
  readonly term?: string;
  of(track: Track, step: number, place: number): string;
}

const column = (
  track: Track,
  name: 'running' | 'waiting' | 'usedPages' | 'host' | 'readback',
  s: number,
): number => track.trace.steps.columns[name][s] as number;

/** A time that was measured, or that it was not. */
const told = (value: number): string => (Number.isNaN(value) ? '–' : seconds(value));

const LINES: readonly Line[] = [
  { label: 'Step', of: (track, s) => `${s + 1} of ${track.steps}` },
  {
    label: 'Time',
    of: (track, s) =>
      seconds((track.trace.steps.columns.end[s] as number) - (track.trace.steps.columns.start[s] as number)),
  },
  { label: 'of it, waiting for the sampled ids', of: (track, s) => told(column(track, 'readback', s)) },
  { label: 'Host work before it', of: (track, s) => told(column(track, 'host', s)) },
  {
    label: 'Rows that decode',
    of: (track, _s, place) => String(momentAt(track, mode.value, place).decoding.length),
  },
  {
    label: 'Prompt tokens',
    term: 'prefill',
    of: (track, _s, place) => String(momentAt(track, mode.value, place).promptTokens),
  },
  {
    label: 'Tokens thrown away',
    of: (track, _s, place) => String(momentAt(track, mode.value, place).paddingTokens),
  },
  { label: 'Requests in slots', of: (track, s) => `${column(track, 'running', s)} of ${track.slots}` },
  { label: 'Requests waiting', of: (track, s) => String(column(track, 'waiting', s)) },
  { label: 'KV pages taken', of: (track, s) => String(column(track, 'usedPages', s)) },
];

export function StepTable() {
  const place = cursor.value ?? 0;
  return (
    <TableFrame label="The step at the cursor">
      <thead>
        <tr>
          <th scope="col">
            <span class="offscreen">What</span>
          </th>
          {tracks.value.map((track) => (
            <th key={track.key} scope="col">
              {track.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {LINES.map((line) => (
          <tr key={line.label}>
            <th scope="row">{line.term ? <Term of={line.term}>{line.label}</Term> : line.label}</th>
            {tracks.value.map((track) => {
              const { step } = momentAt(track, mode.value, place);
              return <td key={track.key}>{step === undefined ? '–' : line.of(track, step, place)}</td>;
            })}
          </tr>
        ))}
      </tbody>
    </TableFrame>
  );
}
