// What each request has written by the cursor, track by track: the words behind the cells.

import { promptLength, writePrompt } from '../../engine/request.ts';
import { startedBy, timeOf } from '../../views/batching/axis.ts';
import { requestName } from '../../views/batching/paint.ts';
import { tokensBy } from '../../views/batching/track.ts';
import { TableFrame } from '../ui/index.ts';
import { cursor, lanes, mode } from './cursor.ts';
import type { ShownLane } from './lanes.ts';
import type { Shown } from './shown.ts';
import { batching } from './view.ts';
import { awaited, type Words, words } from './words.ts';

/** Beyond this many requests only the picked one is read. */
const MOST = 8;

export function Texts({ shown }: { readonly shown: Shown }) {
  const place = cursor.value;
  const spell = words.value;
  const [first] = lanes.value;
  if ((!spell && !awaited.value) || !first || place === null) return null;
  const { request } = batching.view.value;
  const all = Array.from({ length: first.track.requests }, (_, r) => r);
  const rows = all.length <= MOST ? all : all.filter((r) => first.track.ids[r] === request - 1);
  if (rows.length === 0) return null;
  return (
    <>
      <TableFrame label="What each request has written by the cursor" class="texts">
        <thead>
          <tr>
            <th scope="col" class="left">
              Prompt
            </th>
            {lanes.value.map((lane) => (
              <th key={lane.key} scope="col" class="left">
                {lane.track.title} goes on
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((r) => (
            <tr key={first.track.ids[r]}>
              <th scope="row" class="left">
                {requestName(first.track, r)}{' '}
                <span class="quiet-text">{spell ? promptText(shown, r, spell) : '…'}</span>
              </th>
              {lanes.value.map((lane) => (
                <td key={lane.key} class="left">
                  {spell ? writtenBy(lane, r, place, spell) : '…'}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </TableFrame>
      <p class="quiet-text small-text">
        Written by {shown.model}, a trained model so small that a GPU waits for launches: it shows words.
        Generated workloads, which compare speed, are served by a larger shape with random weights.
      </p>
    </>
  );
}

/** Prompt tokens of the request in row r. */
function promptIds(shown: Shown, r: number): number[] {
  const id = shown.lanes[0]?.track.ids[r];
  const request = shown.requests.find((one) => one.id === id);
  if (!request) return [];
  const ids = new Int32Array(promptLength(request.prompt));
  writePrompt(request.prompt, shown.lanes[0]?.limits.vocabulary ?? 1, ids);
  return [...ids];
}

const promptText = (shown: Shown, r: number, { decode }: Words): string => decode(promptIds(shown, r));

function writtenBy({ track }: ShownLane, r: number, place: number, { decode }: Words): string {
  const time = timeOf(track, mode.value, place);
  // a token is there when its step has ended
  let steps = startedBy(track, time);
  if (steps > 0 && (track.trace.steps.columns.end[steps - 1] as number) > time) steps--;
  return decode(tokensBy(track, r, steps)).trimStart() || '–';
}
