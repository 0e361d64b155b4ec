// The tracks as text: what the canvases show, for those who cannot see them and for those who want to read it.

import { seconds } from '../../views/batching/axis.ts';
import { requestName, waitText } from '../../views/batching/paint.ts';
import type { Track } from '../../views/batching/track.ts';
import { Panel, TableFrame } from '../ui/index.ts';
import type { Shown } from './shown.ts';

/** Rows that are listed; the CSV export has them all. */
const MOST = 60;

export function TextForm({ shown }: { readonly shown: Shown }) {
  return (
    <Panel title="The same as text" class="text-form" flush>
      <details>
        <summary>Every request of every strategy</summary>
        {shown.lanes.map((lane) => (
          <TrackText key={lane.key} track={lane.track} />
        ))}
      </details>
    </Panel>
  );
}

function TrackText({ track }: { readonly track: Track }) {
  const prompts = track.trace.requests.columns.prompt;
  const rows = Math.min(MOST, track.requests);
  return (
    <TableFrame label={`${track.title}, request by request`}>
      <caption>
        {track.title}: {track.steps} steps, {seconds(track.end)}. {track.rule}
        {track.requests > rows && ` The first ${rows} of ${track.requests} requests; the CSV file has all.`}
      </caption>
      <thead>
        <tr>
          {['Request', 'Prompt', 'Answer', 'First token', 'in step', 'Answered', 'in step', 'Waited for'].map(
            (head, i) => (
              <th key={`${head}${i}`} scope="col" class={i === 7 ? 'left' : ''}>
                {head}
              </th>
            ),
          )}
        </tr>
      </thead>
      <tbody>
        {Array.from({ length: rows }, (_, r) => (
          <tr key={track.ids[r]}>
            <th scope="row">{requestName(track, r)}</th>
            <td>{prompts[r]}</td>
            <td>{track.outputs[r]}</td>
            <td>{seconds((track.firstToken[r] as number) - (track.arrival[r] as number))}</td>
            <td>{(track.firstStep[r] as number) + 1}</td>
            <td>{seconds((track.ended[r] as number) - (track.arrival[r] as number))}</td>
            <td>{(track.lastStep[r] as number) + 1}</td>
            <td class="left">{waitsText(track, r)}</td>
          </tr>
        ))}
      </tbody>
    </TableFrame>
  );
}

function waitsText(track: Track, r: number): string {
  const { offset, from, to, reason } = track.waits;
  const parts: string[] = [];
  for (let w = offset[r] as number; w < (offset[r + 1] as number); w++)
    parts.push(`${seconds((to[w] as number) - (from[w] as number))}: ${waitText(reason[w] as number)}`);
  return parts.length > 3 ? `${parts.length} waits, first ${parts[0]}` : parts.join('; ') || 'nothing';
}
