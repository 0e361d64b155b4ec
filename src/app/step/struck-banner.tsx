// What striking a barrier out did, in one line, with the way back.

import { findings, phase, verdict, whole } from './session.ts';
import { toggleStrike } from './source-pane.tsx';
import { jump, spotOf } from './tab-findings.tsx';
import { step } from './view.ts';

export function StruckBanner() {
  const struck = step.view.value.strike;
  if (struck.length === 0 || phase.value.kind === 'failed') return null;
  const races = findings.value.filter((f) => f.kind === 'race');
  const [race] = races;
  const v = verdict.value;
  return (
    <section class="struck-banner" role="status">
      <p>
        Without the barrier on line {struck.join(' and ')}: {!whole.value && 'running all workgroups …'}
        {whole.value && v && (
          <b class={v.failed > 0 ? 'bad-text' : 'good-text'}>
            {v.failed > 0
              ? `${v.failed.toLocaleString('en')} of ${v.cells.toLocaleString('en')} cells are wrong`
              : 'the result is still right, this time'}
          </b>
        )}
        {race ? (
          <>
            ; lines <b>{race.first.span.line}</b> and <b>{race.second.span.line}</b> race.
          </>
        ) : whole.value ? (
          '; no race was found.'
        ) : (
          ''
        )}
      </p>
      {race && (
        <>
          <button type="button" class="small" onClick={() => jump(race.first, spotOf(race))}>
            to the {race.first.access}, line {race.first.span.line}
          </button>
          <button type="button" class="small" onClick={() => jump(race.second, spotOf(race))}>
            to the {race.second.access}, line {race.second.span.line}
          </button>
        </>
      )}
      {struck.map((line) => (
        <button key={line} type="button" class="small primary" onClick={() => toggleStrike(Number(line))}>
          Put line {line} back
        </button>
      ))}
    </section>
  );
}
