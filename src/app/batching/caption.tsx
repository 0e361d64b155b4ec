// The sentence at the cursor, track by track, and what it says to a screen reader once the cursor rests.

import { useEffect } from 'preact/hooks';
import { seconds } from '../../views/batching/axis.ts';
import { describeMoment, momentAt } from '../../views/batching/caption.ts';
import { requestName, waitText } from '../../views/batching/paint.ts';
import { KIND_STYLES } from '../../views/batching/pen.ts';
import { cellAt, kindName, type Track, waitAt } from '../../views/batching/track.ts';
import { announce } from '../ui/index.ts';
import { cursor, mode, playedTo, tracks } from './cursor.ts';
import { goInside, inside } from './inside.ts';
import type { Shown } from './shown.ts';
import { Texts } from './texts.tsx';
import { batching } from './view.ts';

export function CaptionPanel({ shown }: { readonly shown: Shown }) {
  const place = cursor.value;
  const lines =
    place === null
      ? []
      : tracks.value.map((track) => ({ track, moment: momentAt(track, mode.value, place) }));
  const [first] = lines;
  const head =
    place === null || !first
      ? ''
      : mode.value === 'time'
        ? `At ${seconds(place)}`
        : `In step ${Math.floor(place) + 1}`;
  const texts = lines.map(({ track, moment }) => `${track.title} ${describeMoment(track, moment)}`);
  const said = `${head}: ${texts.join(' ')}`;
  useEffect(() => {
    if (place === null || playedTo.peek() !== null) return;
    // while the cursor moves nothing is said
    const rest = setTimeout(() => announce(said), 500);
    return () => clearTimeout(rest);
  }, [said, place]);
  if (place === null) return null;
  return (
    <div class="caption batching-caption" data-testid="caption">
      <strong>{head}</strong>
      {lines.map(({ track, moment }, i) => (
        <p key={track.key}>
          <b>{track.title}</b>
          {moment.step === undefined ? '' : ` (step ${moment.step + 1} of ${track.steps})`}{' '}
          {texts[i]?.slice(track.title.length + 1)}
        </p>
      ))}
      <ChosenLine place={place} />
      <Texts shown={shown} />
      {batching.view.value.door !== 'step' && inside.value && (
        <button type="button" class="small quiet inside-step" onClick={goInside}>
          Inside step {inside.value.step + 1} of {inside.value.lane.track.title} <kbd>i</kbd>
        </button>
      )}
    </div>
  );
}

/** The picked request in every track: what it does now, and how it fared. */
function ChosenLine({ place }: { readonly place: number }) {
  const number = batching.view.value.request;
  if (number === 0) return null;
  return (
    <ul class="chosen-line">
      {tracks.value.map((track) => {
        const r = track.ids.indexOf(number - 1);
        if (r < 0) return null;
        return (
          <li key={track.key}>
            <b>
              {requestName(track, r)} in {track.title}:
            </b>{' '}
            {describeRequest(track, r, place)}
          </li>
        );
      })}
    </ul>
  );
}

function describeRequest(track: Track, r: number, place: number): string {
  const moment = momentAt(track, mode.value, place);
  const c = moment.step === undefined ? undefined : cellAt(track, r, moment.step);
  const w = waitAt(track, r, moment.time);
  const now =
    c !== undefined
      ? `${KIND_STYLES[kindName(track.cells.kind[c] as number)].label.toLowerCase()}, ${track.cells.tokens[c]} ${track.cells.tokens[c] === 1 ? 'token' : 'tokens'}`
      : w !== undefined
        ? `waits since ${seconds(track.waits.from[w] as number)}: ${waitText(track.waits.reason[w] as number)}`
        : (track.ended[r] as number) <= moment.time
          ? 'has ended'
          : (track.arrival[r] as number) > moment.time
            ? 'has not arrived'
            : 'nothing of it runs';
  const first = track.firstToken[r] as number;
  const after = (time: number): string => seconds(time - (track.arrival[r] as number));
  const end = track.answered[r]
    ? `answered after ${after(track.ended[r] as number)}`
    : 'not answered to its end';
  const fared = Number.isNaN(first)
    ? 'no token'
    : `first token after ${after(first)} (step ${(track.firstStep[r] as number) + 1}), ${track.outputs[r]} tokens, ${end}`;
  return `${now}; ${fared}.`;
}
