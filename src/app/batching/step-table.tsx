// What the step at the cursor was made of, one column a track: rows, tokens, pages, and where its time went.

import { seconds } from '../../views/batching/axis.ts';
import { momentAt } from '../../views/batching/caption.ts';
import { TableFrame, Term } from '../ui/index.ts';
import { cursor, lanes, mode } from './cursor.ts';
import type { ShownLane } from './lanes.ts';

interface Line {
  readonly label: string;
  readonly term?: string;
  /** Null where nobody measured it: a line that no track has is left out. */
  of(lane: ShownLane, step: number, place: number): string | null;
}

const column = (
  { track }: ShownLane,
  name: 'start' | 'end' | 'running' | 'waiting' | 'usedPages' | 'host' | 'readback',
  s: number,
): number => track.trace.steps.columns[name][s] as number;

const told = (value: number): string | null => (Number.isNaN(value) ? null : seconds(value));
const simulated = ({ runs }: ShownLane): boolean => runs[0]?.served.header.clock === 'virtual';

const LINES: readonly Line[] = [
  { label: 'Step', of: ({ track }, s) => `${s + 1} of ${track.steps}` },
  { label: 'Time', of: (lane, s) => seconds(column(lane, 'end', s) - column(lane, 'start', s)) },
  // a device's steps begin with their encoding; the virtual clock counts the host between them
  { label: 'of it, encoding', of: (lane, s) => (simulated(lane) ? null : told(column(lane, 'host', s))) },
  { label: 'of it, waiting for the sampled ids', of: (lane, s) => told(column(lane, 'readback', s)) },
  { label: 'Host work before it', of: (lane, s) => (simulated(lane) ? told(column(lane, 'host', s)) : null) },
  {
    label: 'Rows that decode',
    of: ({ track }, _s, place) => String(momentAt(track, mode.value, place).decoding.length),
  },
  {
    label: 'Prompt tokens',
    term: 'prefill',
    of: ({ track }, _s, place) => String(momentAt(track, mode.value, place).promptTokens),
  },
  {
    label: 'Tokens thrown away',
    of: ({ track }, _s, place) => String(momentAt(track, mode.value, place).paddingTokens),
  },
  { label: 'Requests in slots', of: (lane, s) => `${column(lane, 'running', s)} of ${lane.track.slots}` },
  { label: 'Requests waiting', of: (lane, s) => String(column(lane, 'waiting', s)) },
  { label: 'KV pages taken', of: (lane, s) => String(column(lane, 'usedPages', s)) },
];

export function StepTable() {
  const place = cursor.value ?? 0;
  const drawn = lanes.value;
  const steps = drawn.map(({ track }) => momentAt(track, mode.value, place).step);
  const lines = LINES.map((line) => ({
    ...line,
    cells: drawn.map((lane, i) => {
      const step = steps[i];
      return step === undefined ? null : line.of(lane, step, place);
    }),
  }));
  return (
    <TableFrame label="The step at the cursor">
      <thead>
        <tr>
          <th scope="col">
            <span class="offscreen">What</span>
          </th>
          {drawn.map((lane) => (
            <th key={lane.key} scope="col">
              {lane.track.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {lines
          .filter(({ cells }, i) => i === 0 || cells.some((cell) => cell !== null))
          .map(({ label, term, cells }) => (
            <tr key={label}>
              <th scope="row">{term ? <Term of={term}>{label}</Term> : label}</th>
              {drawn.map((lane, i) => (
                <td key={lane.key}>{cells[i] ?? '–'}</td>
              ))}
            </tr>
          ))}
      </tbody>
    </TableFrame>
  );
}
